import type { Logger } from 'pino';
import type { Layer } from '../../layers/define.ts';
import type { LayerState } from '../queries/layer-state.ts';
import { liveTable } from '../queries/layer-version.ts';
import { bytesOfSlices } from './bit-slices.ts';
import type { ColumnTable } from './column-table.ts';
import type { Fill, Filler } from './filler.ts';
import { openTable } from './shared-table.ts';
import { touchSnapshot } from './snapshot-folder.ts';

export interface ColumnStoreLimits {
  /** Layers with more rows are counted in the database. */
  rows: number;
  /** Memory of all tables together, bytes. The least recently used go first. */
  bytes: number;
}

/** 1.3 million rows of persons are some 40 MB. */
const DEFAULT_LIMITS: ColumnStoreLimits = { rows: 20_000_000, bytes: 1024 ** 3 };

/** Layers of up to so many rows are read in less time than a tile takes: nobody need wait for that. */
const READ_AT_ONCE = 20_000;

/** How often at most it is noted that a layer is asked about. */
const NOTE_USE_MS = 60_000;

/** The version of a layer that is asked for, as far as the store needs to know. */
export interface LiveLoad {
  load: number;
  rows: number;
  /** Its table, `schema.table`; the live one when left out. */
  table?: string | undefined;
  /** When it was published; without it there is no snapshot of it. */
  publishedAt?: Date | undefined;
}

export function liveLoadOf({ loadId, rows, table, publishedAt }: LayerState): LiveLoad {
  return { load: loadId, rows, table, publishedAt };
}

export interface ColumnStore {
  /**
   * The columns of a layer's load, read through: concurrent callers wait for one fill. Null when the layer is too large,
   * or when the load was replaced while it was read; the caller then counts in the database.
   */
  table(layer: Layer, live: LiveLoad): Promise<ColumnTable | null>;
  /**
   * Reads a load that is to take the place of another, in the background. Null when nobody has asked about the layer, or
   * when it is read at once anyway: then there is nothing to wait for.
   */
  prepare(layer: Layer, live: LiveLoad): Promise<unknown> | null;
  /** Reads a load in the background, while there is room. */
  warm(layer: Layer, live: LiveLoad): Promise<unknown>;
  /** Forgets the versions of a layer before this load, or all of them. */
  evict(layerId: string, before?: number): void;
  /** What is in memory now. */
  usage(): { layers: number; rows: number; bytes: number };
  close(): Promise<void>;
}

export interface ColumnStoreOptions {
  limits?: Partial<ColumnStoreLimits>;
  log?: Logger;
  /** Where the filler keeps its snapshots, to note there which layers are asked about. */
  folder?: string | null;
}

interface Entry {
  layer: string;
  load: number;
  table: Promise<ColumnTable | null>;
  ready: ColumnTable | null;
  hurry: () => void;
  notedAt: number;
}

function keyOf(layer: Layer, live: LiveLoad): string {
  return `${layer.id}@${live.load}`;
}

/** Memory of a table with what was made from it for questions that were asked. */
function bytesOf(table: ColumnTable): number {
  return table.bytes + bytesOfSlices(table);
}

export function createColumnStore(filler: Filler, options: ColumnStoreOptions = {}): ColumnStore {
  const { log, folder = null } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  // By layer and load, in the order of use, the least recently used first.
  const entries = new Map<string, Entry>();
  /** Versions that would take more than all memory there is. */
  const tooLarge = new Set<string>();

  async function open(key: string, fill: Fill): Promise<ColumnTable | null> {
    const read = await fill.table;
    if (read === null) return null;
    const table = await openTable(read);
    if (table.bytes <= limits.bytes) return table;
    tooLarge.add(key);
    log?.warn({ layer: table.layer, bytes: table.bytes }, 'the columns are larger than all memory for them');
    return null;
  }

  function bytesHeld(): number {
    let bytes = 0;
    for (const { ready } of entries.values()) if (ready !== null) bytes += bytesOf(ready);
    return bytes;
  }

  function shrink(): void {
    let bytes = bytesHeld();
    for (const [key, { ready }] of entries) {
      if (bytes <= limits.bytes) return;
      if (ready === null) continue;
      bytes -= bytesOf(ready);
      entries.delete(key);
    }
  }

  function find(layer: Layer, live: LiveLoad, isWaitedFor: boolean): Entry | null {
    const key = keyOf(layer, live);
    if (live.rows > limits.rows || tooLarge.has(key)) return null;
    const known = entries.get(key);
    if (known !== undefined) return known;
    const { load, rows, table = liveTable(layer.id), publishedAt = null } = live;
    const fill = filler.start({ layer, load, rows, table, publishedAt }, isWaitedFor);
    const created: Entry = {
      layer: layer.id,
      load,
      table: open(key, fill),
      ready: null,
      hurry: fill.hurry,
      notedAt: Number.NEGATIVE_INFINITY,
    };
    entries.set(key, created);
    created.table.then(
      (ready) => {
        created.ready = ready;
        if (ready === null && entries.get(key) === created) entries.delete(key);
        shrink();
      },
      (error: unknown) => {
        // The next one tries again.
        if (entries.get(key) === created) entries.delete(key);
        log?.warn({ err: error, layer: layer.id, load }, 'the columns could not be read');
      },
    );
    return created;
  }

  function noteUse(entry: Entry): void {
    if (folder === null || performance.now() - entry.notedAt < NOTE_USE_MS) return;
    entry.notedAt = performance.now();
    touchSnapshot(folder, entry.layer).catch((error: unknown) =>
      log?.warn({ err: error, layer: entry.layer }, 'the use of a layer could not be noted'),
    );
  }

  return {
    async table(layer, live) {
      const entry = find(layer, live, true);
      if (entry === null) return null;
      const key = keyOf(layer, live);
      if (entries.get(key) === entry) {
        entries.delete(key);
        entries.set(key, entry);
      }
      if (entry.ready !== null) {
        noteUse(entry);
        return entry.ready;
      }
      entry.hurry();
      return await entry.table;
    },
    prepare(layer, live) {
      const isHeld = [...entries.values()].some((entry) => entry.layer === layer.id && entry.load !== live.load);
      if (!isHeld || live.rows <= READ_AT_ONCE) return null;
      return find(layer, live, false)?.table ?? null;
    },
    async warm(layer, live) {
      if (bytesHeld() < limits.bytes) await find(layer, live, false)?.table;
    },
    evict(layerId, before = Infinity) {
      for (const [key, { layer, load }] of entries) if (layer === layerId && load < before) entries.delete(key);
    },
    usage() {
      let rows = 0;
      for (const { ready } of entries.values()) rows += ready?.rows ?? 0;
      return { layers: new Set([...entries.values()].map(({ layer }) => layer)).size, rows, bytes: bytesHeld() };
    },
    close: () => filler.close(),
  };
}
