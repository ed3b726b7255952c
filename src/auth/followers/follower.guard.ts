import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { type FastifyRequest } from 'fastify';
import { AuditTrail } from '../../audit/audit-trail.service.js';
import { originOf } from '../../audit/origin.js';
import { type ClientScope } from '../../clients/client-scopes.js';
import { ClientsService } from '../../clients/clients.service.js';
import { Clock } from '../../common/clock.js';
import { AuthError } from '../../common/errors/auth-error.js';
import { type AccessTokenClaims, isOfClient } from '../../tokens/access/access-token.service.js';
import { type Verified } from '../../tokens/claims.js';
import { presentedCredentials } from '../../tokens/endpoints/client-credentials.js';
import { refusedClient } from '../../tokens/endpoints/client.guard.js';
import { AccessTokenGuard } from '../guards/access-token.guard.js';
import { type FollowerRight } from './follower-right.js';
import { type FollowerRequest } from './stream.service.js';

const SCOPE: ClientScope = 'revocations:read';

/** RFC 9110 §11.6.1: one field may name several schemes. */
const EITHER = { 'www-authenticate': 'Basic realm="recant", Bearer' };

type GuardedRequest = FastifyRequest & { user: Verified<AccessTokenClaims>; follower?: FollowerRequest };

/** Lets clients through that may follow the revocations, by their secret or by a token that they got for themselves. */
@Injectable()
export class FollowerGuard implements CanActivate {
  constructor(
    private readonly accessTokens: AccessTokenGuard,
    private readonly clients: ClientsService,
    private readonly clock: Clock,
    private readonly audit: AuditTrail,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const arrivedAtMs = this.clock.monotonicMs();
    const request = context.switchToHttp().getRequest<GuardedRequest>();
    request.follower = { arrivedAtMs, right: await this.rightOf(request, context) };
    return true;
  }

  private rightOf(request: GuardedRequest, context: ExecutionContext): Promise<FollowerRight> {
    const [scheme] = (request.headers.authorization ?? '').split(' ', 1);
    switch (scheme!.toLowerCase()) {
      case 'bearer':
        return this.byToken(request, context);
      case 'basic':
        return this.bySecret(request);
      default:
        throw new AuthError('invalid_client', { reason: 'no credentials', headers: EITHER });
    }
  }

  private async byToken(request: GuardedRequest, context: ExecutionContext): Promise<FollowerRight> {
    await this.accessTokens.canActivate(context);
    const { user: claims } = request;
    if (!isOfClient(claims)) throw new AuthError('insufficient_scope', { reason: 'for clients alone' });
    requireScope(claims.scope.split(' '));
    return { clientId: claims.client_id, claims };
  }

  private async bySecret(request: GuardedRequest): Promise<FollowerRight> {
    const { id, secret } = presentedCredentials({ headers: request.headers, body: undefined });
    const client = await this.clients.authenticate(id, secret!);
    if (!client) {
      await this.audit.recordRefusal('client.refused', refusedClient(id, originOf(request)));
      throw new AuthError('invalid_client', { reason: 'unknown client, or wrong secret' });
    }
    requireScope(client.scopes);
    return { clientId: client.id, proof: this.clients.proofOf(client.id, secret!) };
  }
}

function requireScope(scopes: readonly string[]): void {
  if (!scopes.includes(SCOPE)) throw new AuthError('insufficient_scope', { reason: `lacks ${SCOPE}` });
}
