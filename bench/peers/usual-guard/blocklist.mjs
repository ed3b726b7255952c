import { Inject, Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import { decorated } from './decorated.mjs';

/** The revoked tokens, in a table. Asked through `pg` itself: TypeORM in between, as most have it, would take longer. */
export class Blocklist {
  constructor({ databaseUrl }) {
    this.pool = new Pool({ connectionString: databaseUrl });
  }

  async has(jti) {
    const { rowCount } = await this.pool.query('SELECT 1 FROM blocklist WHERE jti = $1', [jti]);
    return rowCount > 0;
  }

  onModuleDestroy() {
    return this.pool.end();
  }
}

decorated(Blocklist, Injectable());
Inject('options')(Blocklist, undefined, 0);
