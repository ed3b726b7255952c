import { setTimeout as sleep } from 'node:timers/promises';

import type { Client } from 'pg';

import { OwnedByAnotherError } from './owned-by-another.error.js';
import { pollUntil } from './polling.js';
import { isAlive } from './process-identity.js';

export const OWNER_NAME_PREFIX = 'recant-owner:';
export const OWNER_APPLICATION_NAME = `${OWNER_NAME_PREFIX}${process.pid}`;

// Two numbers that stand for "the owner of this server" among the advisory locks of the database `postgres`; Recant's
// other locks are taken in the database `recant` and cannot meet it.
const LOCK = [0x7265_6361, 1] as const; // "reca"
const DYING_OWNER_TIMEOUT_MS = 5_000;
const REGAIN_EVERY_MS = 1_000;

export interface OwnerEvents {
  /** A new connection for the same lock; null when the server is gone for good. */
  reconnect: () => Promise<Client | undefined | null>;
  log: (line: string) => void;
}

/**
 * Holds the one lock that makes this process the owner of the server, on a connection of its own. The lock ends with
 * the connection, so also with kill -9: no file could promise that.
 */
export class ServerOwner {
  #isReleased = false;

  private constructor(
    private client: Client,
    private readonly events: OwnerEvents,
  ) {
    this.#watch();
  }

  /** The client stays the caller's until this resolves. */
  static async take(client: Client, dataDir: string, events: OwnerEvents): Promise<ServerOwner> {
    let holderPid: number | undefined;
    const isOurs = await pollUntil(
      async () => {
        if (await tryLock(client)) return true;
        holderPid = await findHolderPid(client);
        // After kill -9 the dead owner's session needs a moment to notice. A living owner is refused at once.
        return holderPid !== undefined && isAlive(holderPid) ? false : undefined;
      },
      { everyMs: 20, timeoutMs: DYING_OWNER_TIMEOUT_MS },
    );
    if (isOurs) return new ServerOwner(client, events);
    throw new OwnedByAnotherError(dataDir, holderPid);
  }

  /** From now on the end of the connection is expected. */
  expectEnd(): void {
    this.#isReleased = true;
  }

  async release(): Promise<void> {
    this.expectEnd();
    await this.client.end().catch(() => undefined);
  }

  #watch(): void {
    this.client.once('end', () => {
      if (this.#isReleased) return;
      this.events.log('The connection to the embedded PostgreSQL broke.');
      void this.#regain();
    });
  }

  /** PostgreSQL restarts by itself when one of its processes crashes; the lock must then be ours again. */
  async #regain(): Promise<void> {
    while (!this.#isReleased) {
      const client = await this.events.reconnect().catch(() => undefined);
      if (client === null)
        return this.events.log('The embedded PostgreSQL has ended; restart Recant to bring it back.');
      if (client && (await this.#holdAgain(client))) return;
      await sleep(REGAIN_EVERY_MS, undefined, { ref: false });
    }
  }

  async #holdAgain(client: Client): Promise<boolean> {
    const isOurs = !this.#isReleased && (await tryLock(client).catch(() => false));
    if (!isOurs) {
      await client.end().catch(() => undefined);
      return false;
    }
    this.client = client;
    this.#watch();
    this.events.log('The connection to the embedded PostgreSQL is back.');
    return true;
  }
}

async function tryLock(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ is_ours: boolean }>('SELECT pg_try_advisory_lock($1, $2) AS is_ours', [
    ...LOCK,
  ]);
  return rows[0]?.is_ours === true;
}

async function findHolderPid(client: Client): Promise<number | undefined> {
  const { rows } = await client.query<{ application_name: string }>(
    `SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid)
      WHERE locktype = 'advisory' AND granted AND classid = $1 AND objid = $2 AND objsubid = 2`,
    [...LOCK],
  );
  const name = rows[0]?.application_name ?? '';
  return Number(name.slice(OWNER_NAME_PREFIX.length)) || undefined;
}
