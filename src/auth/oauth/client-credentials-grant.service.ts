import { Injectable } from '@nestjs/common';
import { type ClientScope, parseScope } from '../../clients/client-scopes.js';
import { ClientsService } from '../../clients/clients.service.js';
import { AuthError } from '../../common/errors/auth-error.js';
import { Environment } from '../../config/environment.js';
import { Transactions } from '../../database/transactions.js';
import { AccessTokenService } from '../../tokens/access/access-token.service.js';
import { IssueMomentRepository } from '../../tokens/access/issue-moment.repository.js';
import { type OAuthClient } from '../../tokens/endpoints/oauth-client.js';
import { type TokenRequestDto } from './dto/token-request.dto.js';

/** An access token that a client got for itself. */
export interface ClientToken {
  accessToken: string;
  /** Seconds from the moment of issuing. */
  expiresIn: number;
  scopes: readonly ClientScope[];
}

/** The grant `client_credentials` (RFC 6749 §4.4). */
@Injectable()
export class ClientCredentialsGrantService {
  constructor(
    private readonly clients: ClientsService,
    private readonly issueMoments: IssueMomentRepository,
    private readonly accessTokens: AccessTokenService,
    private readonly transactions: Transactions,
    private readonly environment: Environment,
  ) {}

  /** @throws AuthError `unauthorized_client`, `invalid_client`, `invalid_scope`, `invalid_target`. */
  async grant({ id, scopes: allowed, isPublic }: OAuthClient, request: TokenRequestDto): Promise<ClientToken> {
    // RFC 6749 §4.4: for confidential clients alone. Anyone could say to be this one.
    if (isPublic) throw new AuthError('unauthorized_client', { reason: 'a public client has no credentials' });
    const scopes = acceptScope(request.scope, allowed);
    const resource = this.accessTokens.acceptResource(request.resource);
    const moment = await this.transactions.run(async (tx) => {
      const client = await this.clients.findForIssuing(id, tx);
      return client && this.issueMoments.next(tx);
    });
    // Between its authentication and here.
    if (!moment) throw new AuthError('invalid_client', { reason: 'deleted meanwhile' });
    return {
      accessToken: this.accessTokens.issueToClient({ clientId: id, scopes, resource }, moment),
      expiresIn: this.environment.accessTokenTtlSeconds,
      scopes,
    };
  }
}

/** What was asked for, everything without it. @throws AuthError `invalid_scope` for more than is allowed. */
function acceptScope(scope: string | undefined, allowed: readonly ClientScope[]): readonly ClientScope[] {
  const scopes = scope === undefined ? allowed : parseScope(scope);
  if (!scopes?.every((word) => allowed.includes(word))) throw new AuthError('invalid_scope');
  return scopes;
}
