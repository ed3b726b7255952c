import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** Counts of what may be tried only so often, in the columns that `rate-limiter-flexible` asks for. */
export class RateLimits1700000300000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Unlogged: a login waits for no disk because of it, and a database that crashes forgets the counts, which its attacker
    // can bring about as little as he could bring down anything else. Points are added to with every try.
    await runner.query(
      `CREATE UNLOGGED TABLE rate_limits (
         key varchar(255) CONSTRAINT rate_limits_pkey PRIMARY KEY,
         points integer NOT NULL DEFAULT 0,
         expire bigint,
         expires_at timestamptz GENERATED ALWAYS AS (to_timestamp(expire / 1000.0)) STORED
       ) WITH (fillfactor = 80)`,
    );
    // Milliseconds since 1970, for the purge as every other table has it.
    await runner.query(`CREATE INDEX rate_limits_expires_at_idx ON rate_limits (expires_at)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE rate_limits`);
  }
}
