import { ApiProperty } from '@nestjs/swagger';
import { type TokenPair } from '../../tokens/refresh/token-pair.service.js';

const TOKEN_EXAMPLE = 'eyJhbGciOi….eyJpc3MiOi….RfFJ3rDw…';

/** RFC 6749 §5.1. */
export class TokenPairDto {
  @ApiProperty({ example: TOKEN_EXAMPLE, description: 'Send it as `Authorization: Bearer …`.' })
  access_token: string;

  @ApiProperty({ example: TOKEN_EXAMPLE, description: 'Spent once, for a new pair.' })
  refresh_token: string;

  @ApiProperty({ example: 'Bearer' })
  token_type: string;

  @ApiProperty({ type: 'integer', example: 900, description: 'Life of the access token, in seconds.' })
  expires_in: number;

  @ApiProperty({ type: 'integer', example: 1_209_600, description: 'Life of the refresh token, in seconds.' })
  refresh_expires_in: number;

  static of(pair: TokenPair): TokenPairDto {
    return fieldsOf(pair);
  }
}

export class WelcomeDto extends TokenPairDto {
  @ApiProperty({ example: 'Logged in as alice' })
  message: string;

  static with(message: string, pair: TokenPair): WelcomeDto {
    return { message, ...fieldsOf(pair) };
  }
}

function fieldsOf({ accessToken, refreshToken, expiresIn, refreshExpiresIn }: TokenPair) {
  return {
    access_token: accessToken,
    refresh_token: refreshToken,
    token_type: 'Bearer',
    expires_in: expiresIn,
    refresh_expires_in: refreshExpiresIn,
  };
}
