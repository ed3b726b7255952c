import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** Users, their sessions, the signing keys, and the record of revocations. */
export class FirstSchema1700000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...usersAndSessions, ...keys, ...revocations]) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE revocations, token_lifetimes, signing_keys, sessions, users');
    await runner.query('DROP SEQUENCE issue_numbers');
  }
}

const usersAndSessions = [
  `CREATE TABLE users (
     id uuid CONSTRAINT users_pkey PRIMARY KEY,
     username text NOT NULL CONSTRAINT users_username_check CHECK (username ~ '^[A-Za-z0-9._@+-]{1,120}$'),
     password_hash text NOT NULL,
     password_version integer NOT NULL DEFAULT 1,
     roles text[] NOT NULL DEFAULT '{}',
     disabled_at timestamptz,
     created_at timestamptz NOT NULL DEFAULT now()
   )`,
  // Names are ASCII, so "C" folds them the same way under every locale and on every platform.
  `CREATE UNIQUE INDEX users_username_key ON users (lower(username COLLATE "C"))`,
  `CREATE INDEX users_created_at_id_idx ON users (created_at DESC, id DESC)`,
  // Orders every issuing of tokens against every cutoff, without clocks.
  `CREATE SEQUENCE issue_numbers AS bigint CACHE 1`,
  `CREATE TABLE sessions (
     id uuid CONSTRAINT sessions_pkey PRIMARY KEY,
     user_id uuid NOT NULL CONSTRAINT sessions_user_id_fkey REFERENCES users ON DELETE CASCADE,
     client_id text NOT NULL,
     generation integer NOT NULL DEFAULT 1,
     issue_number bigint NOT NULL,
     refresh_kid text NOT NULL,
     created_at timestamptz NOT NULL,
     rotated_at timestamptz NOT NULL,
     last_used_at timestamptz NOT NULL,
     expires_at timestamptz NOT NULL,
     idle_expires_at timestamptz NOT NULL,
     user_agent text,
     ip inet,
     revoked_at timestamptz
   )`,
  `CREATE INDEX sessions_user_id_idx ON sessions (user_id)`,
  `CREATE INDEX sessions_expires_at_idx ON sessions (expires_at)`,
];

const keys = [
  `CREATE TABLE signing_keys (
     kid text CONSTRAINT signing_keys_pkey PRIMARY KEY,
     purpose text NOT NULL CONSTRAINT signing_keys_purpose_check CHECK (purpose IN ('access', 'refresh')),
     algorithm text NOT NULL,
     encrypted_key bytea NOT NULL,
     created_at timestamptz NOT NULL DEFAULT now()
   )`,
];

const revocations = [
  `CREATE TABLE revocations (
     level text NOT NULL CONSTRAINT revocations_level_check CHECK (level IN ('token', 'session', 'user', 'all')),
     target uuid NOT NULL,
     cutoff bigint,
     reason text NOT NULL,
     created_at timestamptz NOT NULL DEFAULT now(),
     expires_at timestamptz NOT NULL,
     CONSTRAINT revocations_pkey PRIMARY KEY (level, target),
     CONSTRAINT revocations_cutoff_check CHECK ((level IN ('user', 'all')) = (cutoff IS NOT NULL))
   )`,
  `CREATE INDEX revocations_expires_at_idx ON revocations (expires_at)`,
  // One row: a revocation must outlive every token, also those issued while a longer life was configured.
  `CREATE TABLE token_lifetimes (
     is_only_row boolean CONSTRAINT token_lifetimes_pkey PRIMARY KEY DEFAULT true
       CONSTRAINT token_lifetimes_one_row_check CHECK (is_only_row),
     longest_seconds integer NOT NULL
   )`,
  `INSERT INTO token_lifetimes (longest_seconds) VALUES (0)`,
];
