import { maskedFields, maskValue, type Role } from './access.ts';
import type { Layer } from './define.ts';

/** In rows set aside for these reasons values stand under the names of other columns. */
const OUT_OF_PLACE: ReadonlySet<string> = new Set(['ROW_SHAPE', 'TRUNCATED_ROW', 'SHIFTED_COLUMNS']);

/** What was wrong with rows set aside for these reasons is the row itself. */
const WHOLE_ROW: ReadonlySet<string> = new Set(['SHIFTED_COLUMNS', 'FOOTER_ROW', 'REPEATED_HEADER']);

/** Stands for a value of which nothing may be shown. */
export const WITHHELD = '***';

/** Column name of the department -> field id. Rows that the database set aside are under the field ids themselves. */
function fieldsByColumn(layer: Layer): Map<string, string> {
  const names = Object.keys(layer.fields);
  const fields = new Map(names.map((name) => [name, name]));
  fields.set('source_id', layer.key);
  for (const name of names) fields.set(layer.source.columns?.[name] ?? name, name);
  return fields;
}

/**
 * How the cells of a row under the department's own column names are shown. In a layer about persons a column that the
 * definition does not know may hold anything, so nothing of it is shown; and in a row with too many or too few cells, or
 * with cells moved aside, the values stand under wrong names, so nothing of the row is.
 * @returns column and value -> the value as the role may see it
 */
export function sourceMask(layer: Layer, role: Role, code: string): (column: string, value: unknown) => unknown {
  const masked = new Set(maskedFields(layer, role));
  if (masked.size === 0) return (_column, value) => value;
  const fields = fieldsByColumn(layer);
  const { coordinates } = layer.source;
  return (column, value) => {
    if (value === null || value === undefined || value === '') return value;
    if (OUT_OF_PLACE.has(code)) return WITHHELD;
    if (column === coordinates?.x || column === coordinates?.y) return value;
    const field = fields.get(column);
    if (field === undefined) return WITHHELD;
    const mask = layer.fields[field]?.mask;
    return mask !== undefined && masked.has(field) ? maskValue(mask, value) : value;
  };
}

/** The value that a row was set aside for, as the role may see it. */
export function maskedFault(
  layer: Layer,
  role: Role,
  fault: { code: string; field: string | null; value: string | null },
): string | null {
  const { code, field, value } = fault;
  const masked = maskedFields(layer, role);
  if (value === null || masked.length === 0) return value;
  if (field === null) return WHOLE_ROW.has(code) ? WITHHELD : value;
  const mask = layer.fields[field]?.mask;
  return mask !== undefined && masked.includes(field) ? maskValue(mask, value) : value;
}
