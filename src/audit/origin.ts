import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { type FastifyRequest } from 'fastify';
import { deviceOf } from '../common/http/device.js';
import { type Actor, actorOf, sessionOf } from './actor.js';
import { canonicalAddress } from './network.js';

/** Who does something, and from where. */
export interface Origin {
  readonly actor: Actor;
  /** The session of the token that came with the request. */
  readonly sessionId: string | null;
  readonly ip: string | null;
  readonly userAgent: string | null;
  /** As the answer and the log name it. */
  readonly requestId: string | null;
}

const nowhere = { sessionId: null, ip: null, userAgent: null, requestId: null };

/** The service itself: at its start, or when the time for something has come. */
export const BY_SYSTEM: Origin = { ...nowhere, actor: { type: 'system', id: null } };

/** Somebody who may start programs beside the service. */
export const BY_COMMAND: Origin = { ...nowhere, actor: { type: 'command', id: null } };

/** A request, of which nothing is read that nobody asks for: most of them lead to no event. */
class RequestOrigin implements Origin {
  constructor(private readonly request: FastifyRequest) {}

  get actor(): Actor {
    return actorOf(this.request);
  }

  get sessionId(): string | null {
    return sessionOf(this.request);
  }

  get ip(): string | null {
    return canonicalAddress(deviceOf(this.request).ip);
  }

  get userAgent(): string | null {
    return deviceOf(this.request).userAgent;
  }

  get requestId(): string {
    return this.request.id;
  }
}

export function originOf(request: FastifyRequest): Origin {
  return new RequestOrigin(request);
}

/** The same place, where somebody else acts than the guards have found. */
export function asActor({ sessionId, ip, userAgent, requestId }: Origin, actor: Actor): Origin {
  return { actor, sessionId, ip, userAgent, requestId };
}

/** Whose request it is, and from where, for what is recorded of it. */
export const FromOrigin = createParamDecorator((_: undefined, context: ExecutionContext): Origin =>
  originOf(context.switchToHttp().getRequest<FastifyRequest>()),
);
