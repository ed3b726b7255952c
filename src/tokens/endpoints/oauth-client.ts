import { type ClientScope } from '../../clients/client-scopes.js';
import { AuthError } from '../../common/errors/auth-error.js';

/** Who calls an OAuth endpoint. */
export interface OAuthClient {
  id: string;
  scopes: readonly ClientScope[];
  /** Whether anyone can say to be this client, since it has no secret (RFC 6749 §2.1). */
  isPublic: boolean;
}

/** @throws AuthError `insufficient_scope`. */
export function requireScope({ id, scopes }: OAuthClient, scope: ClientScope): void {
  if (!scopes.includes(scope)) throw new AuthError('insufficient_scope', { reason: `client ${id} lacks ${scope}` });
}
