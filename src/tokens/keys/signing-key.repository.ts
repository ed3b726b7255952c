import { Injectable } from '@nestjs/common';
import { InjectEntityManager } from '@nestjs/typeorm';
import { EntityManager } from 'typeorm';
import { LEEWAY_SECONDS } from '../leeway.js';
import { type RingKey } from './ring-key.js';
import { type KeyPurpose, SigningKeyRow } from './signing-key.entity.js';

/** A key as the database may hold it. */
export type SealedKey = Pick<SigningKeyRow, 'kid' | 'purpose' | 'algorithm' | 'encryptedKey'>;

export type NewKey = SealedKey & Pick<SigningKeyRow, 'activatesAt'>;

/** Any number that nothing else in the database locks: "keys" in ASCII. */
const KEYS_LOCK = 0x6b657973;

/** When the last token has expired that the key can have signed: the longest life ever configured after its end. */
const EXPIRES_AT = `
  retires_at + make_interval(secs => ${LEEWAY_SECONDS} + (
    SELECT CASE purpose WHEN 'access' THEN longest_access_seconds ELSE longest_seconds END FROM token_lifetimes))`;

const STATUS = `
  CASE
    WHEN forbidden_at IS NOT NULL THEN 'forbidden'
    WHEN ${EXPIRES_AT} <= clock_timestamp() THEN 'gone'
    WHEN activates_at IS NULL OR activates_at > clock_timestamp() THEN 'next'
    WHEN retires_at IS NULL OR retires_at > clock_timestamp() THEN 'current'
    ELSE 'retired'
  END`;

/** The signing keys in the database. Whether one signs is told by the database's clock alone, so by one for all instances. */
@Injectable()
export class SigningKeyRepository {
  constructor(@InjectEntityManager() private readonly manager: EntityManager) {}

  /** Every key, in the order in which they sign. */
  findAll(tx: EntityManager = this.manager): Promise<RingKey[]> {
    return tx.query<RingKey[]>(
      `SELECT kid, purpose, algorithm, created_at AS "createdAt",
         activates_at AS "activatesAt", retires_at AS "retiresAt", forbidden_at AS "forbiddenAt",
         ${STATUS} AS status, ${EXPIRES_AT} AS "expiresAt", clock_timestamp() AS now
       FROM signing_keys
       ORDER BY activates_at NULLS LAST, created_at, kid`,
    );
  }

  /** Likewise, under a lock that is held until the transaction ends: of instances that change the ring at once, one does. */
  async lockAndFindAll(tx: EntityManager): Promise<RingKey[]> {
    await tx.query('SELECT pg_advisory_xact_lock($1)', [KEYS_LOCK]);
    return this.findAll(tx);
  }

  /** The keys of these names as they are sealed. */
  findSealed(kids: readonly string[]): Promise<SealedKey[]> {
    return this.manager.query<SealedKey[]>(
      `SELECT kid, purpose, algorithm, encrypted_key AS "encryptedKey" FROM signing_keys WHERE kid = ANY ($1)`,
      [kids],
    );
  }

  async insert(key: NewKey, tx: EntityManager): Promise<void> {
    await tx.getRepository(SigningKeyRow).insert(key);
  }

  /** Lets a key sign from `at` on, and the one that signs until then end there. */
  async succeed(next: Pick<RingKey, 'kid' | 'purpose'>, at: Date | null, tx: EntityManager): Promise<void> {
    await tx.query(
      `UPDATE signing_keys SET retires_at = $3
       WHERE purpose = $1 AND kid <> $2 AND (${STATUS}) = 'current'`,
      [next.purpose, next.kid, at],
    );
    await tx.getRepository(SigningKeyRow).update({ kid: next.kid }, { activatesAt: at });
  }

  /** Ends what signs, with no successor; for a purpose whose key comes from elsewhere. */
  async retireAll(purpose: KeyPurpose, tx: EntityManager): Promise<void> {
    await tx.query(
      `UPDATE signing_keys SET retires_at = clock_timestamp() WHERE purpose = $1 AND (${STATUS}) = 'current'`,
      [purpose],
    );
  }

  /** Its name stays for ever, so that it is never taken for a new one; the key itself is nobody's business any more. */
  async forbid(kid: string, tx: EntityManager): Promise<void> {
    await tx.query(
      `UPDATE signing_keys
       SET forbidden_at = clock_timestamp(), retires_at = LEAST(retires_at, clock_timestamp()), encrypted_key = ''
       WHERE kid = $1 AND forbidden_at IS NULL`,
      [kid],
    );
  }

  /** Takes back keys that have never signed. */
  async deleteNext(purpose: KeyPurpose, tx: EntityManager): Promise<void> {
    await tx.query(`DELETE FROM signing_keys WHERE purpose = $1 AND (${STATUS}) = 'next'`, [purpose]);
  }

  async deleteGone(tx: EntityManager): Promise<void> {
    await tx.query(`DELETE FROM signing_keys WHERE (${STATUS}) = 'gone'`);
  }

  /** Stores keys that were encrypted anew, all or none, unless somebody else has done it. */
  async replaceEncryption(renewed: readonly { from: SealedKey; to: Buffer }[], tx: EntityManager): Promise<void> {
    for (const { from, to } of renewed) {
      await tx.query('UPDATE signing_keys SET encrypted_key = $3 WHERE kid = $1 AND encrypted_key = $2', [
        from.kid,
        from.encryptedKey,
        to,
      ]);
    }
  }
}
