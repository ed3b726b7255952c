import { type RevocationRecord } from '@recant/revocation-set';
import { type ClientProof } from '../../clients/client.repository.js';
import { type ClientAccessClaims } from '../../tokens/access/access-token.service.js';
import { type Verified } from '../../tokens/claims.js';
import { LEEWAY_SECONDS } from '../../tokens/leeway.js';

/** By what a client may follow: the token that it sent, or its secret. */
export type FollowerRight = TokenRight | SecretRight;

interface TokenRight {
  clientId: string;
  claims: Verified<ClientAccessClaims>;
}

export interface SecretRight {
  clientId: string;
  /** The secret's hash alone, by which it is asked for again. */
  proof: ClientProof;
}

export function isBySecret(right: FollowerRight): right is SecretRight {
  return 'proof' in right;
}

/** By the rule by which its next request would be refused. A secret's end is asked of the database. */
export function hasExpired(right: FollowerRight, nowSeconds: number): boolean {
  return !isBySecret(right) && nowSeconds >= right.claims.exp + LEEWAY_SECONDS;
}

/**
 * Whether this record, which has just been made, ends the right. A cutoff of the client ends what it follows by its secret
 * too, since that is how its deletion is told; with a secret that still counts it may come back.
 */
export function isEndedBy(right: FollowerRight, record: RevocationRecord): boolean {
  if (isBySecret(right)) return record.level === 'user' && record.target === right.clientId;
  const { jti, sub, seq, kid } = right.claims;
  const isCutOff = record.cutoff === null || seq < record.cutoff;
  switch (record.level) {
    case 'token':
      return record.target === jti;
    case 'session':
      return false; // What a client got for itself is in none.
    case 'user':
      return record.target === sub && isCutOff;
    case 'all':
      return isCutOff;
    case 'key':
      return record.target === kid;
    default:
      return record.level satisfies never;
  }
}
