import { Injectable } from '@nestjs/common';
import { type Origin } from '../../audit/origin.js';
import { AuthError } from '../../common/errors/auth-error.js';
import { type OAuthClient } from '../../tokens/endpoints/oauth-client.js';
import { type TokenPair } from '../../tokens/refresh/token-pair.service.js';
import { type ClientToken, ClientCredentialsGrantService } from './client-credentials-grant.service.js';
import { type IssuedTokenDto } from './dto/issued-token.dto.js';
import { type TokenRequestDto } from './dto/token-request.dto.js';
import { RefreshGrantService } from './refresh-grant.service.js';

/** Which grant a token request is for, and its answer in the words of RFC 6749 §5.1. */
@Injectable()
export class TokenGrantService {
  constructor(
    private readonly refreshGrants: RefreshGrantService,
    private readonly clientCredentialsGrants: ClientCredentialsGrantService,
  ) {}

  /** @throws AuthError `unsupported_grant_type`, and what the grants refuse. */
  async grant(client: OAuthClient, request: TokenRequestDto, by: Origin): Promise<IssuedTokenDto> {
    switch (request.grant_type) {
      case 'refresh_token':
        return pairOf(await this.refreshGrants.grant(client, request, by));
      case 'client_credentials':
        return tokenOf(await this.clientCredentialsGrants.grant(client, request));
      default:
        throw new AuthError('unsupported_grant_type');
    }
  }
}

function pairOf({ accessToken, expiresIn, refreshToken, refreshExpiresIn }: TokenPair): IssuedTokenDto {
  return {
    access_token: accessToken,
    token_type: 'Bearer',
    expires_in: expiresIn,
    refresh_token: refreshToken,
    refresh_expires_in: refreshExpiresIn,
  };
}

function tokenOf({ accessToken, expiresIn, scopes }: ClientToken): IssuedTokenDto {
  return {
    access_token: accessToken,
    token_type: 'Bearer',
    expires_in: expiresIn,
    // RFC 6749 §3.3: a scope has one word at least.
    ...(scopes.length > 0 && { scope: scopes.join(' ') }),
  };
}
