import type { Geometry } from 'geojson';
import type { Role } from '../../layers/access.ts';
import type { Layer } from '../../layers/define.ts';
import { sourceMask } from '../../layers/mask-source-row.ts';

/** Columns that lead a file of rows set aside: line, code, reason. A Shapefile has room for ten bytes of a name. */
export const LEADING = ['退回行号', '退回代码', '退回原因'] as const;
export const LEADING_ASCII = ['rej_line', 'rej_code', 'rej_why'] as const;

export function leadingColumns(format: string): readonly [string, string, string] {
  return format === 'shapefile' ? LEADING_ASCII : LEADING;
}

/** A row that was set aside, as it is handed out. */
export interface HandedRow {
  line: number;
  code: string;
  reason: string;
  /** Masked, by column. */
  cells: ReadonlyMap<string, unknown>;
  geometry: Geometry | null;
}

/** The cells of a record by column; what stands beyond the header is `#5`, `#6` … */
export function cellsOf(columns: readonly string[], record: readonly unknown[]): Map<string, unknown> {
  const cells = new Map<string, unknown>();
  for (let i = 0; i < Math.max(columns.length, record.length); i += 1)
    cells.set(columns[i] ?? `#${i + 1}`, record[i] ?? null);
  return cells;
}

/** The cells as the role may see them: the same for the same row, so that what comes back unchanged can be told. */
export function maskedCells(
  layer: Layer,
  role: Role,
  code: string,
  cells: ReadonlyMap<string, unknown>,
): Map<string, unknown> {
  const mask = sourceMask(layer, role, code);
  return new Map([...cells].map(([column, value]) => [column, mask(column, value)]));
}

/** A value as text, to compare what was handed out with what came back. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'boolean') return value ? '是' : '否';
  return typeof value === 'object' ? JSON.stringify(value) : String(value).trim();
}
