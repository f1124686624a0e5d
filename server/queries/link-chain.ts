import type { Chain } from '../../layers/chains.ts';
import { identifier, tableName } from '../../layers/ddl.ts';
import type { Layer } from '../../layers/define.ts';
import type { Sql } from '../db/connect.ts';

/** Why a row does not get any further: no value, no row of this key, an address found too roughly, or on several buildings. */
export type Miss = 'empty' | 'dead' | 'rough' | 'several';

/** Rows of a chain, counted hop by hop: those that enter a hop are matched or missed there, for one reason each. */
export interface ChainCounts {
  rows: number;
  /** Rows of the first layer without a place. */
  unlocated: number;
  /** Rows that lie in another micro-grid than the one the chain leads to. */
  elsewhere: number;
  hops: { matched: number; missed: Partial<Record<Miss, number>> }[];
}

/** Precisions of an address that no building can be told from. */
const ROUGH = `('road', 'community')`;

function column(table: number, name: string): string {
  return `t${table}.${identifier(name)}`;
}

/** Follows every row of the chain's first layer through the live tables, in one statement and so over one snapshot. */
export async function countChain(
  sql: Sql,
  { from, hops }: Chain,
  layers: ReadonlyMap<string, Layer>,
): Promise<ChainCounts> {
  const joins: string[] = [];
  const counts: string[] = [];
  const count = (name: string, conditions: readonly string[]): void => {
    counts.push(`count(*) filter (where ${conditions.join(' and ') || 'true'})::int4 as "${name}"`);
  };
  /** Conditions of having come this far. */
  const reached: string[] = [];
  let at = layerOf(layers, from);
  let table = 0;
  for (const [i, hop] of hops.entries()) {
    let found: string;
    if ('address' in hop) {
      const value = column(table, hop.address);
      found = `${column(table, derivedField(at, 'precision'))} is not null`;
      count(`${i} empty`, [...reached, `${value} is null`]);
      count(`${i} dead`, [...reached, `${value} is not null`, `not (${found})`]);
    } else {
      const value = column(table, hop.by);
      const next = layerOf(layers, hop.to);
      joins.push(`left join ${tableName(next, 'layers')} t${table + 1} on t${table + 1}.source_id = ${value}`);
      found = `t${table + 1}.source_id is not null`;
      if (at.fields[hop.by]?.derived === 'building') {
        const isRough = `${column(table, derivedField(at, 'precision'))} in ${ROUGH}`;
        count(`${i} rough`, [...reached, `${value} is null`, isRough]);
        count(`${i} several`, [...reached, `${value} is null`, `(${isRough}) is not true`]);
      } else {
        count(`${i} empty`, [...reached, `${value} is null`]);
      }
      count(`${i} dead`, [...reached, `${value} is not null`, `not (${found})`]);
      at = next;
      table += 1;
    }
    reached.push(`(${found})`);
    count(`${i} matched`, reached);
  }
  count('elsewhere', [...reached, 't0.grid_code is not null', `t0.grid_code <> t${table}.source_id`]);
  const [row] = await sql.unsafe<Record<string, number>[]>(
    `select count(*)::int4 as rows, count(*) filter (where t0.geom is null)::int4 as unlocated, ${counts.join(', ')}
     from ${tableName({ id: from }, 'layers')} t0 ${joins.join(' ')}`,
  );
  const valueOf = (name: string): number => row?.[name] ?? 0;
  return {
    rows: valueOf('rows'),
    unlocated: valueOf('unlocated'),
    elsewhere: valueOf('elsewhere'),
    hops: hops.map((_, i) => ({
      matched: valueOf(`${i} matched`),
      missed: Object.fromEntries(
        (['empty', 'dead', 'rough', 'several'] as const).flatMap((miss) =>
          row !== undefined && `${i} ${miss}` in row ? [[miss, valueOf(`${i} ${miss}`)]] : [],
        ),
      ),
    })),
  };
}

function layerOf(layers: ReadonlyMap<string, Layer>, id: string): Layer {
  const layer = layers.get(id);
  if (layer === undefined) throw new Error(`the chain leads over ${id}, which is no layer`);
  return layer;
}

function derivedField(layer: Layer, derived: 'building' | 'precision'): string {
  const [name] = Object.entries(layer.fields).find(([, field]) => field.derived === derived) ?? [];
  if (name === undefined) throw new Error(`${layer.id} derives no ${derived} from its addresses`);
  return name;
}
