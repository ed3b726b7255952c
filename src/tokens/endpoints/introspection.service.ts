import { Injectable } from '@nestjs/common';
import { type PresentedToken, PresentedTokenService } from '../refresh/presented-token.service.js';
import { type IntrospectionDto } from './introspection.dto.js';
import { type OAuthClient, requireScope } from './oauth-client.js';

/** Tells clients whether a token counts (RFC 7662). The answer is no until everything has said yes. */
@Injectable()
export class IntrospectionService {
  constructor(private readonly presentedTokens: PresentedTokenService) {}

  /** @throws AuthError `insufficient_scope`. */
  async introspect(client: OAuthClient, text: string): Promise<IntrospectionDto> {
    requireScope(client, 'tokens:introspect');
    const token = this.presentedTokens.read(text);
    // RFC 7662 §2.2: of a token that does not count nothing is told, not even why.
    if (!token || !(await this.presentedTokens.isActive(token))) return { active: false };
    return { active: true, ...claimsOf(token) };
  }
}

function claimsOf({ use, claims }: PresentedToken): Omit<IntrospectionDto, 'active'> {
  const { iss, aud, sub, client_id, iat, exp, jti } = claims;
  return {
    token_use: use,
    // RFC 7662 §2.2 means the type of RFC 6749 §5.1: how to use an access token. A refresh token has none.
    ...(use === 'access_token' && { token_type: 'Bearer' }),
    ...('scope' in claims && claims.scope !== '' && { scope: claims.scope }),
    ...('sid' in claims && { sid: claims.sid, auth_time: claims.auth_time }),
    ...('roles' in claims && { roles: claims.roles }),
    client_id,
    sub,
    aud,
    iss,
    iat,
    exp,
    jti,
  };
}
