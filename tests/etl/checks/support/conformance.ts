import type { Geometry as GeoJson } from 'geojson';
import type { ActiveChecks, Check } from '../../../../etl/checks/active-checks.ts';
import { toWgs84 } from '../../../../etl/crs/transform.ts';
import { KeySet } from '../../../../etl/link/key-set.ts';
import { type CheckContext, RowChecker } from '../../../../etl/steps/check.ts';
import type { Layer } from '../../../../layers/define.ts';
import { buildMesh } from '../../../../server/db/mesh.ts';

/** What happened to a row: the code that set it aside, or the repairs of an accepted one. */
export type Outcome = string;

interface Planted {
  expected: Outcome;
  record: unknown[];
  geometry?: GeoJson;
}

const text = (title: string): { zh: string; en: string } => ({ zh: title, en: title });

const base = {
  title: text('核对'),
  department: 'health',
  class: 'population_livelihood',
  subclass: 'health_service',
  cadence: 'yearly',
  freshnessHours: 9000,
  symbology: { kind: 'none', color: '#888888' },
  sensitivity: 'internal',
} as const;

/** A table of points with every kind of check a value can have. */
const points: Layer = {
  ...base,
  id: 'conformance_point',
  geometry: 'point',
  key: 'code',
  fields: {
    code: { type: 'string', title: text('编号'), required: true, pattern: '^K\\d{4}$' },
    name: { type: 'string', title: text('名称'), required: true, maxLength: 40 },
    kind: { type: 'string', title: text('类别'), required: true, values: { a: text('甲'), b: text('乙') } },
    beds: { type: 'int', title: text('床位'), range: [0, 900] },
    opened_on: { type: 'date', title: text('开业') },
    closed_on: { type: 'date', title: text('歇业') },
    uscc: { type: 'string', title: text('信用代码'), pattern: '^[0-9A-HJ-NPQRTUWXY]{18}$', format: 'uscc' },
    licence: { type: 'string', title: text('许可证'), pattern: '^\\d{6}$' },
    parent: { type: 'string', title: text('上级'), pattern: '^T\\d$' },
    grid_code: { type: 'string', title: text('网格'), pattern: '^440604\\d{6}W\\d{3}$' },
    address: { type: 'string', title: text('地址') },
  },
  source: { file: 'health/a.csv', format: 'csv', encoding: 'utf-8', crs: 'EPSG:4490', coordinates: { x: 'x', y: 'y' } },
  checks: {
    rows: [0, 1000],
    unique: ['licence'],
    references: [{ field: 'parent', layer: 'town' }],
    order: [
      ['opened_on', 'today'],
      ['opened_on', 'closed_on'],
    ],
  },
};

const shapes: Layer = {
  ...base,
  id: 'conformance_polygon',
  geometry: 'polygon',
  key: 'code',
  fields: { code: { type: 'string', title: text('编号'), required: true } },
  source: { file: 'health/b.geojson', format: 'geojson', crs: 'EPSG:4490' },
  checks: { rows: [0, 1000], distinctShapes: true },
};

const GRIDS = ['440604012001W001', '440604012001W002'] as const;
/** Two cells side by side, parted at 113.1 E. */
const mesh = buildMesh(
  GRIDS.map((code, i) => {
    const [west, east] = [113 + i * 0.1, 113.1 + i * 0.1];
    return {
      code,
      rings: [
        [
          [west, 22.95],
          [east, 22.95],
          [east, 23.05],
          [west, 23.05],
          [west, 22.95],
        ],
      ],
    };
  }),
);

const PLACE = ['113.0512345', '23.0012345'];
let number = 0;

/** A good row under a key of its own, with some cells changed. */
function row(changes: Record<number, unknown> = {}, place: readonly string[] = PLACE): unknown[] {
  number += 1;
  const cells: unknown[] = [
    `K${String(number).padStart(4, '0')}`,
    '第一医院',
    'a',
    '20',
    '2001-02-03',
    '2011-02-03',
    '91350100M000100Y43',
    String(100_000 + number),
    'T1',
    GRIDS[0],
    null,
    ...place,
  ];
  for (const [i, value] of Object.entries(changes)) cells[Number(i)] = value;
  return cells;
}

function plantedPoints(): Planted[] {
  number = 0;
  const first = row();
  return [
    { expected: '', record: first },
    { expected: 'EMPTY_ROW', record: first.map(() => '') },
    { expected: 'FOOTER_ROW', record: ['合计', '', '', '20', ...Array.from({ length: 9 }, () => '')] },
    { expected: 'REPEATED_HEADER', record: [...Object.keys(points.fields), 'x', 'y'] },
    { expected: 'TRUNCATED_ROW', record: row().slice(0, 8) },
    { expected: 'ROW_SHAPE', record: [...row(), '备注'] },
    { expected: 'SHIFTED_COLUMNS', record: [...row().toSpliced(1, 1), ''] },
    { expected: 'MISSING_REQUIRED', record: row({ 1: '' }) },
    { expected: 'BAD_TYPE', record: row({ 3: '约二十' }) },
    { expected: 'BAD_VALUE', record: row({ 2: '丙' }) },
    { expected: 'OUT_OF_RANGE', record: row({ 3: '901' }) },
    { expected: 'BAD_PATTERN', record: row({ 8: 'Z9' }) },
    { expected: 'SCIENTIFIC_NOTATION', record: row({ 6: '9.13501E+17' }) },
    { expected: 'BAD_CHECKSUM', record: row({ 6: '91350100M000100Y44' }) },
    { expected: 'MOJIBAKE', record: row({ 1: '锟斤拷锟斤拷' }) },
    { expected: 'TEXT_TOO_LONG', record: row({ 1: '医'.repeat(41) }) },
    { expected: 'FUTURE_DATE', record: row({ 4: '2199-01-01', 5: '' }) },
    { expected: 'DATE_ORDER', record: row({ 4: '2012-01-01' }) },
    { expected: 'DUPLICATE_KEY', record: row({ 0: first[0] }) },
    { expected: 'NOT_UNIQUE', record: row({ 7: first[7] }) },
    { expected: 'UNKNOWN_REFERENCE', record: row({ 8: 'T9' }) },
    { expected: 'GRID_MISMATCH', record: row({ 9: GRIDS[1] }) },
    { expected: 'OUTSIDE_DISTRICT', record: row({}, ['113.7512345', '23.3012345']) },
    { expected: 'SWAPPED_AXES', record: row({}, ['23.0012345', '113.0512345']) },
    { expected: 'ZERO_COORDINATES', record: row({}, ['0', '0']) },
    { expected: 'COARSE_COORDINATES', record: row({}, ['113.05', '23']) },
    { expected: 'BAD_COORDINATES', record: row({}, ['东经113度', '北纬23度']) },
    { expected: 'FULL_WIDTH', record: row({ 3: '２５' }) },
    { expected: 'TEXT_CLEANED', record: row({ 8: "'T1" }) },
    { expected: 'TEXT_CLEANED', record: row({ 1: '第一\u200b医院' }) },
    { expected: 'NUMBER_CLEANED', record: row({ 3: '25个' }) },
    { expected: 'NUMBER_CLEANED', record: row({}, ['113°3\'4.4"', '23°0\'4.4"']) },
    { expected: 'PLACEHOLDER_EMPTIED', record: row({ 3: '——' }) },
    { expected: 'EXCEL_DATE', record: row({ 4: '36925' }) },
  ];
}

function square(west: number, south: number): number[][] {
  return [
    [west, south],
    [west + 0.001, south],
    [west + 0.001, south + 0.001],
    [west, south + 0.001],
    [west, south],
  ];
}

function at(i: number): number[][] {
  return square(113.01 + i * 0.002, 23);
}

function polygon(...coordinates: number[][][]): GeoJson {
  return { type: 'Polygon', coordinates };
}

function plantedShapes(): Planted[] {
  return [
    { expected: '', record: ['1'], geometry: polygon(at(1)) },
    { expected: 'DUPLICATE_GEOMETRY', record: ['2'], geometry: polygon(at(1)) },
    { expected: 'WRONG_GEOMETRY_KIND', record: ['3'], geometry: { type: 'Point', coordinates: [113.02, 23] } },
    { expected: 'BAD_GEOMETRY', record: ['4'], geometry: polygon(at(4).slice(0, 2)) },
    { expected: 'RING_CLOSED', record: ['5'], geometry: polygon(at(5).slice(0, 4)) },
    {
      expected: 'REPEATED_POINTS',
      record: ['6'],
      geometry: polygon(at(6).flatMap((p, i) => (i === 1 ? [p, p] : [p]))),
    },
  ];
}

function run(layer: Layer, columns: string[], planted: Planted[], checks: ActiveChecks): [Outcome, Outcome][] {
  const towns = new KeySet();
  towns.add('T1');
  const context: CheckContext = {
    transform: toWgs84('EPSG:4490'),
    isDistrict: true,
    mesh,
    places: null,
    references: layer === points ? new Map([['parent', { layer: 'town', keys: towns }]]) : new Map(),
    expectedRows: 100,
    keyByLine: false,
    checks,
  };
  const checker = new RowChecker(layer, columns, context);
  return planted.map(({ expected, record, geometry }, i) => {
    const row = checker.check(record, i + 2, geometry ?? null);
    return [expected, row ? row.repairs.map(({ code }) => code).join() : checker.fault.code];
  });
}

/** Every planted fault with what the checks made of it: `[expected, found]`. */
export function conformance(checks: ActiveChecks): [Outcome, Outcome][] {
  return [
    ...run(points, [...Object.keys(points.fields), 'x', 'y'], plantedPoints(), checks),
    ...run(shapes, ['code'], plantedShapes(), checks),
  ];
}

/** Checks that only the database or the whole load can make: tests/etl/load-checks.test.ts. */
export const ELSEWHERE: readonly Check[] = ['MADE_VALID', 'PLACED_BY_ADDRESS', 'ROW_COUNT', 'ROW_CHANGE', 'STALE'];
