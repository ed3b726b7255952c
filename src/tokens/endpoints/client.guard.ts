import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { type FastifyRequest } from 'fastify';
import { ANONYMOUS, aClient } from '../../audit/actor.js';
import { type AuditFacts, AuditTrail } from '../../audit/audit-trail.service.js';
import { type Origin, originOf } from '../../audit/origin.js';
import { ClientsService } from '../../clients/clients.service.js';
import { AuthError } from '../../common/errors/auth-error.js';
import { isUuid } from '../../common/uuid.js';
import { presentedCredentials, type PresentedCredentials } from './client-credentials.js';
import { type OAuthClient } from './oauth-client.js';

/** Lets clients through that prove by a secret who they are; `@CallingClient()` hands the client to the controller. */
@Injectable()
export class ClientGuard implements CanActivate {
  constructor(
    private readonly clients: ClientsService,
    private readonly audit: AuditTrail,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest & { callingClient?: OAuthClient }>();
    request.callingClient = await this.identify(presentedCredentials(request), originOf(request));
    return true;
  }

  protected async identify({ id, secret }: PresentedCredentials, by: Origin): Promise<OAuthClient> {
    const client = secret === null ? null : await this.clients.authenticate(id, secret);
    if (!client) {
      await this.audit.recordRefusal('client.refused', refusedClient(id, by));
      throw new AuthError('invalid_client', { reason: 'unknown client, or wrong secret' });
    }
    return { id: client.id, scopes: client.scopes, isPublic: false };
  }
}

/** What is told of a client that was refused. An id that is none may be a secret in the wrong place. */
export function refusedClient(id: string, by: Origin): AuditFacts<'client.refused'> {
  return { by, actor: ANONYMOUS, target: isUuid(id) ? aClient(id) : null, details: {} };
}
