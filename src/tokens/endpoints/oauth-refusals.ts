import { type ErrorCode } from '../../common/errors/error-catalog.js';

/** What can happen to any request to an OAuth endpoint. */
export const oauthRefusals: readonly ErrorCode[] = [
  'invalid_request',
  'invalid_client',
  'malformed_body',
  'payload_too_large',
  'unsupported_media_type',
];
