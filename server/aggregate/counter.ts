import { setTimeout } from 'node:timers/promises';
import { isPointLike } from '../../layers/ddl.ts';
import type { Layer } from '../../layers/define.ts';
import type { Sql } from '../db/connect.ts';
import { type CellLevel, EVERYTHING, type Predicate, usesGeometry } from '../filter/predicate.ts';
import { slicedColumns } from '../filter/matching-bits.ts';
import { canDecide } from '../filter/to-columns.ts';
import { sqlAggregate } from '../queries/aggregates.ts';
import { sqlCount } from '../queries/counts.ts';
import type { LayerState } from '../queries/layer-state.ts';
import { aggregate, canAggregate } from './aggregate.ts';
import {
  type AggregateQuery,
  type Grouping,
  type Groups,
  type Key,
  MOST_GROUPS,
  tooManyGroups,
} from './aggregate-query.ts';
import { isSliced, makeSlices } from './bit-slices.ts';
import { liveLoadOf, type ColumnStore } from './column-store.ts';
import type { ColumnTable } from './column-table.ts';
import { countRows } from './count.ts';
import { createTurns } from './turns.ts';

/** How long a count waits for the columns of its layer before it goes to the database. */
const PATIENCE_MS = 300;

/** Lists of keys that are kept. */
const KEPT_KEYS = 64;

export interface CellCount {
  codes: string[];
  counts: number[];
  outside: number;
}

/** Exact figures over a layer's rows: from memory where possible, else from the database. They are the same. */
export interface Counter {
  rows(layer: Layer, state: LayerState, predicate: Predicate): Promise<number>;
  /** Rows by the code of the cell they lie in; `outside` lie in none. */
  cells(layer: Layer, state: LayerState, predicate: Predicate, by: CellLevel): Promise<CellCount>;
  aggregate(layer: Layer, state: LayerState, query: AggregateQuery): Promise<Groups>;
  /** Keys of all groups that the layer has, whatever the filter, in ascending order. */
  keys(layer: Layer, state: LayerState, grouping: Grouping): Promise<readonly Key[]>;
}

function asksForShapes({ predicate, metric }: AggregateQuery): boolean {
  return usesGeometry(predicate) || (metric.kind === 'share' && metric.of !== null && usesGeometry(metric.of));
}

/** Gets ready what the conditions are counted with, a piece per turn of the event loop. */
async function slice(table: ColumnTable, predicates: readonly Predicate[]): Promise<void> {
  for (const column of predicates.flatMap((predicate) => slicedColumns(table, predicate))) {
    if (!isSliced(column)) await makeSlices(column);
  }
}

export function createCounter(sql: Sql, store: ColumnStore): Counter {
  const inTurn = createTurns();
  const kept = new Map<string, Promise<readonly Key[]>>();

  async function tableFor(layer: Layer, state: LayerState): Promise<ColumnTable | null> {
    // The first to ask about a large layer need not wait until it is read: the database knows the number, too.
    return Promise.race([
      // Whoever reads has said why it failed.
      store.table(layer, liveLoadOf(state)).catch(() => null),
      setTimeout(PATIENCE_MS, null, { ref: false }),
    ]);
  }

  async function groups(layer: Layer, state: LayerState, query: AggregateQuery): Promise<Groups> {
    // Known beforehand for shapes, so that their columns are not read for nothing.
    const table = !isPointLike(layer) && asksForShapes(query) ? null : await tableFor(layer, state);
    let found: Groups;
    if (table !== null && canAggregate(table, query)) {
      await slice(table, [
        query.predicate,
        ...(query.metric.kind === 'share' && query.metric.of ? [query.metric.of] : []),
      ]);
      found = await inTurn(() => aggregate(table, query));
    } else {
      found = await sqlAggregate(sql, layer, query, state.table);
    }
    if (found.counts.length > MOST_GROUPS) throw tooManyGroups();
    return found;
  }

  return {
    async rows(layer, state, predicate) {
      const table = !isPointLike(layer) && usesGeometry(predicate) ? null : await tableFor(layer, state);
      if (table === null || !canDecide(table, predicate)) return sqlCount(sql, layer, predicate, state.table);
      await slice(table, [predicate]);
      return inTurn(() => countRows(table, predicate));
    },
    async cells(layer, state, predicate, by) {
      const query: AggregateQuery = { predicate, metric: { kind: 'count' }, by: [{ kind: 'cells', by }] };
      const { keys, counts, outside } = await groups(layer, state, query);
      return { codes: (keys[0] ?? []) as string[], counts, outside };
    },
    aggregate: groups,
    keys(layer, state, grouping) {
      const name = `${layer.id}@${state.loadId} ${state.publishedAt.getTime()} ${JSON.stringify(grouping)}`;
      let keys = kept.get(name);
      if (keys === undefined) {
        const query: AggregateQuery = { predicate: EVERYTHING, metric: { kind: 'count' }, by: [grouping] };
        keys = groups(layer, state, query).then((found) => found.keys[0] ?? []);
        keys.catch(() => kept.delete(name));
        const [oldest] = kept.keys();
        if (kept.size >= KEPT_KEYS && oldest !== undefined) kept.delete(oldest);
      }
      kept.delete(name);
      kept.set(name, keys);
      return keys;
    },
  };
}
