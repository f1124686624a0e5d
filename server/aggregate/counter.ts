import { setTimeout } from 'node:timers/promises';
import type { Layer } from '../../layers/define.ts';
import type { Sql } from '../db/connect.ts';
import type { CellLevel, Predicate } from '../filter/predicate.ts';
import { usesGeometry } from '../filter/predicate.ts';
import { canDecide } from '../filter/to-columns.ts';
import { isPointLike } from '../../layers/ddl.ts';
import type { LayerState } from '../queries/layer-state.ts';
import { sqlCells, sqlCount, sqlHexagons } from '../queries/counts.ts';
import { countCells, countHexagons, countRows, type GroupCounts } from './count.ts';
import { liveLoadOf, type ColumnStore } from './column-store.ts';
import type { ColumnTable } from './column-table.ts';

/** How long a count waits for the columns of its layer before it goes to the database. */
const PATIENCE_MS = 300;

/** Exact counts of a layer's rows: from memory where possible, else from the database. The numbers are the same. */
export interface Counter {
  rows(layer: Layer, state: LayerState, predicate: Predicate): Promise<number>;
  /** `res` 5-12. */
  hexagons(layer: Layer, state: LayerState, predicate: Predicate, res: number): Promise<GroupCounts>;
  cells(layer: Layer, state: LayerState, predicate: Predicate, by: CellLevel): Promise<GroupCounts>;
}

export function createCounter(sql: Sql, store: ColumnStore): Counter {
  async function tableFor(layer: Layer, state: LayerState, predicate: Predicate): Promise<ColumnTable | null> {
    // Known beforehand for shapes, so that their columns are not read for nothing.
    if (!isPointLike(layer) && usesGeometry(predicate)) return null;
    // The first to ask about a large layer need not wait until it is read: the database knows the number, too.
    const table = await Promise.race([
      // Whoever reads has said why it failed.
      store.table(layer, liveLoadOf(state)).catch(() => null),
      setTimeout(PATIENCE_MS, null, { ref: false }),
    ]);
    return table !== null && canDecide(table, predicate) ? table : null;
  }

  return {
    async rows(layer, state, predicate) {
      const table = await tableFor(layer, state, predicate);
      return table === null ? sqlCount(sql, layer, predicate, state.table) : countRows(table, predicate);
    },
    async hexagons(layer, state, predicate, res) {
      const table = await tableFor(layer, state, predicate);
      return table === null
        ? sqlHexagons(sql, layer, predicate, res, state.table)
        : countHexagons(table, predicate, res);
    },
    async cells(layer, state, predicate, by) {
      const table = await tableFor(layer, state, predicate);
      return table === null ? sqlCells(sql, layer, predicate, by, state.table) : countCells(table, predicate, by);
    },
  };
}
