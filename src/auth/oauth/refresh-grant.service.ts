import { Injectable } from '@nestjs/common';
import { type Origin } from '../../audit/origin.js';
import { AuthError } from '../../common/errors/auth-error.js';
import { type OAuthClient } from '../../tokens/endpoints/oauth-client.js';
import { PresentedTokenService } from '../../tokens/refresh/presented-token.service.js';
import { RefreshService } from '../../tokens/refresh/refresh.service.js';
import { type RefreshTokenClaims } from '../../tokens/refresh/refresh-token.service.js';
import { type TokenPair } from '../../tokens/refresh/token-pair.service.js';
import { type Verified } from '../../tokens/claims.js';
import { RevokedTokenRepository } from '../../tokens/revocation/revoked-token.repository.js';
import { type TokenRequestDto } from './dto/token-request.dto.js';

/** The grant `refresh_token` (RFC 6749 §6): the same flow as `POST /token/refresh`, in the words of OAuth. */
@Injectable()
export class RefreshGrantService {
  constructor(
    private readonly presentedTokens: PresentedTokenService,
    private readonly revokedTokens: RevokedTokenRepository,
    private readonly refreshes: RefreshService,
  ) {}

  /** @throws AuthError `invalid_request`, `invalid_scope`, `invalid_target`, `invalid_grant`. */
  async grant(client: OAuthClient, request: TokenRequestDto, by: Origin): Promise<TokenPair> {
    const { refresh_token, scope, resource } = request;
    if (refresh_token === undefined) throw new AuthError('invalid_request', { reason: 'no refresh_token' });
    // RFC 6749 §6: no scope that was not granted with the session, and none ever is.
    if (scope !== undefined) throw new AuthError('invalid_scope');
    const claims = this.claimsOf(refresh_token, client);
    // What the guard of `POST /token/refresh` asks.
    if (await this.revokedTokens.isRevoked(claims)) throw new AuthError('invalid_grant', { reason: 'revoked' });
    try {
      return await this.refreshes.refresh(claims, by, resource);
    } catch (error) {
      throw asRefusalOfGrant(error);
    }
  }

  private claimsOf(text: string, { id }: OAuthClient): Verified<RefreshTokenClaims> {
    const token = this.presentedTokens.read(text);
    if (token?.use !== 'refresh_token') throw new AuthError('invalid_grant', { reason: 'no refresh token' });
    // RFC 6749 §5.2: nor one that was issued to another client. It stays unspent.
    if (token.claims.client_id !== id) throw new AuthError('invalid_grant', { reason: `not a token of client ${id}` });
    return token.claims;
  }
}

function asRefusalOfGrant(error: unknown): unknown {
  if (!(error instanceof AuthError) || error.code !== 'invalid_token') return error;
  return new AuthError('invalid_grant', { reason: error.message, cause: error });
}
