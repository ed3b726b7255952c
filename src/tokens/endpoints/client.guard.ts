import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { type FastifyRequest } from 'fastify';
import { ClientsService } from '../../clients/clients.service.js';
import { AuthError } from '../../common/errors/auth-error.js';
import { presentedCredentials, type PresentedCredentials } from './client-credentials.js';
import { type OAuthClient } from './oauth-client.js';

/** Lets clients through that prove by a secret who they are; `@CallingClient()` hands the client to the controller. */
@Injectable()
export class ClientGuard implements CanActivate {
  constructor(private readonly clients: ClientsService) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest & { callingClient?: OAuthClient }>();
    request.callingClient = await this.identify(presentedCredentials(request));
    return true;
  }

  protected async identify({ id, secret }: PresentedCredentials): Promise<OAuthClient> {
    const client = secret === null ? null : await this.clients.authenticate(id, secret);
    if (!client) throw new AuthError('invalid_client', { reason: 'unknown client, or wrong secret' });
    return { id: client.id, scopes: client.scopes, isPublic: false };
  }
}
