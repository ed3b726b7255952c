import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { AuditTrail } from '../../audit/audit-trail.service.js';
import { BY_SYSTEM, type Origin } from '../../audit/origin.js';
import { secondsAfter } from '../../common/clock.js';
import { AuthError } from '../../common/errors/auth-error.js';
import { Environment } from '../../config/environment.js';
import { Transactions } from '../../database/transactions.js';
import { LEAD_SECONDS } from './key-lead.js';
import { KeySealer } from './key-sealer.js';
import { type KeyStatus, type RingKey } from './ring-key.js';
import { generateKey, type SigningAlgorithm, type SigningKey } from './signing-key.js';
import { type KeyPurpose } from './signing-key.entity.js';
import { SigningKeyRepository } from './signing-key.repository.js';

/** How a key came into the ring. */
type KeyArrival = 'key.created' | 'key.imported';

/**
 * Keeps a key that signs and one that will, for each kind of token. When the next one takes over is written down when it
 * is made, and is then only a matter of time, so that every instance follows at the same moment and none has to act.
 * Changes of the ring are made under one lock, and each leaves it complete.
 */
@Injectable()
export class KeyRotation {
  /** The kinds of token whose keys the ring makes; a shared secret comes from the configuration. */
  private readonly algorithms: ReadonlyMap<KeyPurpose, SigningAlgorithm>;

  constructor(
    private readonly repository: SigningKeyRepository,
    private readonly sealer: KeySealer,
    private readonly transactions: Transactions,
    private readonly environment: Environment,
    private readonly audit: AuditTrail,
  ) {
    this.algorithms = algorithmsOf(environment);
  }

  /** Whether `tidy` has anything to do. */
  isUntidy(ring: readonly RingKey[]): boolean {
    if (ring.some(({ status }) => status === 'gone')) return true;
    return [...this.algorithms.keys()].some((purpose) => {
      const current = find(ring, purpose, 'current');
      return !current || !this.isSettled(find(ring, purpose, 'next'), current);
    });
  }

  /** Removes what is gone, makes the keys that are missing, and says when they take over. */
  async tidy(): Promise<void> {
    await this.change(BY_SYSTEM, () => Promise.resolve());
  }

  /**
   * Brings the ring in line with an algorithm that was configured anew. The old key signs until the new one has been
   * published long enough; a shared secret is not published, so there the old key ends at once.
   */
  async followConfiguration(): Promise<void> {
    await this.change(BY_SYSTEM, async (ring, tx) => {
      const algorithm = this.algorithms.get('access');
      const newest = ring.findLast(({ purpose, status }) => purpose === 'access' && status !== 'forbidden');
      if (algorithm === undefined) {
        const current = find(ring, 'access', 'current');
        if (current) await this.audit.record('key.retired', factsOf(current, BY_SYSTEM), tx);
        await this.repository.retireAll('access', tx);
        await this.repository.deleteNext('access', tx);
      } else if (newest && newest.algorithm !== algorithm) {
        await this.replaceNext(await generateKey('access', algorithm), BY_SYSTEM, tx);
      }
    });
  }

  /** Lets the next keys sign as soon as they have been known long enough: at once, unless they are new. */
  async rotate(by: Origin): Promise<void> {
    await this.change(by, async (ring, tx) => {
      for (const next of ring.filter(({ status }) => status === 'next')) {
        const soonest = later(next.now, secondsAfter(next.createdAt, LEAD_SECONDS));
        if (next.activatesAt && next.activatesAt <= soonest) continue;
        await this.repository.succeed(next, soonest, tx);
        await this.audit.record('key.rotated', takeoverOf({ ...next, activatesAt: soonest }, by), tx);
      }
    });
  }

  /**
   * The emergency: nothing that the key has signed passes any more, and the next one takes over at once, known long
   * enough or not.
   *
   * @throws AuthError `key_not_found`.
   */
  async forbid(kid: string, by: Origin): Promise<void> {
    await this.change(by, async (ring, tx) => {
      const key = ring.find((candidate) => candidate.kid === kid);
      if (!key) throw new AuthError('key_not_found');
      if (key.status === 'forbidden') return;
      await this.repository.forbid(kid, tx);
      await this.audit.record('key.forbidden', factsOf(key, by), tx);
    });
  }

  /** Takes a key that was made elsewhere as the next one, to sign once it has been published long enough. */
  async bringIn(key: SigningKey, by: Origin): Promise<void> {
    await this.change(by, async (ring, tx) => {
      if (ring.some(({ kid }) => kid === key.kid)) throw new AuthError('key_exists');
      await this.replaceNext(key, by, tx, 'key.imported');
    });
  }

  private async change(by: Origin, work: (ring: RingKey[], tx: EntityManager) => Promise<void>): Promise<void> {
    await this.transactions.run(async (tx) => {
      const ring = await this.repository.lockAndFindAll(tx);
      await this.recordTakeovers(ring, tx);
      await work(ring, tx);
      await this.repository.deleteGone(tx);
      for (const [purpose, algorithm] of this.algorithms) await this.fill(purpose, algorithm, by, tx);
    });
  }

  /**
   * A key takes over when its time has come, and no instance does anything for it. That there is no next one is the sign
   * of it, which ends in the transaction that sees it.
   */
  private async recordTakeovers(ring: readonly RingKey[], tx: EntityManager): Promise<void> {
    for (const purpose of this.algorithms.keys()) {
      const current = find(ring, purpose, 'current');
      if (!current || find(ring, purpose, 'next')) continue;
      await this.audit.record('key.rotated', takeoverOf(current, BY_SYSTEM), tx);
    }
  }

  private async fill(purpose: KeyPurpose, algorithm: SigningAlgorithm, by: Origin, tx: EntityManager): Promise<void> {
    if (!find(await this.repository.findAll(tx), purpose, 'current')) {
      const next = await this.getNext(purpose, algorithm, by, tx);
      await this.repository.succeed(next, next.now, tx);
    }
    const next = await this.getNext(purpose, algorithm, by, tx);
    const current = find(await this.repository.findAll(tx), purpose, 'current')!;
    if (this.isSettled(next, current)) return;
    await this.repository.succeed(next, this.dueAfter(current), tx);
  }

  private async getNext(
    purpose: KeyPurpose,
    algorithm: SigningAlgorithm,
    by: Origin,
    tx: EntityManager,
  ): Promise<RingKey> {
    const next = find(await this.repository.findAll(tx), purpose, 'next');
    if (next) return next;
    await this.add(await generateKey(purpose, algorithm), by, tx);
    return find(await this.repository.findAll(tx), purpose, 'next')!;
  }

  private async replaceNext(key: SigningKey, by: Origin, tx: EntityManager, event?: KeyArrival): Promise<void> {
    await this.repository.deleteNext(key.purpose, tx);
    await this.add(key, by, tx, event);
    const next = find(await this.repository.findAll(tx), key.purpose, 'next')!;
    await this.repository.succeed(next, secondsAfter(next.now, LEAD_SECONDS), tx);
  }

  private async add(key: SigningKey, by: Origin, tx: EntityManager, event: KeyArrival = 'key.created'): Promise<void> {
    await this.repository.insert({ ...this.sealer.seal(key), activatesAt: null }, tx);
    await this.audit.record(event, factsOf(key, by), tx);
  }

  /** Whether it is known when the next key takes over, or that the current one has no end. */
  private isSettled(next: RingKey | undefined, current: RingKey): boolean {
    if (!next) return false;
    return next.activatesAt !== null || (this.environment.keyRotationSeconds === 0 && current.retiresAt === null);
  }

  private dueAfter({ activatesAt, now }: RingKey): Date {
    return later(secondsAfter(now, LEAD_SECONDS), secondsAfter(activatesAt!, this.environment.keyRotationSeconds));
  }
}

/**
 * Refresh tokens are symmetric whatever is configured: no service that trusts the public keys can take one for an access
 * token. And the same claims give the same text, which lets a retry get the identical successor without storing it.
 */
function algorithmsOf({ jwtAlgorithm }: Environment): Map<KeyPurpose, SigningAlgorithm> {
  const algorithms = new Map<KeyPurpose, SigningAlgorithm>([['refresh', 'HS256']]);
  if (jwtAlgorithm !== 'HS256') algorithms.set('access', jwtAlgorithm);
  return algorithms;
}

function factsOf({ kid, purpose, algorithm }: Pick<RingKey, 'kid' | 'purpose' | 'algorithm'>, by: Origin) {
  return { by, target: { type: 'key', id: kid }, details: { purpose, algorithm } } as const;
}

function takeoverOf(key: RingKey, by: Origin) {
  const { target, details } = factsOf(key, by);
  return { by, target, details: { ...details, activates_at: key.activatesAt } };
}

function find(ring: readonly RingKey[], purpose: KeyPurpose, status: KeyStatus): RingKey | undefined {
  return ring.find((key) => key.purpose === purpose && key.status === status);
}

function later(one: Date, other: Date): Date {
  return one > other ? one : other;
}
