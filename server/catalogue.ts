import type { Logger } from 'pino';
import { canSee, type Role } from '../layers/access.ts';
import type { Layer } from '../layers/define.ts';
import { layers as definedLayers } from '../layers/index.ts';
import { parseLayer } from '../layers/parse.ts';
import type { Sql } from './db/connect.ts';
import { ApiError } from './errors.ts';
import { layerAsOf } from './layer-as-of.ts';
import { listLayerStates, listUserLayers, type LayerState } from './queries/layer-state.ts';
import { earliestInstant, findVersion, findVersionAt, type LayerVersion, liveTable } from './queries/layer-version.ts';

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
  /**
   * All entries this role may know of, in the order of the catalogue. The same list as long as nothing was read anew, so that
   * what is made of it can be kept with it.
   */
  list(role: Role): Promise<readonly CatalogueEntry[]>;
  /** One entry. Throws `LAYER_NOT_FOUND` for what does not exist and for what the role may not see. */
  get(id: string, role: Role): Promise<CatalogueEntry>;
  /**
   * One entry as it was at an instant: state, table and definition of then, access of now. Without an instant like `get`.
   * Throws `VERSION_NOT_FOUND` before the first load, `VERSION_GONE` when retention has removed what was live then.
   */
  getAsOf(id: string, role: Role, at: Date | undefined): Promise<CatalogueEntry>;
  /** The version of an entry that a load made. Throws as `getAsOf`. */
  getVersion(entry: CatalogueEntry, load: number): Promise<CatalogueEntry>;
  /** Whether what is known may be answered with at once; false while it is being read after a publication. */
  isFresh(): boolean;
  /** One entry without waiting; null for what does not exist, the role may not see, or takes a query to know. */
  known(id: string, role: Role): CatalogueEntry | null;
  /** Whether a load is known to be answered from without asking; false also when what is known is too old. */
  isLive(id: string, load: number): boolean;
  /**
   * Called with the id of a layer that is answered from another load from now on, with the load before it, and with that
   * load (null: gone from the list).
   */
  onPublished(listener: (layerId: string, before: number, load: number | null) => void): void;
  close(): Promise<void>;
}

export interface CatalogueOptions {
  log: Logger;
  maxAgeMs?: number;
  /**
   * Gets ready for a load that was published. Until it is, and for `holdMs` at most, the layer is answered from the version
   * before, so that table, tiles and counts change together and no request pays for the change. Null: there is nothing
   * to get ready.
   */
  prepare?: (layer: Layer, state: LayerState) => Promise<unknown> | null;
  holdMs?: number;
  /** Instead of the layers of `layers/`, for tests. */
  defined?: readonly Layer[];
}

/** Answers about the past that are kept, and for how long: the tiles of a view all ask for the same instant. */
const KEPT_PAST = 256;
const KEPT_PAST_MS = 5000;

/** How long a published load may be held back. Reading 1.3 million rows beside a loader takes some ten seconds. */
const HOLD_MS = 20_000;

/** A load that was published and is not shown yet. */
interface HeldBack {
  load: number;
  /** Since when the layer is behind. */
  since: number;
  isReady: boolean;
}

export function createCatalogue(sql: Sql, options: CatalogueOptions): Catalogue {
  const { log, maxAgeMs = 5000, defined = definedLayers, prepare = () => null, holdMs = HOLD_MS } = options;
  let entries = new Map<string, CatalogueEntry>();
  let lists = new Map<Role, readonly CatalogueEntry[]>();
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | null = null;
  let published = 0;
  const unreadable = new Set<string>();
  let isListening = false;
  let closing: (() => Promise<void>) | null = null;
  let isClosed = false;
  const listeners: ((layerId: string, before: number, load: number | null) => void)[] = [];
  const heldBack = new Map<string, HeldBack>();
  const past = new Map<string, { at: number; entry: Promise<CatalogueEntry> }>();

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
    for (const [id, entry] of next) {
      const shown = previous.get(id);
      if (shown !== undefined) next.set(id, await shownInstead(id, shown, entry));
    }
    entries = next;
    lists = new Map();
    // What was published while we read may be missing from it.
    readAt = published === publishedBefore ? performance.now() : Number.NEGATIVE_INFINITY;
    for (const [id, { state }] of next) {
      const before = previous.get(id)?.state?.loadId;
      if (before === undefined || before === state?.loadId) continue;
      for (const listener of listeners) listener(id, before, state?.loadId ?? null);
    }
  }

  /** What is shown of a layer: the entry as it is now, or still the version before while the new one is got ready. */
  async function shownInstead(id: string, shown: CatalogueEntry, now: CatalogueEntry): Promise<CatalogueEntry> {
    const { layer, state } = now;
    if (shown.state === null || state === null || shown.state.loadId === state.loadId) {
      heldBack.delete(id);
      return now;
    }
    let held = heldBack.get(id);
    if (held?.load !== state.loadId) {
      const ready = prepare(layer, state);
      if (ready === null) {
        heldBack.delete(id);
        return now;
      }
      // The clock goes on over several publications: a layer that is loaded all the time is shown, too.
      const started: HeldBack = {
        load: state.loadId,
        since: held?.since ?? performance.now(),
        isReady: false,
      };
      held = started;
      heldBack.set(id, started);
      const show = (): void => {
        started.isReady = true;
        stale();
      };
      // A failure is told by who failed; the load is shown all the same.
      ready.then(show, show);
    }
    // The rows that are shown have moved to the history, unless there is none.
    const version =
      held.isReady || performance.now() - held.since > holdMs ? null : await findVersion(sql, id, shown.state.loadId);
    if (version === null || version.table === null || version.table === state.table) {
      heldBack.delete(id);
      return now;
    }
    return { ...shown, layer: layerAsOf(layer, shown.layer), state: { ...shown.state, table: version.table } };
  }

  function refresh(): Promise<void> {
    reading ??= read().finally(() => {
      reading = null;
    });
    return reading;
  }

  function refreshBehind(): void {
    if (isClosed) return;
    refresh().catch((error: unknown) => log.warn({ err: error }, 'cannot read which layers there are'));
  }

  /** What is known is true no more: it is read at once, so that the next who asks waits as little as possible. */
  function stale(): void {
    published++;
    readAt = Number.NEGATIVE_INFINITY;
    refreshBehind();
  }

  /** Whether what is known may still be answered with. Half-way it is read again, before anybody has to wait for it. */
  function isFresh(): boolean {
    const age = performance.now() - readAt;
    if (age > maxAgeMs) return false;
    if (age > maxAgeMs / 2) refreshBehind();
    return true;
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
    if (!isFresh()) await refresh();
    return entries;
  }

  /** An entry as a version of it was. */
  async function asOf(entry: CatalogueEntry, version: LayerVersion | null, asked: string): Promise<CatalogueEntry> {
    const { layer, state } = entry;
    if (version !== null && version.loadId === state?.loadId) return entry;
    if (version === null || (version.table === null && version.pictures === null)) {
      const earliest = await earliestInstant(sql, layer.id);
      const hint = earliest === null ? 'It was never loaded.' : `The earliest is of ${earliest.toISOString()}.`;
      throw version === null
        ? new ApiError('VERSION_NOT_FOUND', `Layer ${layer.id} has no version ${asked}. ${hint}`, { field: 'at' })
        : new ApiError(
            'VERSION_GONE',
            `The version of layer ${layer.id} ${asked} (load ${version.loadId}) is no longer kept. ${hint}`,
            { field: 'at' },
          );
    }
    const then = version.definition === null ? null : readDefinition(layer.id, version.definition);
    return {
      ...entry,
      layer: then === null ? layer : layerAsOf(layer, then),
      state: {
        layerId: layer.id,
        loadId: version.loadId,
        rows: version.rows,
        unlocated: version.unlocated,
        bbox: version.bbox,
        publishedAt: version.validFrom,
        confirmedAt: version.validFrom,
        table: version.table ?? liveTable(layer.id),
        pictures: version.pictures,
      },
    };
  }

  /** Remembers for a moment what `find` answers. */
  function remember(key: string, find: () => Promise<CatalogueEntry>): Promise<CatalogueEntry> {
    const known = past.get(key);
    if (known !== undefined && performance.now() - known.at < KEPT_PAST_MS) return known.entry;
    if (past.size >= KEPT_PAST) past.clear();
    const found = find();
    past.set(key, { at: performance.now(), entry: found });
    // Callers get the error; the next one asks again.
    found.catch(() => past.delete(key));
    return found;
  }

  async function get(id: string, role: Role): Promise<CatalogueEntry> {
    const entry = (await current()).get(id);
    if (entry === undefined || !canSee(role, entry.layer)) {
      throw new ApiError('LAYER_NOT_FOUND', `There is no layer "${id.slice(0, 64)}".`, { field: 'id', value: id });
    }
    return entry;
  }

  return {
    async list(role) {
      const known = await current();
      let list = lists.get(role);
      if (list === undefined) lists.set(role, (list = [...known.values()].filter(({ layer }) => canSee(role, layer))));
      return list;
    },
    get,
    async getAsOf(id, role, at) {
      const entry = await get(id, role);
      if (at === undefined) return entry;
      // The usual case, without a query: what is live has been so since before.
      if (entry.state !== null && at >= entry.state.publishedAt) return entry;
      return remember(`${id} ${entry.state?.loadId} at ${at.getTime()}`, async () =>
        asOf(entry, await findVersionAt(sql, id, at), `of ${at.toISOString()}`),
      );
    },
    async getVersion(entry, load) {
      const { layer, state } = entry;
      if (load === state?.loadId) return entry;
      return remember(`${layer.id} ${state?.loadId} load ${load}`, async () =>
        asOf(entry, await findVersion(sql, layer.id, load), `by load ${load}`),
      );
    },
    isFresh,
    known(id, role) {
      const entry = isFresh() ? entries.get(id) : undefined;
      return entry !== undefined && canSee(role, entry.layer) ? entry : null;
    },
    isLive: (id, load) => isFresh() && entries.get(id)?.state?.loadId === load,
    onPublished(listener) {
      listeners.push(listener);
    },
    async close() {
      isClosed = true;
      await closing?.();
    },
  };
}
