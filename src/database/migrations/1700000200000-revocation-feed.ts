import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** Numbers every revocation in the order of the commits, and tells whoever listens. */
export class RevocationFeed1700000200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...numbers, ...announcements, ...triggers]) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of undo) await runner.query(statement);
  }
}

// The last second that 32 bits hold, in 2106: of what has no end that is known.
const END_OF_TIME = 4_294_967_295;

const numbers = [
  // One row whose lock orders the commits: a sequence would give a number to who then rolls back, and let a later number
  // commit first. It costs nothing that NOTIFY does not cost already, which lets one transaction at a time commit.
  `CREATE TABLE revocation_counter (
     is_only_row boolean CONSTRAINT revocation_counter_pkey PRIMARY KEY DEFAULT true
       CONSTRAINT revocation_counter_one_row_check CHECK (is_only_row),
     number bigint NOT NULL
   )`,
  // Null only inside the transaction that makes the record.
  `ALTER TABLE revocations ADD number bigint`,
  `UPDATE revocations SET number = place FROM (
     SELECT level, target, row_number() OVER (ORDER BY created_at, level, target) AS place FROM revocations
   ) AS numbered WHERE (revocations.level, revocations.target) = (numbered.level, numbered.target)`,
  `CREATE UNIQUE INDEX revocations_number_key ON revocations (number)`,
  // Forbidding a key is a revocation too, and takes its number from the same row.
  `ALTER TABLE signing_keys ADD forbidden_number bigint`,
  `UPDATE signing_keys SET forbidden_number = place FROM (
     SELECT kid, (SELECT count(*) FROM revocations) + row_number() OVER (ORDER BY forbidden_at, kid) AS place
     FROM signing_keys WHERE forbidden_at IS NOT NULL
   ) AS numbered WHERE signing_keys.kid = numbered.kid`,
  `CREATE UNIQUE INDEX signing_keys_forbidden_number_key ON signing_keys (forbidden_number)`,
  `INSERT INTO revocation_counter (number)
     SELECT (SELECT count(*) FROM revocations) + (SELECT count(forbidden_number) FROM signing_keys)`,
];

const announcements = [
  `CREATE FUNCTION next_revocation_number() RETURNS bigint LANGUAGE sql AS $$
     UPDATE revocation_counter SET number = number + 1 RETURNING number
   $$`,
  // Rounded up, so that no reader lets go of a record before the database does. LEAST passes over a null. Not `extract`,
  // whose exact numbers take three times as long, which counts with a million of them.
  `CREATE FUNCTION record_expiry_seconds(expires_at timestamptz) RETURNS bigint LANGUAGE sql STABLE AS $$
     SELECT LEAST(ceil(date_part('epoch', expires_at)), ${END_OF_TIME})::bigint
   $$`,
  `CREATE FUNCTION announce_record(number bigint, level text, target text, cutoff bigint, expires_at timestamptz)
   RETURNS void LANGUAGE sql AS $$
     SELECT pg_notify('recant_revocations', json_build_object('number', number, 'level', level, 'target', target,
       'cutoff', cutoff, 'expires_at', record_expiry_seconds(expires_at))::text)
   $$`,
  // The row is read anew: announced is what the transaction has made of it in the end, and nothing if it took it back.
  // With another number than at the change, it has been announced since. The number is taken last of all: who waits for
  // it already has every other lock, so no two transactions wait for each other.
  `CREATE FUNCTION announce_revocation() RETURNS trigger LANGUAGE plpgsql AS $$
   DECLARE
     made revocations%ROWTYPE;
   BEGIN
     PERFORM FROM revocations
     WHERE level = NEW.level AND target = NEW.target AND number IS NOT DISTINCT FROM NEW.number;
     IF FOUND THEN
       UPDATE revocations SET number = next_revocation_number()
       WHERE level = NEW.level AND target = NEW.target RETURNING * INTO made;
       PERFORM announce_record(made.number, made.level, made.target::text, made.cutoff, made.expires_at);
     END IF;
     RETURN NULL;
   END $$`,
  // Until when: see EXPIRES_AT of src/tokens/keys/signing-key.repository.ts, with the leeway of src/tokens/leeway.ts.
  `CREATE FUNCTION forbidden_key_expiry(key signing_keys) RETURNS timestamptz LANGUAGE sql STABLE AS $$
     SELECT key.retires_at + make_interval(secs => 5 +
       CASE key.purpose WHEN 'access' THEN longest_access_seconds ELSE longest_seconds END)
     FROM token_lifetimes
   $$`,
  `CREATE FUNCTION announce_forbidden_key() RETURNS trigger LANGUAGE plpgsql AS $$
   DECLARE
     made signing_keys%ROWTYPE;
   BEGIN
     PERFORM FROM signing_keys WHERE kid = NEW.kid AND forbidden_number IS NULL AND forbidden_at IS NOT NULL;
     IF FOUND THEN
       UPDATE signing_keys SET forbidden_number = next_revocation_number() WHERE kid = NEW.kid RETURNING * INTO made;
       PERFORM announce_record(made.forbidden_number, 'key', made.kid, NULL, forbidden_key_expiry(made));
     END IF;
     RETURN NULL;
   END $$`,
];

// Deferred to the COMMIT, where the counter's row is the last that is locked. `number` is in no list of columns, so that
// what a trigger writes does not set it off again.
const triggers = [
  trigger('revocations_insert_announce', 'INSERT ON revocations', 'announce_revocation'),
  trigger(
    'revocations_update_announce',
    'UPDATE OF cutoff, expires_at ON revocations',
    'announce_revocation',
    '(OLD.cutoff, OLD.expires_at) IS DISTINCT FROM (NEW.cutoff, NEW.expires_at)',
  ),
  trigger(
    'signing_keys_forbid_announce',
    'INSERT OR UPDATE OF forbidden_at ON signing_keys',
    'announce_forbidden_key',
    'NEW.forbidden_at IS NOT NULL',
  ),
];

function trigger(name: string, event: string, execute: string, when = 'true'): string {
  return `CREATE CONSTRAINT TRIGGER ${name} AFTER ${event}
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (${when}) EXECUTE FUNCTION ${execute}()`;
}

const undo = [
  `DROP TRIGGER revocations_insert_announce ON revocations`,
  `DROP TRIGGER revocations_update_announce ON revocations`,
  `DROP TRIGGER signing_keys_forbid_announce ON signing_keys`,
  `DROP FUNCTION announce_revocation, announce_forbidden_key, forbidden_key_expiry, announce_record,
     record_expiry_seconds, next_revocation_number`,
  `ALTER TABLE signing_keys DROP forbidden_number`,
  `ALTER TABLE revocations DROP number`,
  `DROP TABLE revocation_counter`,
];
