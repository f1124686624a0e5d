import type { Database } from '../../server/db/connect.ts';
import type { RepairCode } from '../checks/codes.ts';
import type { Repair } from '../checks/field-reader.ts';

const BATCH = 2000;

/** Writes what was put right in accepted rows as they come, and counts it. */
export class RepairWriter {
  /** Repairs by code. */
  readonly byCode = new Map<RepairCode, number>();
  private waiting: { source_id: string; code: RepairCode; message: string }[] = [];
  private readonly db: Database;
  private readonly load: number;

  constructor(db: Database, load: number) {
    this.db = db;
    this.load = load;
  }

  add(key: string, { code, message }: Repair): void {
    this.byCode.set(code, (this.byCode.get(code) ?? 0) + 1);
    this.waiting.push({ source_id: key, code, message });
  }

  get isFull(): boolean {
    return this.waiting.length >= BATCH;
  }

  async flush(): Promise<void> {
    if (this.waiting.length === 0) return;
    const rows = this.waiting;
    this.waiting = [];
    // PostgreSQL stores no NUL character, not even in JSON.
    const json = JSON.stringify(rows).replaceAll('\\u0000', '␀');
    await this.db.sql`insert into app.repair (load_id, source_id, code, message)
      select ${this.load}, r.source_id, r.code, r.message
      from jsonb_to_recordset(${json}::text::jsonb) as r(source_id text, code text, message text)`;
  }

  /** Rows with a repair; those that were taken out again are forgotten. */
  async rows(removed: readonly string[]): Promise<number> {
    await this.flush();
    if (this.byCode.size === 0) return 0;
    const { sql } = this.db;
    if (removed.length > 0) {
      await sql`delete from app.repair where load_id = ${this.load} and source_id = any(${removed as string[]}::text[])`;
    }
    const [row] = await sql<{ n: number }[]>`
      select count(distinct source_id)::int as n from app.repair where load_id = ${this.load}`;
    return row?.n ?? 0;
  }
}
