import type { Logger } from 'pino';
import { canSee, type Role } from '../layers/access.ts';
import type { Layer } from '../layers/define.ts';
import { layers as definedLayers } from '../layers/index.ts';
import { parseLayer } from '../layers/parse.ts';
import type { Sql } from './db/connect.ts';
import { ApiError } from './errors.ts';
import { listLayerStates, listUserLayers, type LayerState } from './queries/layer-state.ts';

export interface CatalogueEntry {
  layer: Layer;
  /** Null while the layer was never loaded. */
  state: LayerState | null;
  /** Uploaded by somebody, not one of the catalogue. */
  isUserLayer: boolean;
}

/**
 * Which layers exist, and which load of each is live. Kept in memory, so that a request that is answered from a cache
 * costs no query; renewed when a load is published, and after `maxAgeMs` in case that was not heard.
 */
export interface Catalogue {
  /** All entries this role may know of, in the order of the catalogue. */
  list(role: Role): Promise<CatalogueEntry[]>;
  /** One entry. Throws `LAYER_NOT_FOUND` for what does not exist and for what the role may not see. */
  get(id: string, role: Role): Promise<CatalogueEntry>;
  /** Called with the id of a layer whose live load changed. */
  onPublished(listener: (layerId: string) => void): void;
  close(): Promise<void>;
}

export interface CatalogueOptions {
  log: Logger;
  maxAgeMs?: number;
  /** Instead of the layers of `layers/`, for tests. */
  defined?: readonly Layer[];
}

export function createCatalogue(sql: Sql, options: CatalogueOptions): Catalogue {
  const { log, maxAgeMs = 5000, defined = definedLayers } = options;
  let entries = new Map<string, CatalogueEntry>();
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | null = null;
  let published = 0;
  const unreadable = new Set<string>();
  let isListening = false;
  let closing: (() => Promise<void>) | null = null;
  let isClosed = false;
  const listeners: ((layerId: string) => void)[] = [];

  /** One broken definition must not take the list away from everybody. */
  function readDefinition(id: string, definition: unknown): Layer | null {
    try {
      const layer = parseLayer(definition);
      if (layer.id !== id) throw new Error(`the definition is of "${layer.id}"`);
      return layer;
    } catch (error) {
      if (!unreadable.has(id)) log.error({ err: error, layer: id }, 'the definition of an uploaded layer is not valid');
      unreadable.add(id);
      return null;
    }
  }

  async function read(): Promise<void> {
    const publishedBefore = published;
    const [states, userLayers] = await Promise.all([listLayerStates(sql), listUserLayers(sql)]);
    const stateOf = new Map(states.map((state) => [state.layerId, state]));
    const next = new Map<string, CatalogueEntry>();
    for (const layer of defined)
      next.set(layer.id, { layer, state: stateOf.get(layer.id) ?? null, isUserLayer: false });
    for (const { id, definition } of userLayers) {
      const layer = readDefinition(id, definition);
      if (layer !== null && !next.has(id)) next.set(id, { layer, state: stateOf.get(id) ?? null, isUserLayer: true });
    }
    const previous = entries;
    entries = next;
    // What was published while we read may be missing from it.
    readAt = published === publishedBefore ? performance.now() : Number.NEGATIVE_INFINITY;
    for (const [id, { state }] of next) {
      const before = previous.get(id)?.state?.loadId;
      if (before !== undefined && before !== state?.loadId) for (const listener of listeners) listener(id);
    }
  }

  function refresh(): Promise<void> {
    reading ??= read().finally(() => {
      reading = null;
    });
    return reading;
  }

  function stale(): void {
    published++;
    readAt = Number.NEGATIVE_INFINITY;
  }

  /** Starts to listen with the first use; a failure is tried again with the next, and polling goes on meanwhile. */
  function listen(): void {
    if (isListening || isClosed) return;
    isListening = true;
    sql.listen('layers', stale, stale).then(
      ({ unlisten }) => {
        closing = async () => unlisten();
        if (isClosed) void unlisten();
      },
      (error: unknown) => {
        isListening = false;
        log.warn({ err: error }, 'cannot listen for published layers; asking every few seconds instead');
      },
    );
  }

  async function current(): Promise<ReadonlyMap<string, CatalogueEntry>> {
    listen();
    if (performance.now() - readAt > maxAgeMs) await refresh();
    return entries;
  }

  return {
    async list(role) {
      return [...(await current()).values()].filter(({ layer }) => canSee(role, layer));
    },
    async get(id, role) {
      const entry = (await current()).get(id);
      if (entry === undefined || !canSee(role, entry.layer)) {
        throw new ApiError('LAYER_NOT_FOUND', `There is no layer "${id.slice(0, 64)}".`, { field: 'id', value: id });
      }
      return entry;
    },
    onPublished(listener) {
      listeners.push(listener);
    },
    async close() {
      isClosed = true;
      await closing?.();
    },
  };
}
