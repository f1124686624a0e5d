import type { Layer } from '../../layers/define.ts';
import type { Sql } from '../db/connect.ts';
import { liveTable } from '../queries/layer-version.ts';
import type { ColumnTable } from './column-table.ts';
import { fillTable } from './fill.ts';

export interface ColumnStoreLimits {
  /** Layers with more rows are counted in the database. */
  rows: number;
  /** Memory of all tables together, bytes. The least recently used go first. */
  bytes: number;
}

const DEFAULT_LIMITS: ColumnStoreLimits = { rows: 5_000_000, bytes: 1024 ** 3 };

/** The version of a layer that is asked for, as far as the store needs to know. */
export interface LiveLoad {
  load: number;
  rows: number;
  /** Its table, `schema.table`; the live one when left out. */
  table?: string | undefined;
}

export interface ColumnStore {
  /**
   * The columns of a layer's load, read through: concurrent callers wait for one fill. Null when the layer is too large,
   * or when the load was replaced while it was read twice over; the caller then counts in the database.
   */
  table(layer: Layer, live: LiveLoad): Promise<ColumnTable | null>;
  /** Forgets the versions of a layer, but the one of this load. */
  evict(layerId: string, keepLoad?: number): void;
  /** What is in memory now. */
  usage(): { layers: number; rows: number; bytes: number };
}

interface Entry {
  layer: string;
  load: number;
  table: Promise<ColumnTable | null>;
  ready: ColumnTable | null;
}

/** `currentLoad` answers which load of a layer is live at the moment of the call, from the database. */
export function createColumnStore(
  sql: Sql,
  currentLoad: (layerId: string) => Promise<number | null>,
  limits: ColumnStoreLimits = DEFAULT_LIMITS,
): ColumnStore {
  // By layer and load, in the order of use, the least recently used first.
  const entries = new Map<string, Entry>();

  async function fill(layer: Layer, live: LiveLoad): Promise<ColumnTable | null> {
    const table = await fillTable(sql, layer, live.load, live.rows, live.table);
    // Tables of the history never change.
    if (live.table !== undefined && live.table !== liveTable(layer.id)) return table;
    // A load that was published meanwhile may have mixed its rows with the old ones.
    return (await currentLoad(layer.id)) === live.load ? table : null;
  }

  function shrink(): void {
    let bytes = 0;
    for (const entry of entries.values()) bytes += entry.ready?.bytes ?? 0;
    for (const [id, entry] of entries) {
      if (bytes <= limits.bytes || entries.size === 1) return;
      if (entry.ready === null) continue;
      bytes -= entry.ready.bytes;
      entries.delete(id);
    }
  }

  return {
    async table(layer, live) {
      if (live.rows > limits.rows) return null;
      const key = `${layer.id}@${live.load}`;
      let entry = entries.get(key);
      if (entry === undefined) {
        const created: Entry = { layer: layer.id, load: live.load, table: fill(layer, live), ready: null };
        entry = created;
        created.table.then(
          (table) => {
            created.ready = table;
            if (table === null && entries.get(key) === created) entries.delete(key);
            shrink();
          },
          () => {
            // The callers get the error; the next one tries again.
            if (entries.get(key) === created) entries.delete(key);
          },
        );
      }
      entries.delete(key);
      entries.set(key, entry);
      return await entry.table;
    },
    evict(layerId, keepLoad) {
      for (const [key, { layer, load }] of entries) if (layer === layerId && load !== keepLoad) entries.delete(key);
    },
    usage() {
      let rows = 0;
      let bytes = 0;
      for (const { ready } of entries.values()) {
        rows += ready?.rows ?? 0;
        bytes += ready?.bytes ?? 0;
      }
      return { layers: new Set([...entries.values()].map(({ layer }) => layer)).size, rows, bytes };
    },
  };
}
