import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { RAMP } from '../layers/color.ts';
import type { Layer, Text } from '../layers/define.ts';
import { getLayer } from '../layers/index.ts';
import type { Database } from '../server/db/connect.ts';
import type { AttachCounts } from '../server/results/attach-counts.ts';
import { USER_CHECKS } from './checks/active-checks.ts';
import { hasSecondHeader } from './checks/double-header.ts';
import { LoadError } from './errors.ts';
import { openFile } from './formats/open.ts';
import { importDefined } from './import-defined.ts';
import { ColumnProfile } from './infer/column-profile.ts';
import { inferLayer } from './infer/infer-layer.ts';
import type { LoadReport } from './report.ts';
import { LoadSession } from './session.ts';
import { FeatureFile } from './sources/feature-file.ts';

/** Boundaries that a table may be attached to, and the layers with their codes as keys. */
const BOUNDARIES = { grid: 'governance_grid', community: 'community_boundary', town: 'town_boundary' } as const;
export type BoundaryLevel = keyof typeof BOUNDARIES;
export const BOUNDARY_LEVELS = Object.keys(BOUNDARIES) as BoundaryLevel[];

/** A column whose values are codes less often than this is not taken for one, unless somebody names it. */
const LEAST_SHARE = 0.5;
const MOST_EXAMPLES = 20;
/** Field with the name of the boundary, for people to read. */
const NAME_COLUMN = '区域名称';

export interface AttachPlan {
  id: string;
  title: Text;
  owner: { role: string; token: string | null };
  /** What is known of the making so far; the file, the boundaries and the counts are added. */
  madeOf: object;
  /** Kind of boundary; the one most codes are of when left out. */
  level?: BoundaryLevel;
  /** Column with the codes; found by its values when left out. */
  code?: string;
  /** Column that colours the map; the first with numbers when left out. */
  value?: string;
  encoding?: string;
  mostRows: number;
}

export interface Attached {
  counts: AttachCounts;
  /** Rows that were left out, as CSV; null when there are none. */
  leftOut: string | null;
  report: LoadReport;
}

type Reason = 'unmatched' | 'duplicate' | 'empty';
const REASONS: Record<Reason, string> = {
  unmatched: '编码未找到 code not found',
  duplicate: '编码重复 code repeated',
  empty: '没有编码 no code',
};

interface Table {
  columns: readonly string[];
  rows: unknown[][];
  encoding: string;
  notes: string[];
}

/** Joins the rows of a table to boundaries by code, and loads what matches as a layer with their shapes. */
export async function attachTable(db: Database, file: string, plan: AttachPlan, out: string): Promise<Attached> {
  const table = await readTable(db, file, plan);
  const levels = plan.level === undefined ? BOUNDARY_LEVELS : [plan.level];
  const known = new Map<BoundaryLevel, Set<string>>();
  for (const level of levels) known.set(level, await readCodes(db, level));
  const { level, column } = findCodes(table, known, plan.code);
  const codes = known.get(level) as Set<string>;

  const kept = new Map<string, unknown[]>();
  const leftOut: { row: unknown[]; reason: Reason; code: string }[] = [];
  for (const row of table.rows) {
    const code = normalCode(row[column], level);
    const reason = code === '' ? 'empty' : !codes.has(code) ? 'unmatched' : kept.has(code) ? 'duplicate' : null;
    if (reason === null) kept.set(code, row);
    else leftOut.push({ row, reason, code: reason === 'unmatched' ? String(row[column]) : code });
  }
  const count = (reason: Reason): number => leftOut.filter((each) => each.reason === reason).length;
  const named = (reason: Reason): string[] =>
    [...new Set(leftOut.filter((each) => each.reason === reason).map(({ code }) => code.slice(0, 80)))].slice(
      0,
      MOST_EXAMPLES,
    );
  const { layer, value } = layerOf(table, [...kept.values()], column, plan, basename(file));
  const counts: AttachCounts = {
    level,
    code: table.columns[column] as string,
    value,
    rows: table.rows.length,
    matched: kept.size,
    unmatched: count('unmatched'),
    duplicate: count('duplicate'),
    empty: count('empty'),
    boundaries: codes.size,
    missing: codes.size - kept.size,
    encoding: table.encoding,
    examples: { unmatched: named('unmatched'), duplicate: named('duplicate') },
  };
  const path = join(out, 'features.geojson');
  const { load } = await writeFeatures(db, path, level, table, kept);
  const madeOf = { ...plan.madeOf, inputs: [{ layer: BOUNDARIES[level], load }], parameters: { ...counts } };
  const report = await importDefined(db, path, { layer, madeOf, owner: plan.owner }, USER_CHECKS);
  report.notes.push(...table.notes);
  return { counts, leftOut: leftOut.length === 0 ? null : await writeLeftOut(out, table, leftOut), report };
}

async function readTable(db: Database, file: string, { encoding, mostRows }: AttachPlan): Promise<Table> {
  const session = new LoadSession(db);
  try {
    const { source } = await openFile(file, {
      gdal: () => session.gdal(),
      ahead: (bytes) => session.textAhead(bytes),
      ...(encoding === undefined ? {} : { encoding }),
    });
    try {
      const rows: unknown[][] = [];
      for await (const batch of source.batches()) {
        for (const row of batch.rows) if (row.length === source.columns.length) rows.push(row);
        if (rows.length > mostRows) {
          throw new LoadError('TOO_MANY_ROWS', {
            zh: `表格超过 ${mostRows} 行。请只保留需要的行。`,
            en: `the table has more than ${mostRows} rows. Keep only those that are needed.`,
          });
        }
      }
      if (hasSecondHeader(source.columns, rows)) rows.shift();
      if (rows.length === 0) {
        throw new LoadError('EMPTY_FILE', { zh: '表格没有一行数据。', en: 'the table has not a single row.' });
      }
      return { columns: source.columns, rows, encoding: source.encoding, notes: source.notes };
    } finally {
      await source.close();
    }
  } finally {
    await session.close();
  }
}

async function readCodes(db: Database, level: BoundaryLevel): Promise<Set<string>> {
  const table = `layers.${BOUNDARIES[level]}`;
  const [found] = await db.sql<[{ isThere: boolean }]>`select to_regclass(${table}) is not null as "isThere"`;
  if (!found.isThere) return new Set();
  const rows = await db.sql<{ code: string }[]>`select source_id as code from ${db.sql(table)} where geom is not null`;
  return new Set(rows.map(({ code }) => code));
}

/**
 * A code as boundaries have it: half-width, without blanks, an apostrophe before it or a `.0` that a spreadsheet put behind
 * it; the nine digits of a town stand for its twelve.
 */
export function normalCode(raw: unknown, level: BoundaryLevel): string {
  if (raw === null || raw === undefined) return '';
  const text = String(raw)
    .normalize('NFKC')
    .replaceAll(/[\s']/g, '')
    .replace(/^(\d+)\.0+$/, '$1')
    .toUpperCase();
  return level === 'town' && /^\d{9}$/.test(text) ? `${text}000` : text;
}

/** The column with codes, and the kind of boundary they are of: where most rows find one. */
function findCodes(
  { columns, rows }: Table,
  known: ReadonlyMap<BoundaryLevel, ReadonlySet<string>>,
  wanted: string | undefined,
): { level: BoundaryLevel; column: number } {
  if (wanted !== undefined && !columns.includes(wanted)) {
    throw new LoadError('MISSING_COLUMN', {
      zh: `表格没有列“${wanted}”。现有：${columns.join('、')}。`,
      en: `the table has no column "${wanted}"; it has ${columns.join(', ')}.`,
    });
  }
  let best = { level: [...known.keys()][0] as BoundaryLevel, column: 0, share: -1 };
  for (const [level, codes] of known) {
    for (const [column, name] of columns.entries()) {
      if (wanted !== undefined && name !== wanted) continue;
      const found = rows.filter((row) => codes.has(normalCode(row[column], level))).length;
      if (found / rows.length > best.share) best = { level, column, share: found / rows.length };
    }
  }
  if (best.share <= 0 || (wanted === undefined && best.share < LEAST_SHARE)) {
    const levels = [...known.keys()].join(', ');
    throw new LoadError('NO_CODES', {
      zh: `${wanted === undefined ? '没有一列' : `列“${wanted}”`}与 ${levels} 的编码相符。请写明编码列，并检查编码。`,
      en: `${wanted === undefined ? 'no column has' : `the column "${wanted}" does not have`} codes of ${levels}. Name the column with the codes, and check them.`,
    });
  }
  return best;
}

/** The definition: fields as their values are, the code as key, and colours by the value that was chosen. */
function layerOf(
  { columns, encoding }: Table,
  rows: readonly unknown[][],
  column: number,
  plan: AttachPlan,
  file: string,
): { layer: Layer; value: string | null } {
  const profiles = columns.map((name, index) => {
    const profile = new ColumnProfile(name);
    for (const row of rows) profile.add(row[index]);
    return profile;
  });
  if (plan.value !== undefined && !columns.includes(plan.value)) {
    throw new LoadError('MISSING_COLUMN', {
      zh: `表格没有列“${plan.value}”。现有：${columns.join('、')}。`,
      en: `the table has no column "${plan.value}"; it has ${columns.join(', ')}.`,
    });
  }
  const { layer } = inferLayer({
    id: plan.id,
    title: plan.title.zh,
    file,
    format: 'geojson',
    encoding,
    crs: 'EPSG:4326',
    rows: rows.length,
    geometry: 'polygon',
    columns: profiles,
    coordinates: null,
  });
  const sources = Object.entries(layer.source.columns ?? {});
  const fieldOf = (name: string): string => sources.find(([, source]) => source === name)?.[0] as string;
  const key = fieldOf(columns[column] as string);
  const fields = { ...layer.fields };
  if (layer.key !== key && !sources.some(([field]) => field === layer.key)) delete fields[layer.key];
  fields[key] = { type: 'string', title: (fields[key] as Layer['fields'][string]).title, required: true };
  fields[key].filterable = true;
  const measured = profiles
    .map((profile, index) => ({ profile, index }))
    .filter(({ profile, index }) => {
      const { type, mask } = fields[fieldOf(profile.name)] as Layer['fields'][string];
      const isNumber = (type === 'int' || type === 'number') && mask === undefined;
      return index !== column && isNumber && profile.quantiles().length > 0;
    });
  const chosen = plan.value === undefined ? measured[0] : measured.find(({ profile }) => profile.name === plan.value);
  const name = 'area_name' in fields ? 'boundary_name' : 'area_name';
  fields[name] = { type: 'string', title: { zh: NAME_COLUMN, en: 'Area' }, filterable: true };
  const stops = chosen?.profile.quantiles() ?? [];
  const value = chosen === undefined ? null : fieldOf(chosen.profile.name);
  const symbology: Layer['symbology'] =
    value === null ? layer.symbology : { kind: 'ramp', field: value, stops, colors: RAMP.slice(0, stops.length + 1) };
  const shown = symbology.kind === 'none' ? [] : [symbology.field];
  return {
    layer: {
      ...layer,
      title: plan.title,
      fields,
      key,
      label: name,
      search: [name],
      source: { ...layer.source, columns: { ...layer.source.columns, [name]: nameColumnOf(columns) } },
      tiles: { minzoom: 0, maxzoom: 16, fields: [...new Set([...shown, name])] },
      symbology,
    },
    value: chosen?.profile.name ?? null,
  };
}

/** A column for the boundary's name that the table does not have. */
function nameColumnOf(columns: readonly string[]): string {
  return columns.includes(NAME_COLUMN) ? `${NAME_COLUMN}（边界）` : NAME_COLUMN;
}

/** Shapes of the boundaries with the values of their rows. Answers the load the boundaries are of. */
async function writeFeatures(
  db: Database,
  path: string,
  level: BoundaryLevel,
  { columns }: Table,
  rows: ReadonlyMap<string, unknown[]>,
): Promise<{ load: number | null }> {
  const boundaries = getLayer(BOUNDARIES[level]);
  const { sql } = db;
  const shapes = await sql<{ code: string; name: string | null; geometry: string; load: number }[]>`
    select source_id as code, ${sql(boundaries.label ?? boundaries.key)}::text as name, load_id as load,
      st_asgeojson(geom, 12) as geometry
    from ${sql(`layers.${boundaries.id}`)} where source_id = any(${[...rows.keys()]}::text[]) order by source_id`;
  const features = new FeatureFile(path);
  const nameColumn = nameColumnOf(columns);
  for (const { code, name, geometry } of shapes) {
    const row = rows.get(code) as unknown[];
    const values = columns.map((column, index): [string, unknown] => [column, row[index] ?? null]);
    const properties = { ...Object.fromEntries(values), [nameColumn]: name };
    await features.add([{ type: 'Feature', geometry: JSON.parse(geometry) as object, properties }]);
  }
  await features.end();
  return { load: shapes[0]?.load ?? null };
}

function csvCell(value: unknown): string {
  const text = value === null || value === undefined ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

async function writeLeftOut(
  out: string,
  { columns }: Table,
  rows: readonly { row: unknown[]; reason: Reason }[],
): Promise<string> {
  const lines = [
    [...columns, '原因 reason'].map(csvCell).join(','),
    ...rows.map(({ row, reason }) => [...row, REASONS[reason]].map(csvCell).join(',')),
  ];
  const path = join(out, 'left-out.csv');
  await writeFile(path, `\uFEFF${lines.join('\r\n')}\r\n`);
  return path;
}
