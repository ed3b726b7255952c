import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';

const AUTH_METHODS: ApiPropertyOptions = { type: [String], example: ['client_secret_basic', 'client_secret_post'] };
const address = (path: string) => ({ example: `http://localhost:3000${path}` });

/** RFC 8414 §2. */
export class MetadataDto {
  @ApiProperty(address(''))
  issuer: string;

  @ApiProperty(address('/oauth/token'))
  token_endpoint: string;

  @ApiProperty(address('/.well-known/jwks.json'))
  jwks_uri: string;

  @ApiProperty(address('/oauth/introspect'))
  introspection_endpoint: string;

  @ApiProperty(address('/oauth/revoke'))
  revocation_endpoint: string;

  @ApiProperty(address('/revocations'))
  revocation_list_endpoint: string;

  @ApiProperty(address('/revocations/stream'))
  revocation_stream_endpoint: string;

  @ApiProperty(AUTH_METHODS)
  token_endpoint_auth_methods_supported: string[];

  @ApiProperty(AUTH_METHODS)
  introspection_endpoint_auth_methods_supported: string[];

  @ApiProperty(AUTH_METHODS)
  revocation_endpoint_auth_methods_supported: string[];

  @ApiProperty({ type: [String], example: ['refresh_token', 'client_credentials'] })
  grant_types_supported: string[];

  @ApiProperty({ type: [String], example: [], description: 'None: there is no authorization endpoint.' })
  response_types_supported: string[];

  @ApiProperty({ type: [String], example: ['tokens:introspect'] })
  scopes_supported: string[];
}
