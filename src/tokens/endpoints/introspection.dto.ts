import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

const MOMENT = { type: 'integer', example: 1_767_268_800 } as const;
const UUID = { format: 'uuid', example: '5f0c1c0e-9a3f-4f5e-8b57-2f3f6e0f7c11' };

/** RFC 7662 §2.2. Of a token that does not count: `active`, and nothing else. */
export class IntrospectionDto {
  @ApiProperty({ example: true, description: 'Whether the token counts at this moment.' })
  active: boolean;

  @ApiPropertyOptional({ enum: ['access_token', 'refresh_token'], example: 'access_token' })
  token_use?: 'access_token' | 'refresh_token';

  @ApiPropertyOptional({ example: 'Bearer', description: 'Of access tokens.' })
  token_type?: string;

  @ApiPropertyOptional({ example: 'tokens:introspect', description: 'Of the tokens of clients that have one.' })
  scope?: string;

  @ApiPropertyOptional({ example: 'recant', description: 'The client that it was issued to.' })
  client_id?: string;

  @ApiPropertyOptional({ ...UUID, description: "The user's id, or the client's for a token that it got for itself." })
  sub?: string;

  @ApiPropertyOptional({
    oneOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }],
    example: 'recant',
    description: 'The services that it is for.',
  })
  aud?: string | string[];

  @ApiPropertyOptional({ example: 'http://localhost:3000' })
  iss?: string;

  @ApiPropertyOptional({ ...MOMENT, description: 'When it was issued, in seconds since 1970.' })
  iat?: number;

  @ApiPropertyOptional({ ...MOMENT, description: 'When it ends.' })
  exp?: number;

  @ApiPropertyOptional({ ...UUID, description: 'The name of the token.' })
  jti?: string;

  @ApiPropertyOptional({ ...UUID, description: 'The session, of tokens that were issued in one.' })
  sid?: string;

  @ApiPropertyOptional({ ...MOMENT, description: 'When the user logged in.' })
  auth_time?: number;

  @ApiPropertyOptional({ type: [String], example: ['admin'], description: "Of users' access tokens." })
  roles?: string[];
}
