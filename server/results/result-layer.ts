import { minzoomOfRows } from '../../layers/minzoom-of-rows.ts';
import { maskedFields, type Role } from '../../layers/access.ts';
import type { Field, Layer, Sensitivity, Symbology, Text } from '../../layers/define.ts';
import { RESERVED_WORDS, SHARED_COLUMNS, SYSTEM_COLUMNS } from '../../layers/reserved-words.ts';
import { isPersonalField } from '../../layers/check-layer.ts';

/** A field of a result, and the column of which side's table it is taken from. */
export interface TakenField {
  name: string;
  column: string;
  field: Field;
}

/** Longest name of a field. */
const LONGEST_NAME = 50;
const PLAIN_COLOR = '#7a6fd0';
/** Field that numbers the rows of a result. */
export const ROW_FIELD = 'row_no';

/** Whether a result may have a field of a layer: those that are masked for the caller stay out. */
export function isOpenField(layer: Layer, role: Role, name: string, sensitivity = layer.sensitivity): boolean {
  const field = layer.fields[name];
  if (field === undefined || field.mask !== undefined) return false;
  return !maskedFields(layer, role).includes(name) && !isPersonalField({ sensitivity }, name);
}

function openFields(layer: Layer, role: Role, sensitivity: Sensitivity): [string, Field][] {
  return Object.entries(layer.fields).filter(([name]) => isOpenField(layer, role, name, sensitivity));
}

/** What a value is, without what only a delivery is held to. */
function valueOf({ type, title, unit, filterable, values }: Field, of: Text | null): Field {
  return {
    type,
    title: of === null ? title : { zh: `${of.zh}·${title.zh}`, en: `${of.en}: ${title.en}` },
    ...(unit === undefined ? {} : { unit }),
    ...(filterable === undefined ? {} : { filterable }),
    ...(values === undefined ? {} : { values }),
  };
}

/**
 * The fields of one or two layers under names of a result: their own, and where both have the same, the layer's id before
 * it. `own` are names that the result itself gives.
 */
export function takeFields(
  sides: readonly (Layer | null)[],
  role: Role,
  sensitivity: Sensitivity,
  own: readonly string[],
): TakenField[][] {
  const open = sides.map((layer) => (layer === null ? [] : openFields(layer, role, sensitivity)));
  const count = new Map<string, number>();
  for (const [name] of open.flat()) count.set(name, (count.get(name) ?? 0) + 1);
  const taken = new Set<string>([ROW_FIELD, ...own]);
  const isSame = sides.length === 2 && sides[0]?.id === sides[1]?.id;
  return open.map((fields, side) => {
    const layer = sides[side] ?? null;
    return fields.map(([column, field]) => {
      const collides =
        (count.get(column) ?? 0) > 1 ||
        taken.has(column) ||
        SHARED_COLUMNS.has(column) ||
        SYSTEM_COLUMNS.has(column) ||
        RESERVED_WORDS.has(column);
      const letter = side === 0 ? 'a' : 'b';
      const candidates = [
        ...(collides ? [] : [column]),
        ...(isSame ? [] : [`${layer?.id}_${column}`]),
        `${letter}_${column}`,
        `${letter}_${column.slice(0, LONGEST_NAME - 6)}_x`,
      ];
      const name = candidates.find((each) => each.length <= LONGEST_NAME && !taken.has(each)) as string;
      taken.add(name);
      return { name, column, field: valueOf(field, collides ? (layer?.title ?? null) : null) };
    });
  });
}

/** The symbology and label of a layer, where the result has the fields they need. */
function looksOf(layer: Layer | null, fields: readonly TakenField[]): { symbology: Symbology; label: string | null } {
  const named = (column: string | undefined): string | undefined => fields.find((each) => each.column === column)?.name;
  const label = named(layer?.label) ?? null;
  if (layer === null) return { symbology: { kind: 'none', color: PLAIN_COLOR }, label };
  const { symbology } = layer;
  if (symbology.kind === 'none') return { symbology, label };
  const field = named(symbology.field);
  return { symbology: field === undefined ? { kind: 'none', color: PLAIN_COLOR } : { ...symbology, field }, label };
}

export interface ResultLayerInput {
  id: string;
  title: Text;
  geometry: 'point' | 'line' | 'polygon';
  sensitivity: Sensitivity;
  /** The layer it looks like. */
  like: Layer | null;
  /** Fields taken of `like` first, then of others. */
  taken: readonly TakenField[][];
  /** Fields that the result gives itself. */
  own: Record<string, Field>;
  symbology?: Symbology;
  label?: string;
  /** Rows expected, for the zoom it is drawn from. */
  rows: number;
}

/** The definition of a result: a layer as any other. */
export function resultLayer(input: ResultLayerInput): Layer {
  const { like, taken, own, geometry } = input;
  const looks = looksOf(like, taken[0] ?? []);
  const symbology = input.symbology ?? looks.symbology;
  const label = input.label ?? looks.label;
  const all = taken.flat();
  const shown = [symbology.kind === 'none' ? null : symbology.field, label].filter((name) => name !== null);
  return {
    id: input.id,
    title: input.title,
    department: 'urban_management',
    class: 'base_geography',
    subclass: 'vector_basemap',
    geometry,
    fields: {
      [ROW_FIELD]: { type: 'int', title: { zh: '行号', en: 'Row' }, required: true },
      ...Object.fromEntries(all.map(({ name, field }) => [name, field])),
      ...own,
    },
    key: ROW_FIELD,
    ...(label === null ? {} : { label }),
    // Its rows stand in the search already, under the layers they were taken from.
    search: [],
    source: { file: 'features.geojson', format: 'geojson', crs: 'EPSG:4326' },
    cadence: 'yearly',
    freshnessHours: 9600,
    tiles: { minzoom: minzoomOfRows(geometry, input.rows), maxzoom: 16, fields: [...new Set(shown)] },
    symbology,
    ...(like?.icon === undefined || geometry !== 'point' ? {} : { icon: like.icon }),
    sensitivity: input.sensitivity,
    checks: { rows: [1, 10_000_000] },
    report: false,
  };
}
