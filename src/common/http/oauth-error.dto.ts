import { ApiProperty } from '@nestjs/swagger';
import { oauthErrorOf } from '../errors/oauth-error.js';

const example = oauthErrorOf({ code: 'invalid_client', errors: undefined });

/** How the OAuth endpoints refuse (RFC 6749 §5.2). */
export class OAuthErrorDto {
  @ApiProperty({ example: example.error, description: 'For programs.' })
  error: string;

  @ApiProperty({ example: example.error_description })
  error_description: string;
}
