interface CatalogEntry {
  status: number;
  title: string;
  detail: string;
  /** The sentence at the OAuth endpoints, where it has to be another one: they take no JSON. */
  oauthDetail?: string;
}

/**
 * Every refusal Recant can give: its code, its HTTP status and its public sentence. This is the only place that pairs
 * the three; docs/errors.md is generated from it. What else is known of a refusal goes to the log, never on the wire.
 */
export const errorCatalog = {
  validation_failed: {
    status: 400,
    title: 'Bad Request',
    detail: 'The request has wrong fields; `errors` names them.',
  },
  malformed_request: { status: 400, title: 'Bad Request', detail: 'The request is not well-formed HTTP.' },
  malformed_body: {
    status: 400,
    title: 'Bad Request',
    detail: 'The body is not well-formed: a JSON object at most 32 levels deep, or a form; each field once.',
    oauthDetail: 'The body is not a well-formed form with each parameter once.',
  },
  invalid_request: {
    status: 400,
    title: 'Bad Request',
    detail: 'A parameter is missing, comes twice, or contradicts another one.',
  },
  invalid_grant: {
    status: 400,
    title: 'Bad Request',
    detail: 'The refresh token is malformed, expired, spent, revoked or not of this client.',
  },
  unauthorized_client: {
    status: 400,
    title: 'Bad Request',
    detail: 'The client may not use this grant type.',
  },
  unsupported_grant_type: {
    status: 400,
    title: 'Bad Request',
    detail: 'The grant type is none of refresh_token and client_credentials.',
  },
  invalid_scope: {
    status: 400,
    title: 'Bad Request',
    detail: 'The scope is unknown, or more than the client may have.',
  },
  invalid_target: {
    status: 400,
    title: 'Bad Request',
    detail: 'The resource is not an audience for which this token can be issued.',
  },
  invalid_client: {
    status: 401,
    title: 'Unauthorized',
    detail: 'The client is unknown, or did not prove who it is.',
  },
  missing_token: { status: 401, title: 'Unauthorized', detail: 'This resource needs a Bearer token.' },
  invalid_token: {
    status: 401,
    title: 'Unauthorized',
    detail: 'The token is malformed, expired, revoked or not meant for this resource.',
  },
  invalid_credentials: { status: 401, title: 'Unauthorized', detail: 'Wrong username or password.' },
  insufficient_user_authentication: {
    status: 401,
    title: 'Unauthorized',
    detail: 'This action needs a login within the last 5 minutes.',
  },
  wrong_password: { status: 403, title: 'Forbidden', detail: 'The current password is wrong; nothing was changed.' },
  insufficient_scope: {
    status: 403,
    title: 'Forbidden',
    detail: 'The caller does not have the right to do this.',
  },
  not_found: { status: 404, title: 'Not Found', detail: 'There is nothing at this address.' },
  user_not_found: { status: 404, title: 'Not Found', detail: 'There is no such user.' },
  session_not_found: { status: 404, title: 'Not Found', detail: 'There is no such session.' },
  client_not_found: { status: 404, title: 'Not Found', detail: 'There is no such client.' },
  key_not_found: { status: 404, title: 'Not Found', detail: 'There is no such signing key.' },
  method_not_allowed: {
    status: 405,
    title: 'Method Not Allowed',
    detail: 'This address does not take that method; `Allow` names those it takes.',
  },
  request_timeout: { status: 408, title: 'Request Timeout', detail: 'The request took too long to arrive.' },
  username_taken: { status: 409, title: 'Conflict', detail: 'The username is taken.' },
  key_exists: { status: 409, title: 'Conflict', detail: 'The signing key is in the ring already.' },
  last_administrator: {
    status: 409,
    title: 'Conflict',
    detail: 'The last administrator who can log in cannot be deleted, disabled or demoted.',
  },
  feed_number_unknown: {
    status: 409,
    title: 'Conflict',
    detail:
      'No revocation has this number yet: it is of another database, or of a time after its backup. Begin anew at 0.',
  },
  payload_too_large: { status: 413, title: 'Content Too Large', detail: 'The body is larger than 64 KiB.' },
  uri_too_long: { status: 414, title: 'URI Too Long', detail: 'The address is too long.' },
  unsupported_media_type: {
    status: 415,
    title: 'Unsupported Media Type',
    detail: 'The content type or content encoding is not one this resource takes.',
  },
  too_many_requests: {
    status: 429,
    title: 'Too Many Requests',
    detail: 'This was tried too often; `Retry-After` says in how many seconds it may be tried again.',
  },
  headers_too_large: {
    status: 431,
    title: 'Request Header Fields Too Large',
    detail: 'The header fields are larger than 16 KiB.',
  },
  internal_error: { status: 500, title: 'Internal Server Error', detail: 'Something went wrong on our side.' },
  storage_unavailable: {
    status: 503,
    title: 'Service Unavailable',
    detail: 'The database does not answer; nothing was changed, or it is not known to be. Try again.',
  },
  not_ready: {
    status: 503,
    title: 'Service Unavailable',
    detail: 'This instance cannot serve at the moment; `errors` says why. Send requests to another one.',
  },
  feed_not_in_sync: {
    status: 503,
    title: 'Service Unavailable',
    detail: 'This instance cannot prove at the moment that it knows every revocation. Try again.',
  },
  too_many_followers: {
    status: 503,
    title: 'Service Unavailable',
    detail: 'This instance has as many followers as it may have. Try again, best at another one.',
  },
  too_busy: { status: 503, title: 'Service Unavailable', detail: 'Too much to do at the moment. Try again.' },
} as const satisfies Record<string, CatalogEntry>;

export type ErrorCode = keyof typeof errorCatalog;

export function catalogEntry(code: ErrorCode): CatalogEntry {
  return errorCatalog[code];
}
