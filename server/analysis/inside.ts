import { kAnonymity, maskedFields, maskValue, type Role } from '../../layers/access.ts';
import { reportSections, type Field, type Layer, type Report, type Text } from '../../layers/define.ts';
import { reportOf } from '../../layers/report.ts';
import { shanghaiDay } from '../shanghai-time.ts';
import { suppress } from '../aggregate/suppress.ts';
import { bucketKey } from '../aggregate/bucket.ts';
import type { Grouping } from '../aggregate/aggregate-query.ts';
import type { Counter } from '../aggregate/counter.ts';
import type { Catalogue } from '../catalogue.ts';
import type { Database } from '../db/connect.ts';
import type { Predicate } from '../filter/predicate.ts';
import { toSql } from '../filter/to-sql.ts';
import { listFeatures } from '../queries/features.ts';
import type { LayerState } from '../queries/layer-state.ts';
import { bounded } from './bounded.ts';
import type { InsideItem } from './contract.ts';
import { allOf, geometryText, insideFilter, type Shape } from './shape.ts';

/** Lower ends of the bands of age: before school, compulsory school, under age, working age, old age by decades. */
const AGE_BANDS = [0, 7, 15, 18, 35, 60, 70, 80] as const;
const MOST_NAMED = 50;
const UNKNOWN: Text = { zh: '未填写', en: 'Not stated' };
const YES: Text = { zh: '是', en: 'Yes' };
const NO: Text = { zh: '否', en: 'No' };

interface Entry {
  layer: Layer;
  state: LayerState;
  report: Report;
}

interface Context {
  db: Database;
  counter: Counter;
  shape: Shape;
  role: Role;
  /** Today in the district, `YYYY-MM-DD`. */
  today: string;
}

/**
 * Who and what is inside a shape, as far as the role may know: an item for each layer that says what it tells, or for
 * each of `only` these.
 */
export async function reportInside(
  services: { db: Database; catalogue: Catalogue; counter: Counter },
  role: Role,
  shape: Shape,
  { now = new Date(), only }: { now?: Date; only?: ReadonlySet<string> } = {},
): Promise<InsideItem[]> {
  const entries = (await services.catalogue.list(role)).flatMap(({ layer, state }): Entry[] => {
    if (only?.has(layer.id) === false) return [];
    const report = reportOf(layer);
    return report === null || state === null || layer.geometry === 'raster' ? [] : [{ layer, state, report }];
  });
  const today = shanghaiDay(now.getTime());
  const context: Context = { ...services, shape, role, today };
  // The areas in charge first: others belong by their codes.
  const grids = entries.filter(({ layer, report }) => report.section === 'responsible' && layer.geometry === 'polygon');
  const codes = (await Promise.all(grids.map((each) => codesInside(context, each)))).flat();
  const items = await Promise.all(entries.map((entry) => itemOf(context, entry, codes)));
  return items.toSorted((a, b) => reportSections.indexOf(a.section) - reportSections.indexOf(b.section));
}

async function codesInside({ counter, shape }: Context, { layer, state }: Entry): Promise<string[]> {
  return (await counter.cells(layer, state, allOf(layer, [insideFilter(shape)]), 'grid')).codes;
}

async function itemOf(context: Context, entry: Entry, codes: readonly string[]): Promise<InsideItem> {
  const { layer, state, report } = entry;
  const { counter, shape, role } = context;
  const k = kAnonymity(role, layer);
  const whereField = report.where === undefined ? undefined : layer.fields[report.where.field];
  const inside =
    report.match === 'grid'
      ? codes.length === 0
        ? { not: { and: [] } }
        : { cells: { by: 'grid', codes: codes.slice(0, 2000) } }
      : insideFilter(shape);
  const conditions = [
    inside,
    report.where === undefined ? undefined : { field: report.where.field, op: '=', value: report.where.value },
  ];
  const base = {
    section: report.section,
    layer: layer.id,
    title: layer.title,
    load: state.loadId,
    where:
      report.where === undefined || whereField === undefined
        ? null
        : {
            field: report.where.field,
            title: whereField.title,
            value: titleOf(whereField, String(report.where.value)),
          },
    k,
    groups: [],
    ages: null,
    named: null,
  };
  if (report.section === 'network' || report.section === 'land') {
    return { ...base, ...(await measureInside(context, entry, conditions)) };
  }
  const rows = await counter.rows(layer, state, allOf(layer, conditions));
  /** Rows by the keys of the groupings, one after the other joined by a line feed; `''`: rows of no group. */
  const tally = async (by: Grouping[], ...more: object[]): Promise<Map<string, number>> => {
    const predicate = allOf(layer, [...conditions, ...more]);
    const { keys, counts, outside } = await counter.aggregate(layer, state, {
      predicate,
      metric: { kind: 'count' },
      by,
    });
    const found = counts.map((n, index): [string, number] => [keys.map((each) => String(each[index])).join('\n'), n]);
    return new Map([...found, ['', outside]]);
  };
  const shown = suppress([rows], 0, k).counts[0] ?? null;
  const item: InsideItem = { ...base, measure: 'rows', total: shown };
  if (report.section === 'responsible') {
    item.named = await namesInside(context, entry, allOf(layer, conditions));
    // Each is named anyway.
    item.total = rows;
    item.k = 1;
    return item;
  }
  if (rows === 0 || shown === null) return item;
  const fields = report.by ?? [];
  const [crossed, ...rest] = fields;
  const alone = report.ages === undefined ? fields : rest;
  item.groups = await Promise.all(
    alone.map(async (name) => {
      const field = layer.fields[name]!;
      const options = [...optionsOf(field), null];
      const found = await tally([valuesGrouping(name, field)]);
      const counts = options.map((value) => found.get(value ?? '') ?? 0);
      const totals = suppress(counts, 0, k).counts;
      return { field: name, title: field.title, values: valuesOf(field, options, totals) };
    }),
  );
  if (report.ages !== undefined && crossed !== undefined) {
    item.ages = await agesInside(context, entry, report.ages, crossed, k, tally);
  }
  return item;
}

/** Bands of age by the values of a field: one table, so that what is withheld cannot be found by subtraction. */
async function agesInside(
  { today }: Context,
  { layer }: Entry,
  birth: string,
  crossed: string,
  k: number,
  tally: (by: Grouping[], ...more: object[]) => Promise<Map<string, number>>,
): Promise<InsideItem['ages']> {
  const field = layer.fields[crossed]!;
  const options = optionsOf(field);
  const bands = AGE_BANDS.map((from, index) => ({ from, to: (AGE_BANDS[index + 1] ?? 0) - 1 })).map(({ from, to }) => ({
    from,
    to: to < from ? null : to,
  }));
  const breaks = AGE_BANDS.slice(1);
  const age: Grouping = { kind: 'age', field: { name: birth, type: 'date' }, breaks, on: today };
  // Not who is not born yet.
  const found = await tally([age, valuesGrouping(crossed, field)], { field: birth, op: '<=', value: today });
  const counts = bands.flatMap((_, index) =>
    options.map((value) => found.get(`${bucketKey(age, index)}\n${value}`) ?? 0),
  );
  const totals = suppress(counts, 0, k).counts;
  return {
    field: crossed,
    title: field.title,
    values: options.map((value) => ({ value, title: titleOf(field, value) })),
    bands: bands.map((band, index) => ({
      ...band,
      totals: totals.slice(index * options.length, (index + 1) * options.length),
    })),
  };
}

function optionsOf(field: Field): string[] {
  return field.type === 'bool' ? ['true', 'false'] : Object.keys(field.values ?? {});
}

function valuesGrouping(name: string, field: Field): Grouping {
  return { kind: 'values', field: { name, type: field.type } };
}

function titleOf(field: Field, value: string): Text {
  if (field.type === 'bool') return value === 'true' ? YES : NO;
  return field.values?.[value] ?? { zh: value, en: value };
}

type Values = InsideItem['groups'][number]['values'];

/** Values with their totals; those nobody has are left out. */
function valuesOf(field: Field, options: readonly (string | null)[], totals: readonly (number | null)[]): Values {
  return options
    .map((value, index) => ({
      value,
      title: value === null ? UNKNOWN : titleOf(field, value),
      total: totals[index] ?? null,
    }))
    .filter(({ total }) => total !== 0);
}

/** Length or area of the parts that lie inside, by the first field of the report. Geodesic. */
async function measureInside(
  { db, shape }: Context,
  { layer, state, report }: Entry,
  conditions: readonly (object | undefined)[],
): Promise<Pick<InsideItem, 'measure' | 'total' | 'groups'>> {
  const { sql } = db;
  const [, where] = conditions;
  // Cut at the outline also where the area is a cell: a road belongs to all cells it passes.
  const crossing = allOf(layer, [{ and: [{ bbox: shape.bbox }, { within: shape.geometry }] }, where]);
  const [by] = report.by ?? [];
  const field = by === undefined ? undefined : layer.fields[by];
  const value = by === undefined ? sql`null::text` : sql`${sql(by)}::text`;
  const inside = sql`case when st_covers(area, geom) then geom else st_intersection(geom, area) end`;
  const amount =
    report.section === 'network' ? sql`st_length((${inside})::geography)` : sql`st_area((${inside})::geography)`;
  const rows = await bounded(
    db,
    (tx) => tx<{ value: string | null; total: number }[]>`
      select ${value} as value, coalesce(sum(${amount}), 0)::float8 as total
      from ${sql(state.table)}, (select st_setsrid(st_geomfromgeojson(${geometryText(shape.geometry)}::text), 4326) as area offset 0) shape
      where ${toSql(sql, layer, crossing)} group by 1`,
  );
  const total = rows.reduce((sum, row) => sum + row.total, 0);
  const order = field === undefined ? [] : [...optionsOf(field), null];
  const known = new Map(rows.map((row) => [row.value, row.total]));
  return {
    measure: report.section === 'network' ? 'metres' : 'squareMetres',
    total,
    groups:
      by === undefined || field === undefined
        ? []
        : [
            {
              field: by,
              title: field.title,
              values: valuesOf(
                field,
                order,
                order.map((option) => known.get(option) ?? 0),
              ),
            },
          ],
  };
}

/** Rows by name, each as its layer's features show it to this role. */
async function namesInside(
  { db, role }: Context,
  { layer, state }: Entry,
  predicate: Predicate,
): Promise<InsideItem['named']> {
  const masked = new Set(maskedFields(layer, role));
  const rows = await listFeatures(db.sql, layer, predicate, -1, MOST_NAMED, state.table);
  return rows.map(({ fid, fields }) => {
    const properties = Object.fromEntries(
      Object.entries(fields).map(([name, value]) => {
        const mask = masked.has(name) ? layer.fields[name]?.mask : undefined;
        return [name, mask === undefined ? value : maskValue(mask, value)];
      }),
    );
    return { fid, name: String(properties[layer.label ?? layer.key] ?? ''), properties };
  });
}
