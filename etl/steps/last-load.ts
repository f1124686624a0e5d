import type { Layer } from '../../layers/define.ts';
import type { Database } from '../../server/db/connect.ts';
import { LoadError } from '../errors.ts';

/** Share by which the number of rows may change where the definition says nothing. */
const CHANGE = 0.3;
/** Layers of few rows change by chance. */
const FEW = 50;

/** Rows of the live load, and the scale of the demo district it came from. */
export interface LastLoad {
  rows: number;
  scale: number;
}

export async function lastLoad(db: Database, layer: Layer): Promise<LastLoad | null> {
  const [row] = await db.sql<{ rows: number; scale: number | null }[]>`
    select s.rows, (l.report->>'scale')::float8 as scale
    from app.layer_state s join app.load l using (load_id) where s.layer_id = ${layer.id}`;
  return row ? { rows: row.rows, scale: row.scale ?? 1 } : null;
}

/** Throws ROW_CHANGE when far fewer or far more rows were accepted than are live. */
export function assertNoLeap(layer: Layer, accepted: number, last: LastLoad | null, scale: number): void {
  // Demo districts of two sizes have nothing to do with each other.
  if (!last || last.rows < FEW || last.scale !== scale) return;
  const allowed = layer.checks.change ?? CHANGE;
  const change = accepted / last.rows - 1;
  if (Math.abs(change) <= allowed) return;
  const percent = `${change > 0 ? '+' : ''}${Math.round(change * 100)} %`;
  throw new LoadError('ROW_CHANGE', {
    zh: `接收 ${accepted} 行，上次为 ${last.rows} 行（${percent}，允许 ±${Math.round(allowed * 100)} %）。请核对是否漏报或重复；确认无误时加 --accept-change 再装载。`,
    en: `${accepted} rows were accepted, ${last.rows} are live (${percent}, allowed ±${Math.round(allowed * 100)} %). Check for missing or doubled parts; if it is right, load again with --accept-change.`,
  });
}
