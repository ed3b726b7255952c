// What a refresh costs at least: one row written. Each connection has its own, as each refresh has its session's, and writes
// it as fast as it is told that it was.
import { Pool } from 'pg';
import { inLoops } from '../support/loops.mjs';
import { serve } from '../support/worker.mjs';

/** @type {Pool | undefined} */
let pool;

serve({
  /** @param {{ databaseUrl: string, rows: number }} task */
  async open({ databaseUrl, rows }) {
    pool = new Pool({ connectionString: databaseUrl, max: rows });
    await pool.query('CREATE TABLE counters (id int PRIMARY KEY, number int NOT NULL) WITH (fillfactor = 85)');
    await pool.query('INSERT INTO counters SELECT i, 0 FROM generate_series(0, $1 - 1) AS i', [rows]);
  },

  /** @param {{ seconds: number, concurrency: number }} task */
  update: ({ seconds, concurrency }) =>
    inLoops(seconds, concurrency, (id) => pool.query('UPDATE counters SET number = number + 1 WHERE id = $1', [id])),
});
