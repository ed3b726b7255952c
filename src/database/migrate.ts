import { type DataSource, MigrationExecutor } from 'typeorm';

/** Any number that nothing else in the database locks: "recant" in ASCII. */
const MIGRATION_LOCK = 0x726563616e74;

/**
 * Brings the schema up to date. Instances that start at once wait for one another and each migration runs once; all of
 * it is one transaction, so a failure leaves the schema as it was. Takes one connection, so a pool of one is enough.
 */
export async function migrate(dataSource: DataSource): Promise<void> {
  const runner = dataSource.createQueryRunner();
  try {
    await runner.startTransaction();
    // The wait for nine other instances is no fault, however long: also not where the role has a limit of its own.
    await runner.query('SET LOCAL statement_timeout = 0');
    await runner.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    const executor = new MigrationExecutor(dataSource, runner);
    // 'none': the transaction is ours, begun above, so that the lock lives exactly as long.
    executor.transaction = 'none';
    await executor.executePendingMigrations();
    await runner.commitTransaction();
  } catch (error) {
    if (runner.isTransactionActive) await runner.rollbackTransaction();
    throw error;
  } finally {
    await runner.release();
  }
}
