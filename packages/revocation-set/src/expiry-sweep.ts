import { type RecordTable } from './record-table.js';

/** Goes round the tables and takes expired records out, some pages at a time, so that it never holds up the requests. */
export class ExpirySweep {
  private table = 0;
  private page = 0;

  constructor(private readonly tables: readonly RecordTable[]) {}

  /** Goes on from where it stopped the last time. */
  run(nowSeconds: number, maxPages: number): void {
    for (let step = 0; step < maxPages; step++) {
      const table = this.tables[this.table]!;
      table.prunePage(this.page, nowSeconds);
      this.page++;
      if (this.page < table.pageCount) continue;
      this.page = 0;
      this.table = (this.table + 1) % this.tables.length;
    }
  }
}
