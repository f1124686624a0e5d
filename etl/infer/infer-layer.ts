import { minzoomOfRows } from '../../layers/minzoom-of-rows.ts';
import { isPersonalField } from '../../layers/check-layer.ts';
import { RAMP } from '../../layers/color.ts';
import type { Field, Geometry, Layer, Mask, Symbology } from '../../layers/define.ts';
import { parseLayer } from '../../layers/parse.ts';
import type { ColumnProfile } from './column-profile.ts';
import { fieldNames } from './field-names.ts';
import { personalMask } from './personal-columns.ts';

/** What was found out about a file nobody defined. */
export interface InferInput {
  id: string;
  title: string;
  /** Name of the file, for the record. */
  file: string;
  format: Layer['source']['format'];
  encoding: string;
  crs: string;
  rows: number;
  geometry: Geometry;
  columns: readonly ColumnProfile[];
  coordinates: { x: string; y: string } | null;
}

export interface InferredLayer {
  layer: Layer;
  /** Rows are known by their line: no column is filled and unique throughout. */
  keyByLine: boolean;
}

/** Name of the field that holds the row number when no column can be the key. */
const ROW_FIELD = 'row_no';
const MOST_CATEGORIES = 12;
/** Told apart by the colour-blind, and unlike the colours of severity: those of the catalogue. */
const CATEGORY_COLORS = ['#7a6fd0', '#44aa99', '#cc79a7', '#9c755f', '#999933', '#aa4499', '#3f9b5a', '#99d8c9'];
const OTHER_COLOR = '#bbbbbb';
const PLAIN_COLOR = '#7a6fd0';

/** Makes a layer definition from what a file holds. It has the shape of the catalogue's, and is checked like them. */
export function inferLayer(input: InferInput): InferredLayer {
  const { columns } = input;
  const own = columns.filter(({ name }) => name !== input.coordinates?.x && name !== input.coordinates?.y);
  const names = fieldNames(own.map(({ name }) => name));
  const fields: Record<string, Field> = {};
  const sources: Record<string, string> = {};
  const keyIndex = findKey(own, input.rows);
  if (keyIndex < 0) fields[ROW_FIELD] = { type: 'int', title: { zh: '行号', en: 'Row' }, required: true };
  for (const [i, column] of own.entries()) {
    const name = names[i] === ROW_FIELD && keyIndex < 0 ? `${ROW_FIELD}_value` : (names[i] as string);
    fields[name] = fieldOf(name, column, i === keyIndex, input.rows);
    sources[name] = column.name;
  }
  const fieldIds = Object.keys(sources);
  const category = findCategory(own, fieldIds, fields);
  const symbology = symbologyOf(fields, fieldIds, own, category, keyIndex);
  const label = findLabel(fieldIds, own, fields);
  const shown = [...new Set([symbology.kind === 'none' ? null : symbology.field, label])].filter(
    (name) => name !== null,
  );
  const layer: Layer = {
    id: input.id,
    title: { zh: input.title, en: input.title },
    // Uploaded layers belong to whoever runs the platform until somebody moves them.
    department: 'urban_management',
    class: 'base_geography',
    subclass: 'vector_basemap',
    geometry: input.geometry,
    fields,
    key: keyIndex < 0 ? ROW_FIELD : (fieldIds[keyIndex] as string),
    ...(label === null ? {} : { label }),
    source: {
      file: input.file,
      format: input.format,
      ...(input.format === 'csv' || input.format === 'shapefile'
        ? { encoding: input.encoding === 'gb18030' ? 'gb18030' : 'utf-8' }
        : {}),
      crs: input.crs,
      columns: sources,
      ...(input.coordinates ? { coordinates: input.coordinates } : {}),
    },
    cadence: 'yearly',
    freshnessHours: 9600,
    ...(input.geometry === 'table'
      ? {}
      : { tiles: { minzoom: minzoomOfRows(input.geometry, input.rows), maxzoom: 16, fields: shown } }),
    symbology,
    // Seen by staff only until somebody says otherwise: nobody has looked at what is in it.
    sensitivity: 'internal',
    // A file of which not one row can be taken does not replace a layer that has some.
    checks: { rows: [1, Math.max(10_000_000, input.rows)] },
  };
  return { layer: parseLayer(JSON.parse(JSON.stringify(layer))), keyByLine: keyIndex < 0 };
}

/** The column whose values part the rows most evenly: one value for nearly all tells nothing. -1 when there is none. */
function findCategory(columns: readonly ColumnProfile[], fieldIds: string[], fields: Record<string, Field>): number {
  let best = -1;
  let most = 0;
  for (const [i, column] of columns.entries()) {
    if (fields[fieldIds[i] as string]?.values === undefined || !column.values) continue;
    let entropy = 0;
    for (const count of column.values.values()) entropy -= (count / column.filled) * Math.log2(count / column.filled);
    if (entropy > most) {
      most = entropy;
      best = i;
    }
  }
  return best;
}

/** The column that is filled and unique in every row: one named like a key first, then any text or whole number. */
function findKey(columns: readonly ColumnProfile[], rows: number): number {
  const candidates = columns
    .map((column, i) => ({ column, i }))
    .filter(({ column }) => {
      return (
        rows > 0 &&
        column.filled === rows &&
        column.isUnique &&
        (column.type === 'string' || column.type === 'int') &&
        // Ids travel in addresses and logs: never one of a person.
        personalMask(column) === null
      );
    });
  const named = candidates.find(({ column }) =>
    /(^|_|\b)(id|fid|gid|oid|objectid|code|key|no)$|(编号|编码|代码|編號|編碼|代碼|主键)$/i.test(column.name),
  );
  return (named ?? candidates[0])?.i ?? -1;
}

function fieldOf(name: string, column: ColumnProfile, isKey: boolean, rows: number): Field {
  const mask = maskOf(name, column);
  const isPersonal = mask !== null;
  const type = isPersonal && mask !== 'birth_date' ? 'string' : column.type;
  const field: Field = { type, title: { zh: column.name, en: column.name } };
  if (isKey) field.required = true;
  if (isPersonal) field.mask = mask;
  else field.filterable = true;
  const distinct = column.values?.size ?? 0;
  if (
    !isKey &&
    !isPersonal &&
    type === 'string' &&
    column.values &&
    distinct >= 2 &&
    distinct <= MOST_CATEGORIES &&
    distinct * 2 <= rows
  ) {
    const byCount = [...column.values].toSorted((a, b) => b[1] - a[1]);
    field.values = Object.fromEntries(byCount.map(([value]) => [value, { zh: value, en: value }]));
  }
  return field;
}

function maskOf(name: string, column: ColumnProfile): Mask | null {
  const mask = personalMask(column);
  if (mask !== null) return mask;
  if (!isPersonalField({ sensitivity: 'internal' }, name)) return null;
  if (name.endsWith('phone')) return 'phone';
  if (name.endsWith('id_no')) return 'id_no';
  return /(^|_)(name|person)$/.test(name) ? 'name' : 'code';
}

function symbologyOf(
  fields: Record<string, Field>,
  fieldIds: string[],
  columns: readonly ColumnProfile[],
  category: number,
  key: number,
): Symbology {
  if (category >= 0) {
    const field = fieldIds[category] as string;
    const values = Object.keys(fields[field]?.values ?? {}).slice(0, CATEGORY_COLORS.length);
    return {
      kind: 'categorical',
      field,
      colors: Object.fromEntries(values.map((value, i) => [value, CATEGORY_COLORS[i] as string])),
      other: OTHER_COLOR,
    };
  }
  const measure = columns.findIndex((column, i) => {
    const field = fields[fieldIds[i] as string];
    const isNumber = field?.type === 'int' || field?.type === 'number';
    return (
      i !== key &&
      isNumber &&
      !/(^|_)(x|y)$|(id|code|no|year|zip)$/i.test(fieldIds[i] as string) &&
      column.quantiles().length === 4
    );
  });
  const field = fieldIds[measure];
  if (measure < 0 || field === undefined) return { kind: 'none', color: PLAIN_COLOR };
  return { kind: 'ramp', field, stops: (columns[measure] as ColumnProfile).quantiles(), colors: RAMP };
}

function findLabel(
  fieldIds: string[],
  columns: readonly ColumnProfile[],
  fields: Record<string, Field>,
): string | null {
  const texts = fieldIds.filter(
    (name, i) =>
      fields[name]?.type === 'string' && fields[name]?.mask === undefined && (columns[i] as ColumnProfile).filled > 0,
  );
  const named = texts.find(
    (name) => /(^|_)(name|title)$/i.test(name) || /(名称|名稱|姓名|名)$/.test(fields[name]?.title.zh ?? ''),
  );
  return named ?? texts.find((name) => fields[name]?.values === undefined) ?? null;
}
