import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** The life of signing keys, clients and their secrets, audiences of sessions, and what is done once per cluster. */
export class KeysClientsAndChores1700000100000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...keys, ...clients, ...sessions, ...revocations, ...chores])
      await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of undo) await runner.query(statement);
  }
}

const keys = [
  // The state of a key follows from these times, so every instance tells the same of it without being told.
  `ALTER TABLE signing_keys
     ADD activates_at timestamptz,
     ADD retires_at timestamptz,
     ADD forbidden_at timestamptz`,
  `UPDATE signing_keys SET activates_at = created_at`,
  // A public key is published as long as an access token signed with it may live; refresh tokens live longer. Of those
  // issued before this was told apart, the longest life that can be configured is known: a day.
  `ALTER TABLE token_lifetimes ADD longest_access_seconds integer NOT NULL DEFAULT 0`,
  `UPDATE token_lifetimes SET longest_access_seconds = LEAST(longest_seconds, 86400)`,
];

const clients = [
  `CREATE TABLE clients (
     id uuid CONSTRAINT clients_pkey PRIMARY KEY,
     client_name text NOT NULL,
     scopes text[] NOT NULL,
     created_at timestamptz NOT NULL DEFAULT now()
   )`,
  `CREATE INDEX clients_created_at_id_idx ON clients (created_at DESC, id DESC)`,
  // Several, so that a new one can be handed out before the old one ends. Of those made at the same time, each under the
  // lock of the client, the clock tells the order; the beginnings of their transactions would not.
  `CREATE TABLE client_secrets (
     client_id uuid NOT NULL CONSTRAINT client_secrets_client_id_fkey REFERENCES clients ON DELETE CASCADE,
     secret_hash bytea NOT NULL CONSTRAINT client_secrets_secret_hash_check CHECK (octet_length(secret_hash) = 32),
     created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
     expires_at timestamptz,
     CONSTRAINT client_secrets_pkey PRIMARY KEY (client_id, secret_hash)
   )`,
  `CREATE INDEX client_secrets_expires_at_idx ON client_secrets (expires_at) WHERE expires_at IS NOT NULL`,
];

const sessions = [
  // The one audience that the login asked for (RFC 8707); null for all.
  `ALTER TABLE sessions ADD resource text`,
  // The devices of a user are found without a look at all that it logged out of.
  `CREATE INDEX sessions_living_idx ON sessions (user_id, created_at DESC) WHERE revoked_at IS NULL`,
  // A refresh changes no column that is indexed; with room on the page, it leaves nothing behind in the indexes.
  `ALTER TABLE sessions SET (fillfactor = 85)`,
];

const revocations = [
  `CREATE INDEX revocations_created_at_idx ON revocations (created_at DESC, level DESC, target DESC)`,
];

const chores = [
  // Who moves `due_at` forward does the chore: once per cluster, and if it dies, another does it the next time.
  `CREATE TABLE chores (
     name text CONSTRAINT chores_pkey PRIMARY KEY,
     due_at timestamptz NOT NULL DEFAULT now()
   )`,
  `INSERT INTO chores (name) VALUES ('purge')`,
];

const undo = [
  `DROP TABLE chores, client_secrets, clients`,
  `DROP INDEX revocations_created_at_idx, sessions_living_idx`,
  `ALTER TABLE sessions DROP resource`,
  `ALTER TABLE sessions RESET (fillfactor)`,
  `ALTER TABLE token_lifetimes DROP longest_access_seconds`,
  `ALTER TABLE signing_keys DROP activates_at, DROP retires_at, DROP forbidden_at`,
];
