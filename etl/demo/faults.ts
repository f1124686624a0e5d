import type { Field, Layer } from '../../layers/define.ts';
import { layers } from '../../layers/index.ts';
import { clericalRecipes, type Recipe } from './fault-recipes.ts';
import type { Row, Value } from './files/row.ts';
import { makeUscc } from './identity.ts';
import type { Point } from './plane.ts';
import { createRandom } from './random.ts';

/** `reject`: the row must be refused. `repair`: accepted after its shape is mended. `unlocated`: accepted without a place. */
export type FaultKind = 'reject' | 'repair' | 'unlocated';

export interface Fault {
  kind: FaultKind;
  /** Reject or repair code the loader should give; `UNLOCATED` for a row without a place. */
  code: string;
  /** Number of the row in the file, the first row of data being 1. */
  row: number;
  sourceId: string;
  note: string;
}

/**
 * Plants faults so that nothing good is lost: a row to be refused is always an added copy of a good one under a key of
 * its own, so that totals and links of the good rows stay exact. Each row has one fault at most.
 */
export class FaultPlanter {
  readonly faults: Fault[] = [];
  rows = 0;
  private readonly layer: Layer;
  private readonly plan = new Map<number, Recipe>();
  private good = 0;
  private spare = 0;

  /**
   * @param expected number of good rows that will come, about
   * @param seed the district's seed
   */
  constructor(layer: Layer, expected: number, seed: number) {
    this.layer = layer;
    const recipes = recipesFor(layer);
    const count = Math.min(
      Math.max(1, Math.floor(expected / 3)),
      Math.max(recipes.length, Math.round(expected * 0.002)),
    );
    const random = createRandom(seed, `faults ${layer.id}`);
    for (let i = 0; i < count && recipes.length > 0; i++) {
      const at = Math.floor(((i + random.next() * 0.8) * expected) / count);
      this.plan.set(at, recipes[i % recipes.length] as Recipe);
    }
  }

  /** Rows to write in place of one good row. */
  plant(row: Row): Row[] {
    const recipe = this.plan.get(this.good++);
    if (!recipe) {
      this.rows += 1;
      return [row];
    }
    const { key } = this.layer;
    const note = (r: Row, place: number): void => {
      this.faults.push({
        kind: recipe.kind,
        code: recipe.code,
        row: place,
        sourceId: String(r.values[key] ?? ''),
        note: recipe.note,
      });
    };
    if (recipe.kind !== 'reject' && !isLinkedTo(this.layer)) {
      recipe.apply(row, row);
      this.rows += 1;
      note(row, this.rows);
      return [row];
    }
    const copy: Row = { ...row, values: { ...row.values } };
    if (!recipe.keepsKey) {
      this.spare += 1;
      copy.values[key] = spareKey(this.layer, String(row.values[key]), this.spare);
      for (const field of this.layer.checks.unique ?? []) copy.values[field] = null;
    }
    recipe.apply(copy, row);
    this.rows += 2;
    note(copy, this.rows);
    return [row, copy];
  }
}

function isLinkedTo(layer: Layer): boolean {
  return layers.some((other) => other.place?.layer === layer.id);
}

/** A valid key nobody else has: generated keys count from 1, these count from the other end. */
function spareKey(layer: Layer, key: string, n: number): string {
  if (layer.key === 'uscc') return makeUscc(99_000_000 - n, key.slice(0, 2));
  // A permit number ends in a letter for its kind; what counts is the number before it.
  const [, digits = '', tail = ''] = /(\d+)(\D*)$/.exec(key) ?? [];
  // The sequence is what the pattern's last group of digits stands for; before it may come a division code.
  const last = /\\d\{(\d+)(?:,\d+)?\}(?:\[[^\]]*\])?\$?$/.exec(layer.fields[layer.key]?.pattern ?? '')?.[1];
  const width = Math.min(digits.length, Number(last ?? 5));
  return key.slice(0, key.length - tail.length - width) + String(10 ** width - n).padStart(width, '0') + tail;
}

/** A key of the same form that no row has: numbers start at 1, so a number of zeros points nowhere. */
export function unknownKey(key: string): string {
  if (/^..440699/.test(key)) return makeUscc(98_000_000, key.slice(0, 2));
  // In the code of a building or room the building decides.
  if (/B\d{5}/.test(key)) return key.replace(/B\d{5}/, 'B00000');
  if (/^440604\d{3}000$/.test(key)) return '440604999000';
  if (/^440604\d{6}$/.test(key)) return '440604012999';
  // A component keeps its class, a licence its kind.
  if (/^440604\d{11}$/.test(key)) return `${key.slice(0, 11)}000000`;
  if (/^JY\d{14}$/.test(key)) return `${key.slice(0, 3)}${'0'.repeat(13)}`;
  // Codes that begin with a division keep it.
  const division = /^4406\d{2}/.exec(key)?.[0] ?? '';
  return division + key.slice(division.length).replace(/\d+$/, (digits) => '0'.repeat(digits.length));
}

/** Faults that a layer's definition lets one plant, the commonest first. */
export function recipesFor(layer: Layer): Recipe[] {
  const duplicate: Recipe = {
    kind: 'reject',
    code: 'DUPLICATE_KEY',
    note: '同一编号出现两次',
    apply: () => undefined,
    keepsKey: true,
  };
  if (isBoundary(layer)) return [duplicate];
  const referenced = new Set((layer.checks.references ?? []).map((reference) => reference.field));
  const isTextFile = layer.source.format === 'csv' || layer.source.format === 'xlsx';
  const isPoint = layer.geometry === 'point' && !layer.place;
  const isDegrees = !['EPSG:4526', 'EPSG:4547'].includes(layer.source.crs);
  const entries = Object.entries(layer.fields);
  const find = (test: (field: Field, name: string) => boolean): string | undefined =>
    entries.find(
      ([name, field]) =>
        name !== layer.key &&
        field.derived === undefined &&
        name !== layer.place?.field &&
        !referenced.has(name) &&
        !(layer.checks.unique ?? []).includes(name) &&
        test(field, name),
    )?.[0];
  const recipes: Recipe[] = [];
  const add = (code: string, note: string, apply: Recipe['apply'], kind: FaultKind = 'reject'): void => {
    recipes.push({ kind, code, note, apply });
  };
  if (referenced.has(layer.key)) {
    // A copy of such a row cannot have a key of its own that is also known elsewhere.
    return [
      duplicate,
      {
        kind: 'reject',
        code: 'UNKNOWN_REFERENCE',
        note: `${layer.key} 指向不存在的对象`,
        apply: (row) => {
          row.values[layer.key] = unknownKey(String(row.values[layer.key]));
        },
      },
    ];
  }
  recipes.push(duplicate);
  const required = find((field) => field.required === true);
  if (required) add('MISSING_REQUIRED', `缺少必填项 ${required}`, set(required, null));
  const coded = find((field) => field.values !== undefined);
  if (coded) add('BAD_VALUE', `${coded} 不在值域内`, set(coded, '其他未知'));
  const ranged = find((field) => field.range !== undefined);
  if (ranged) {
    const most = layer.fields[ranged]?.range?.[1] ?? 0;
    add('OUT_OF_RANGE', `${ranged} 超出范围`, set(ranged, Math.round(most) + 1 + Math.round(most / 10)));
  }
  if (isPoint) {
    if (layer.checks.extent !== 'region') add('OUTSIDE_DISTRICT', '坐标落在区外', shiftAway);
    if (isDegrees) {
      add('SWAPPED_AXES', '经纬度写反', (row) => {
        row.damage = { isSwapped: true };
      });
    }
    if (isTextFile) {
      add('BAD_COORDINATES', '坐标不是数字', (row) => {
        row.damage = { coordinates: ['东经113度', '北纬23度'] };
      });
    }
    add(
      'UNLOCATED',
      '没有坐标',
      (row) => {
        row.shape = null;
        if (layer.address !== undefined) row.values[layer.address] = '不详';
      },
      'unlocated',
    );
  }
  if (layer.geometry === 'polygon' || layer.geometry === 'line') {
    if (layer.geometry === 'polygon') add('MADE_VALID', '边界自相交,可修复', twist, 'repair');
    add('BAD_GEOMETRY', layer.geometry === 'line' ? '线长为零' : '面积为零', collapse);
    if (layer.source.format === 'geojson') {
      add('WRONG_GEOMETRY_KIND', '应为面或线,实为点', (row) => {
        const at = firstPoint(row);
        if (at) row.shape = { type: 'Point', at };
      });
    }
    if (layer.checks.extent !== 'region') add('OUTSIDE_DISTRICT', '图形落在区外', shiftAway);
  }
  const { place } = layer;
  if (place) {
    const dangling = (row: Row): void => {
      row.values[place.field] = unknownKey(String(row.values[place.field] ?? ''));
    };
    add('UNLOCATED', `${place.field} 指向不存在的对象`, dangling, 'unlocated');
  }
  for (const { field } of layer.checks.references ?? []) {
    add('UNKNOWN_REFERENCE', `${field} 指向不存在的对象`, (row) => {
      row.values[field] = unknownKey(String(row.values[field] ?? ''));
    });
  }
  for (const field of layer.checks.unique ?? []) {
    add('NOT_UNIQUE', `${field} 与另一行重复`, (row, original) => {
      row.values[field] = original.values[field] ?? null;
    });
  }
  if (
    layer.geometry !== 'table' &&
    layer.fields.grid_code &&
    referenced.has('grid_code') &&
    layer.id !== 'grid_staff_position'
  ) {
    add('GRID_MISMATCH', '网格编码与位置不符', (row) => {
      const code = String(row.values.grid_code);
      row.values.grid_code = code.startsWith('440604100200') ? '440604012200W001' : '440604100200W001';
    });
  }
  const dated = find((field) => field.type === 'date' || field.type === 'datetime');
  if (dated && isTextFile) add('BAD_TYPE', `${dated} 不是日期`, set(dated, '2026-02-30'));
  else {
    const numeric = find((field) => field.type === 'int' || field.type === 'number');
    if (numeric && isTextFile) add('BAD_TYPE', `${numeric} 不是数字`, set(numeric, '约二十'));
  }
  const patterned = find((field) => field.pattern !== undefined);
  if (patterned) add('BAD_PATTERN', `${patterned} 格式不对`, set(patterned, '44060X?'));
  if (layer.source.format === 'csv') {
    add('ROW_SHAPE', '多出一列', (row) => {
      row.damage = { isTooLong: true };
    });
  }
  recipes.push(...clericalRecipes(layer, find));
  return recipes;
}

/** Layers whose rows the hierarchy rests on: their shapes are never touched. */
export function isBoundary(layer: Layer): boolean {
  return ['district_boundary', 'town_boundary', 'community_boundary', 'governance_grid'].includes(layer.id);
}

function firstPoint(row: Row): Point | undefined {
  if (row.shape?.type === 'Polygon') return row.shape.rings[0]?.[0];
  if (row.shape?.type === 'LineString') return row.shape.line[0];
  return undefined;
}

/** Two corners trade places: the outline crosses itself, but still covers ground. */
function twist(row: Row): void {
  if (row.shape?.type !== 'Polygon') return;
  const open = (row.shape.rings[0] ?? []).slice(0, -1);
  // In an outline of many corners neighbours may lie on one line: take two from opposite sides.
  const other = open.length < 6 ? 2 : 1 + (open.length >> 1);
  const [a, b] = [open[1], open[other]];
  if (!a || !b) return;
  open[1] = b;
  open[other] = a;
  row.shape = { type: 'Polygon', rings: [[...open, open[0] as Point]] };
}

function collapse(row: Row): void {
  const at = firstPoint(row);
  if (!at) return;
  const there: Point = [at[0] + 0.0003, at[1]];
  if (row.shape?.type === 'Polygon') row.shape = { type: 'Polygon', rings: [[at, there, at, at]] };
  else row.shape = { type: 'LineString', line: [at, at] };
}

function far([x, y]: Point): Point {
  return [x + 0.62, y + 0.31];
}

function shiftAway(row: Row): void {
  const { shape } = row;
  if (shape?.type === 'Polygon') row.shape = { type: 'Polygon', rings: shape.rings.map((ring) => ring.map(far)) };
  else if (shape?.type === 'LineString') row.shape = { type: 'LineString', line: shape.line.map(far) };
  else if (shape) row.shape = { type: 'Point', at: far(shape.at) };
}

function set(field: string, value: Value): Recipe['apply'] {
  return (row) => {
    row.values[field] = value;
  };
}
