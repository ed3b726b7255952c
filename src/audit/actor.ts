import { type FastifyRequest } from 'fastify';
import { type ActorType } from './audit-events.js';

/** Who does something. Those who are nobody in particular have no id. */
export interface Actor {
  type: ActorType;
  id: string | null;
}

export const ANONYMOUS: Actor = { type: 'anonymous', id: null };

/** What the guards leave at a request that they let through. */
type AdmittedRequest = FastifyRequest & {
  user?: { sub: string; sid?: string };
  callingClient?: { id: string };
};

/** Whom the guards have found a request to be from. */
export function actorOf(request: FastifyRequest): Actor {
  const { user, callingClient } = request as AdmittedRequest;
  if (callingClient) return { type: 'client', id: callingClient.id };
  if (!user) return ANONYMOUS;
  return user.sid === undefined ? { type: 'client', id: user.sub } : { type: 'user', id: user.sub };
}

/** The session of the token with which a request came. */
export function sessionOf(request: FastifyRequest): string | null {
  return (request as AdmittedRequest).user?.sid ?? null;
}

export function aUser(id: string): { type: 'user'; id: string } {
  return { type: 'user', id };
}

export function aClient(id: string): { type: 'client'; id: string } {
  return { type: 'client', id };
}
