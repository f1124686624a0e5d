import type { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import { isPointLike } from '../../layers/ddl.ts';
import type { Layer } from '../../layers/define.ts';
import type { Catalogue, CatalogueEntry } from '../catalogue.ts';
import type { Database } from '../db/connect.ts';
import { typescriptWorker } from '../db/embedded/typescript-worker.ts';
import type { BuildAnswer } from './build-worker.ts';
import type { QueryAnswer, QueryOrder } from './query-worker.ts';
import type { SegmentTask } from './read-search-rows.ts';
import type { Hit, Position } from './search-segment.ts';
import { buffersOf, bytesOf } from './segment.ts';

/**
 * The index of the search box: a copy in memory of the names of all layers, keyed by load, made in the background after
 * each publication. Nothing of it is stored: it holds names of people.
 */
export interface SearchIndex {
  /** Begins to index; the first search does, too. */
  start(): void;
  /** Hits among these entries, best first. Layers whose live load is not indexed yet are left out: see `pending`. */
  search(text: string, entries: readonly CatalogueEntry[], limit: number, near: Position | null): Promise<Hit[]>;
  /** Of these, the layers whose live load is not indexed yet. */
  pending(entries: readonly CatalogueEntry[]): string[];
  /** Of these, the rows that are indexed. */
  rowsOf(entries: readonly CatalogueEntry[]): number;
  /** Bytes and rows that are held. */
  size(): { bytes: number; rows: number };
  close(): Promise<void>;
}

/** Fields by which the rows of a layer are found, the title first. */
export function searchFields(layer: Layer): readonly string[] {
  if (layer.geometry === 'raster') return [];
  const fields = layer.search ?? (layer.label === undefined ? [] : [layer.label]);
  // An uploaded layer may say anything: a masked name of a layer that is not personal is not looked for.
  return fields.filter(
    (name) =>
      layer.fields[name]?.type === 'string' &&
      (layer.sensitivity === 'personal' || layer.fields[name].mask === undefined),
  );
}

/** Between two looks at what is live. */
const LOOK_MS = 3000;
/** Between two pages of rows: the embedded engine answers one statement at a time. */
const PAUSE_MS = { embedded: 30, server: 2 };
/** The thread that indexes is ended when it has nothing to do: its memory goes back. */
const IDLE_MS = 5000;
const LONGEST_SEARCH_MS = 10_000;

function isPersonal({ layer }: CatalogueEntry): number {
  return Number(layer.sensitivity === 'personal');
}

export function createSearchIndex(
  db: Database,
  catalogue: Catalogue,
  log: Logger,
  isLoading: () => boolean,
): SearchIndex {
  /** Load of each layer that is in the index, and what it takes. */
  const indexed = new Map<string, { load: number; bytes: number; rows: number }>();
  const failed = new Map<string, number>();
  const waiting = new Map<number, { done: (hits: Hit[]) => void; failed: (error: Error) => void }>();
  let querying: Worker | null = null;
  let building: Worker | null = null;
  let timer: NodeJS.Timeout | null = null;
  let idle: NodeJS.Timeout | null = null;
  let isWorking = false;
  let isClosed = false;
  let next = 1;

  function order(what: QueryOrder): void {
    querying?.postMessage(what, what.kind === 'add' ? buffersOf(what.segment) : []);
  }

  function start(): void {
    if (querying !== null || isClosed) return;
    querying = typescriptWorker(new URL('./query-worker.ts', import.meta.url), null);
    querying.unref();
    querying.on('message', ({ id, hits, error }: QueryAnswer) => {
      const asked = waiting.get(id);
      waiting.delete(id);
      if (error === null) asked?.done(hits);
      else asked?.failed(new Error(error));
    });
    querying.once('exit', (code) => {
      for (const asked of waiting.values()) asked.failed(new Error(`the search thread ended with ${code}`));
      waiting.clear();
      querying = null;
      indexed.clear();
      if (!isClosed) log.error({ code }, 'the search thread ended; it starts again with the next search');
    });
    querying.on('error', (error) => log.error({ err: error }, 'the search thread failed'));
    timer ??= setInterval(() => void look(), LOOK_MS);
    timer.unref();
    void look();
  }

  async function build(task: SegmentTask): Promise<BuildAnswer> {
    if (idle !== null) clearTimeout(idle);
    building ??= typescriptWorker(
      new URL('./build-worker.ts', import.meta.url),
      { address: db.address, pauseMs: PAUSE_MS[db.engine] },
      { standsBack: true },
    );
    const worker = building;
    worker.unref();
    let settle: (() => void) | null = null;
    try {
      return await new Promise<BuildAnswer>((done, broken) => {
        const ended = (code: number): void => broken(new Error(`the indexing thread ended with ${code}`));
        worker.once('message', done);
        worker.once('error', broken);
        worker.once('exit', ended);
        settle = () => worker.off('message', done).off('error', broken).off('exit', ended);
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
        worker.postMessage(task);
      });
    } catch (error) {
      building = null;
      throw error;
    } finally {
      (settle as (() => void) | null)?.();
      idle = setTimeout(() => {
        building = null;
        void worker.terminate();
      }, IDLE_MS);
      idle.unref();
    }
  }

  /** Layers whose live load is not in the index: small ones first, people last. */
  async function listDue(): Promise<CatalogueEntry[]> {
    const entries = await catalogue.list('staff');
    for (const layer of indexed.keys()) {
      if (entries.some((entry) => entry.layer.id === layer && entry.state !== null)) continue;
      indexed.delete(layer);
      order({ kind: 'drop', layer });
    }
    return entries
      .filter(({ layer, state }) => {
        if (state === null || searchFields(layer).length === 0) return false;
        return indexed.get(layer.id)?.load !== state.loadId && failed.get(layer.id) !== state.loadId;
      })
      .toSorted((a, b) => isPersonal(a) - isPersonal(b) || (a.state?.rows ?? 0) - (b.state?.rows ?? 0));
  }

  async function look(): Promise<void> {
    if (isWorking || isClosed) return;
    isWorking = true;
    try {
      // Making the demo and serving those who look at it come first.
      for (;;) {
        if (isClosed || isLoading()) return;
        const [entry] = await listDue();
        if (entry?.state == null) return;
        const { layer, state } = entry;
        const { segment, error } = await build({
          layer: layer.id,
          load: state.loadId,
          fields: searchFields(layer),
          isPoint: isPointLike(layer),
          table: state.table,
        });
        if (error !== null) {
          failed.set(layer.id, state.loadId);
          log.warn({ layer: layer.id, load: state.loadId, error }, 'a layer could not be indexed');
        } else if (segment !== null) {
          indexed.set(layer.id, { load: segment.load, bytes: bytesOf(segment), rows: segment.entries });
          order({ kind: 'add', segment });
        } else return;
      }
    } catch (error) {
      if (!isClosed) log.warn({ err: error }, 'the search index is behind; it is tried again in seconds');
    } finally {
      isWorking = false;
    }
  }

  const isPending = ({ layer, state }: CatalogueEntry): boolean =>
    state !== null &&
    searchFields(layer).length > 0 &&
    indexed.get(layer.id)?.load !== state.loadId &&
    failed.get(layer.id) !== state.loadId;

  return {
    start,
    async search(text, entries, limit, near) {
      start();
      const loads = new Map<string, number>();
      for (const { layer, state } of entries) if (state !== null) loads.set(layer.id, state.loadId);
      const id = next++;
      const late = setTimeout(() => {
        waiting.get(id)?.failed(new Error('the search thread did not answer'));
        waiting.delete(id);
      }, LONGEST_SEARCH_MS);
      try {
        return await new Promise<Hit[]>((done, broken) => {
          waiting.set(id, { done, failed: broken });
          order({ kind: 'search', id, text, limit, near, loads });
        });
      } finally {
        clearTimeout(late);
      }
    },
    pending: (entries) => entries.filter(isPending).map(({ layer }) => layer.id),
    rowsOf: (entries) => entries.reduce((sum, { layer }) => sum + (indexed.get(layer.id)?.rows ?? 0), 0),
    size() {
      const all = [...indexed.values()];
      return {
        bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
        rows: all.reduce((sum, { rows }) => sum + rows, 0),
      };
    },
    async close() {
      isClosed = true;
      if (timer !== null) clearInterval(timer);
      if (idle !== null) clearTimeout(idle);
      await Promise.all([querying?.terminate(), building?.terminate()]);
    },
  };
}
