import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

const TOKEN_EXAMPLE = 'eyJhbGciOi….eyJpc3MiOi….RfFJ3rDw…';

/** RFC 6749 §5.1. */
export class IssuedTokenDto {
  @ApiProperty({ example: TOKEN_EXAMPLE, description: 'Send it as `Authorization: Bearer …`.' })
  access_token: string;

  @ApiProperty({ example: 'Bearer' })
  token_type: string;

  @ApiProperty({ type: 'integer', example: 900, description: 'Life of the access token, in seconds.' })
  expires_in: number;

  @ApiPropertyOptional({ example: 'tokens:introspect', description: 'What a client may do with it, if anything.' })
  scope?: string;

  @ApiPropertyOptional({ example: TOKEN_EXAMPLE, description: 'For the grant `refresh_token`: the successor.' })
  refresh_token?: string;

  @ApiPropertyOptional({ type: 'integer', example: 1_209_600, description: 'Life of the successor, in seconds.' })
  refresh_expires_in?: number;
}
