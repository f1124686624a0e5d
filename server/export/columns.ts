import { maskedFields, type Role } from '../../layers/access.ts';
import type { FieldType, Layer, Mask, Text } from '../../layers/define.ts';
import { ApiError } from '../errors.ts';
import type { ExportFormatName } from './formats.ts';

/** A column of an exported table. */
export interface ExportColumn {
  /** Column of the layer's table. */
  name: string;
  title: Text;
  unit?: string;
  type: FieldType | 'int8';
  /** How its values are hidden from this caller; not set: they are not. */
  mask?: Mask;
  /** What it is called in the file: `name`, unless the format or the caller wants otherwise. */
  as: string;
}

const FID: Omit<ExportColumn, 'as'> = {
  name: 'fid',
  title: { zh: '要素编号', en: 'Feature number' },
  type: 'int8',
};

const CELLS: Omit<ExportColumn, 'as'>[] = [
  { name: 'grid_code', title: { zh: '网格编码', en: 'Micro-grid code' }, type: 'string' },
  { name: 'community_code', title: { zh: '社区编码', en: 'Community code' }, type: 'string' },
  { name: 'town_code', title: { zh: '镇街编码', en: 'Town code' }, type: 'string' },
];

/** Names a heading may be made of. */
export const HEADINGS = ['name', 'zh', 'en'] as const;
export type Heading = (typeof HEADINGS)[number];

/** Everything a row of the layer has for this role, in the order of the definition, between its number and its cells. */
function allColumns(layer: Layer, role: Role): Omit<ExportColumn, 'as'>[] {
  const masked = new Set(maskedFields(layer, role));
  const own = Object.entries(layer.fields).map(([name, field]): Omit<ExportColumn, 'as'> => ({
    name,
    title: field.title,
    type: field.type,
    ...(field.unit === undefined ? {} : { unit: field.unit }),
    ...(masked.has(name) && field.mask !== undefined ? { mask: field.mask } : {}),
  }));
  const names = new Set(own.map(({ name }) => name));
  return [FID, ...own, ...CELLS.filter(({ name }) => !names.has(name))];
}

/**
 * The columns asked for by `fields` (names with commas between, in their order), or all. `fid` always leads.
 * Throws `PARAMETER_INVALID` naming a field that the layer does not have.
 */
export function exportColumns(
  layer: Layer,
  role: Role,
  fields: string | undefined,
  format: ExportFormatName,
  heading: Heading,
): ExportColumn[] {
  const all = allColumns(layer, role);
  const chosen =
    fields === undefined || fields.trim() === ''
      ? all
      : [FID, ...pick(layer, all, fields.split(',')).filter((c) => c.name !== 'fid')];
  const isSheet = format === 'csv' || format === 'xlsx';
  const names = format === 'shapefile' ? shortNames(chosen.map(({ name }) => name)) : null;
  return chosen.map((column, index) => ({
    ...column,
    as: names?.[index] ?? (isSheet && heading !== 'name' ? column.title[heading] : column.name),
  }));
}

function pick(
  layer: Layer,
  all: readonly Omit<ExportColumn, 'as'>[],
  names: readonly string[],
): Omit<ExportColumn, 'as'>[] {
  const wanted = new Map<string, Omit<ExportColumn, 'as'>>();
  for (const raw of names) {
    const name = raw.trim();
    const column = all.find((each) => each.name === name);
    if (column === undefined) {
      throw new ApiError('PARAMETER_INVALID', `fields: layer ${layer.id} has no field "${name.slice(0, 64)}"`, {
        field: 'fields',
        value: name,
      });
    }
    wanted.set(name, column);
  }
  return [...wanted.values()];
}

/** Longest name of a column in a Shapefile, bytes. */
const SHORT = 10;

/** Names of at most ten bytes, each different from the others whatever the case of its letters. */
export function shortNames(names: readonly string[]): string[] {
  const taken = new Set<string>();
  // What fits keeps its name, whatever stands before it.
  for (const name of names) if (name.length <= SHORT) taken.add(name.toLowerCase());
  return names.map((name) => {
    if (name.length <= SHORT) return name;
    let short = name.slice(0, SHORT);
    for (let n = 1; taken.has(short.toLowerCase()); n++) short = `${name.slice(0, SHORT - 1 - String(n).length)}_${n}`;
    taken.add(short.toLowerCase());
    return short;
  });
}
