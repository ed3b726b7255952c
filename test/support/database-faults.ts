import { inject } from 'vitest';
import { type TestDatabase } from './database.js';
import { runOn } from './sql.js';

/** Makes a database refuse as a broken one would, and heals it again. */
export class DatabaseFaults {
  constructor(private readonly database: TestDatabase) {}

  /** Every write of the table fails, with the error class of a full disk unless told otherwise. */
  async refuseWrites(table: string, when = 'INSERT OR UPDATE OR DELETE', sqlState = '53100'): Promise<void> {
    await this.database.run(`CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'the disk is full' USING ERRCODE = '${sqlState}'; END $$`);
    await this.trigger(`BEFORE ${when} ON ${table}`, '', 'refuse');
  }

  /** An insert succeeds and its COMMIT does not: it is refused, or the connection dies in it. */
  async failCommits(table: string, how: 'refuse' | 'die'): Promise<void> {
    const act = how === 'die' ? 'PERFORM pg_terminate_backend(pg_backend_pid())' : `RAISE EXCEPTION 'the disk is full'`;
    await this.database.run(`CREATE OR REPLACE FUNCTION ${how}() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN ${act}; RETURN NULL; END $$`);
    await this.trigger(`AFTER INSERT ON ${table}`, 'DEFERRABLE INITIALLY DEFERRED', how);
  }

  async takeAway(table: string): Promise<void> {
    await this.database.run(`ALTER TABLE ${table} RENAME TO ${table}_gone`);
  }

  async heal(table: string): Promise<void> {
    await this.database.run(`ALTER TABLE IF EXISTS ${table}_gone RENAME TO ${table}`);
    await this.database.run(`DROP TRIGGER IF EXISTS refuse ON ${table}`);
  }

  /** The service's connections; its pool does not know yet. */
  async cutConnections(): Promise<void> {
    await this.database.run(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid()`);
  }

  /** The connection on which the service hears of revocations; with nothing to read them from, its memory is in doubt. */
  async cutFeed(): Promise<void> {
    await this.database.run(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'recant-feed'`);
  }

  /** The database takes no connection and has none left, as if its server had ended. */
  async goAway(): Promise<void> {
    await this.allowConnections(false);
    await runOn(inject('server').url, 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [
      this.name,
    ]);
  }

  async comeBack(): Promise<void> {
    await this.allowConnections(true);
  }

  private get name(): string {
    return new URL(this.database.url).pathname.slice(1);
  }

  private async allowConnections(areAllowed: boolean): Promise<void> {
    await runOn(inject('server').url, `ALTER DATABASE ${this.name} ALLOW_CONNECTIONS ${areAllowed}`);
  }

  private async trigger(event: string, deferral: string, execute: string): Promise<void> {
    const constraint = deferral && 'CONSTRAINT';
    await this.database.run(
      `CREATE ${constraint} TRIGGER refuse ${event} ${deferral} FOR EACH ROW EXECUTE FUNCTION ${execute}()`,
    );
  }
}
