import { CLIENT_SCOPES } from '../../clients/client-scopes.js';
import { type MetadataDto } from './metadata.dto.js';

/** How a client that has a secret may prove who it is (RFC 6749 §2.3.1). */
const CONFIDENTIAL = ['client_secret_basic', 'client_secret_post'];

/** What clients need to know of this service (RFC 8414 §2), given the address under which they reach it. */
export function metadataOf(issuer: string): MetadataDto {
  return {
    issuer,
    token_endpoint: `${issuer}/oauth/token`,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    introspection_endpoint: `${issuer}/oauth/introspect`,
    revocation_endpoint: `${issuer}/oauth/revoke`,
    // Of our own; RFC 8414 §2 lets metadata have more than it defines, and readers ignore what they do not know.
    revocation_list_endpoint: `${issuer}/revocations`,
    revocation_stream_endpoint: `${issuer}/revocations/stream`,
    // `none` is the first-party client, which has no secret.
    token_endpoint_auth_methods_supported: [...CONFIDENTIAL, 'none'],
    introspection_endpoint_auth_methods_supported: CONFIDENTIAL,
    revocation_endpoint_auth_methods_supported: [...CONFIDENTIAL, 'none'],
    grant_types_supported: ['refresh_token', 'client_credentials'],
    // Required by §2, also of a service without an authorization endpoint, which has none to list.
    response_types_supported: [],
    scopes_supported: [...CLIENT_SCOPES],
  };
}
