import { type ClientConfig, type DatabaseError } from 'pg';
import { ImpatientClient } from './impatient-client.js';
import { StatementNames } from './statement-names.js';

export interface PreparingClientConfig extends ClientConfig {
  preparedStatements: boolean;
}

/**
 * The database does not know, or cannot use any more, what was prepared: `invalid_sql_statement_name` and
 * `duplicate_prepared_statement` when a pooler has put another connection under ours, and `feature_not_supported` when a
 * migration has changed the type of a column that a statement answers.
 */
const STALE_SQLSTATES = new Set(['26000', '42P05', '0A000']);

/** One for all connections: they are given the same statements. */
const names = new StatementNames();

/**
 * Has the database parse and plan each statement once for a connection, instead of each time. For our longest ones that
 * takes longer than what they do. Who calls `query` need not know.
 */
export class PreparingClient extends ImpatientClient {
  private readonly isPreparing: boolean;

  constructor(config: PreparingClientConfig) {
    super(config);
    this.isPreparing = config.preparedStatements;
  }

  override query(...args: unknown[]): never {
    const [text, values, ...rest] = args;
    const name = this.isPreparing && isStatement(text, values) ? names.of(text) : null;
    return name === null ? super.query(...args) : super.query({ name, text, values }, ...rest);
  }

  protected override isUselessAfter(error: Error): boolean {
    return super.isUselessAfter(error) || STALE_SQLSTATES.has((error as DatabaseError).code ?? '');
  }
}

/** Without parameters it is BEGIN and the like: nothing to plan. */
function isStatement(text: unknown, values: unknown): text is string {
  return typeof text === 'string' && Array.isArray(values) && values.length > 0;
}
