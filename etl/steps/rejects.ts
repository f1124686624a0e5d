import type { Database } from '../../server/db/connect.ts';
import type { RejectCode } from '../checks/codes.ts';
import type { Fault } from '../checks/field-reader.ts';

/** One row that was set aside, as it is stored in `app.reject`. */
export interface Reject extends Fault {
  /** Null when only the database saw what is wrong. */
  line: number | null;
  raw: Record<string, unknown>;
  lon: number | null;
  lat: number | null;
}

const BATCH = 2000;
const EXAMPLES = 5;

/** Writes rejected rows as they come, and counts them. A load of nothing but errors takes no more memory than another. */
export class RejectWriter {
  total = 0;
  readonly byCode = new Map<RejectCode, { count: number; examples: Reject[] }>();
  /** Rows that referred to nothing, by field. */
  readonly unknownReferences = new Map<string, number>();
  private waiting: Reject[] = [];
  private readonly db: Database;
  private readonly load: number;

  constructor(db: Database, load: number) {
    this.db = db;
    this.load = load;
  }

  add(reject: Reject): void {
    this.total += 1;
    const entry = this.byCode.get(reject.code) ?? { count: 0, examples: [] };
    entry.count += 1;
    if (reject.code === 'UNKNOWN_REFERENCE' && reject.field !== null) {
      this.unknownReferences.set(reject.field, (this.unknownReferences.get(reject.field) ?? 0) + 1);
    }
    if (entry.examples.length < EXAMPLES) entry.examples.push(reject);
    this.byCode.set(reject.code, entry);
    this.waiting.push(reject);
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
    await this.db.sql`
      insert into app.reject (load_id, line, code, field, value, message, raw, lon, lat)
      select ${this.load}, r.line, r.code, r.field, r.value, r.message, r.raw, r.lon, r.lat
      from jsonb_to_recordset(${json}::text::jsonb)
        as r(line int, code text, field text, value text, message text, raw jsonb, lon float8, lat float8)`;
  }
}
