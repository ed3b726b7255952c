import { Injectable } from '@nestjs/common';
import { AuthError } from '../../common/errors/auth-error.js';
import { type AccessTokenClaims, AccessTokenService } from '../access/access-token.service.js';
import { type Verified } from '../claims.js';
import { RevokedTokenRepository } from '../revocation/revoked-token.repository.js';
import { SessionChainRepository } from '../sessions/session-chain.repository.js';
import { type RefreshTokenClaims, RefreshTokenService } from './refresh-token.service.js';

/** A token of either kind, verified: its signature, issuer, audience, times and claims are right. */
export type PresentedToken =
  | { use: 'access_token'; claims: Verified<AccessTokenClaims> }
  | { use: 'refresh_token'; claims: Verified<RefreshTokenClaims> };

/** Tells what a text is that somebody presents as a token, without being told which kind. */
@Injectable()
export class PresentedTokenService {
  constructor(
    private readonly accessTokens: AccessTokenService,
    private readonly refreshTokens: RefreshTokenService,
    private readonly revokedTokens: RevokedTokenRepository,
    private readonly chain: SessionChainRepository,
  ) {}

  /** Null for what is no token of ours, or an expired one. Whether it is revoked is not asked here. */
  read(text: string): PresentedToken | null {
    return this.readAccess(text) ?? this.readRefresh(text);
  }

  /** Whether it is good for anything. A spent refresh token is not, though a retry may still send it. */
  async isActive({ use, claims }: PresentedToken): Promise<boolean> {
    if (await this.revokedTokens.isRevoked(claims)) return false;
    return use === 'access_token' || this.chain.isAt(claims.sid, claims.generation);
  }

  private readAccess(text: string): PresentedToken | null {
    const claims = orNull(() => this.accessTokens.verify(text));
    return claims && { use: 'access_token', claims };
  }

  private readRefresh(text: string): PresentedToken | null {
    const claims = orNull(() => this.refreshTokens.verify(text));
    return claims && { use: 'refresh_token', claims };
  }
}

/** Null for a token that is refused; whatever else is thrown says nothing of the token. */
function orNull<T>(verify: () => T): T | null {
  try {
    return verify();
  } catch (error) {
    if (error instanceof AuthError && error.code === 'invalid_token') return null;
    throw error;
  }
}
