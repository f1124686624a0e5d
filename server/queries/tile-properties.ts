import type { Field } from '../../layers/define.ts';
import type { TileProperty } from '../tiles/mvt.ts';
import { type QuickType, unpack } from './packed.ts';

/** How the values of fields are packed; `textType` is how texts are. */
export function quickTypes(fields: readonly [string, Field][], textType: 'string' | 'text'): QuickType[] {
  return fields.map(([, { type }]) => (type === 'string' ? textType : type));
}

/** The columns of `rows` rows as a tile takes them: `values` are what `packed` made of each field, as `types` say. */
export function tileProperties(
  fields: readonly [string, Field][],
  types: readonly QuickType[],
  values: readonly (Buffer | null)[],
  rows: number,
): TileProperty[] {
  return fields.map(([name, { type }], index) => ({
    name,
    type,
    column: unpack(values[index] ?? null, types[index] as QuickType, rows),
  }));
}
