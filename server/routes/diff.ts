import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { maskedFields, maskValue, type Role } from '../../layers/access.ts';
import { isPointLike } from '../../layers/ddl.ts';
import type { Layer } from '../../layers/define.ts';
import type { CatalogueEntry } from '../catalogue.ts';
import { DiffSummary, VersionList } from '../contract/layers.ts';
import { ApiError } from '../errors.ts';
import { EVERYTHING } from '../filter/predicate.ts';
import type { LayerState } from '../queries/layer-state.ts';
import { fileName } from '../queries/lineage.ts';
import { findVersion, listVersions } from '../queries/layer-version.ts';
import {
  comparedFields,
  DIFF_KINDS,
  DIFF_TILE_FIELDS,
  type DiffKind,
  type DiffRow,
  diffRows,
  diffSummary,
  listDiff,
} from '../queries/version-diff.ts';
import { encodeTile } from '../tiles/layer-tile.ts';
import { parseTile } from '../tiles/tile.ts';
import { cacheHeaders, entityTag, hasCurrent, notModified } from './cache.ts';
import { parseFid, requireTable } from './features.ts';
import { failure, json, LayerId, NOT_MODIFIED, TileParameters } from './parameters.ts';
import type { AppEnv } from './router.ts';
import { endpoint } from './router.ts';
import { answerMvt, TILE_RESPONSES } from './tiles.ts';

const MOST_VERSIONS = 500;
const DEFAULT_LIMIT = 100;
const LARGEST_LIMIT = 1000;

const LoadParameter = z
  .string()
  .regex(/^\d{1,9}$/, 'must be the number of a load')
  .transform(Number)
  .optional();

const DiffParameters = {
  from: LoadParameter.openapi({ type: 'integer', description: 'Load of the earlier version; default: the one before' }),
  to: LoadParameter.openapi({ type: 'integer', description: 'Load of the later version; default: the live one' }),
};

const FAILURES = {
  400: failure('PARAMETER_INVALID'),
  404: failure('LAYER_NOT_FOUND, VERSION_NOT_FOUND'),
  410: failure('VERSION_GONE'),
} as const;

/** A version that can answer. */
type Version = CatalogueEntry & { state: LayerState };

function versionOf({ state }: Version) {
  return { load: state.loadId, at: state.publishedAt.toISOString(), rows: state.rows };
}

async function requireVersions(
  c: Context<AppEnv>,
  id: string,
  loads: { from?: number | undefined; to?: number | undefined },
): Promise<{ from: Version; to: Version }> {
  const { catalogue, db } = c.var.services;
  const entry = await catalogue.get(id, c.var.caller.role);
  requireTable(entry.layer);
  const version = async (load: number): Promise<Version> => {
    const found = await catalogue.getVersion(entry, load);
    return { ...found, state: found.state as LayerState };
  };
  const none = (field: string, what: string) =>
    new ApiError('VERSION_NOT_FOUND', `Layer ${id} has no ${what} version to compare with.`, { field });
  const toLoad = loads.to ?? entry.state?.loadId;
  if (toLoad === undefined) throw none('to', 'live');
  const to = await version(toLoad);
  let fromLoad = loads.from;
  if (fromLoad === undefined) {
    const versions = await listVersions(db.sql, id, MOST_VERSIONS);
    fromLoad = versions.find(({ table, validFrom }) => table !== null && validFrom < to.state.publishedAt)?.loadId;
  }
  if (fromLoad === undefined) throw none('from', 'earlier');
  const from = await version(fromLoad);
  if (isPointLike(from.layer) !== isPointLike(to.layer)) {
    throw new ApiError(
      'PARAMETER_INVALID',
      `from: ${id} was of ${from.layer.geometry} then and is of ${to.layer.geometry}`,
      {
        field: 'from',
        value: fromLoad,
      },
    );
  }
  return { from, to };
}

const sideOf = ({ layer, state }: Version) => ({ layer, table: state.table });

/**
 * Runs `work` on two versions. A load that is published meanwhile moves the live table, so what was read may be of
 * another version: then it is done again.
 */
async function onVersions<T>(
  c: Context<AppEnv>,
  versions: { from: Version; to: Version },
  work: (from: ReturnType<typeof sideOf>, to: ReturnType<typeof sideOf>) => Promise<T>,
): Promise<T> {
  const { sql } = c.var.services.db;
  const tableNow = async ({ layer, state }: Version) => (await findVersion(sql, layer.id, state.loadId))?.table ?? null;
  const sides = { from: sideOf(versions.from), to: sideOf(versions.to) };
  for (let attempt = 1; ; attempt += 1) {
    let result: { value: T } | { error: unknown };
    try {
      result = { value: await work(sides.from, sides.to) };
    } catch (error) {
      result = { error };
    }
    const [from, to] = [await tableNow(versions.from), await tableNow(versions.to)];
    if (from === null || to === null) {
      const load = (from === null ? versions.from : versions.to).state.loadId;
      throw new ApiError('VERSION_GONE', `The version of load ${load} is no longer kept.`, { value: load });
    }
    if (from === sides.from.table && to === sides.to.table) {
      if ('error' in result) throw result.error;
      return result.value;
    }
    if (attempt === 3) throw new ApiError('NOT_READY', 'The layer is being loaded over and over. Try again.');
    sides.from.table = from;
    sides.to.table = to;
  }
}

export const readVersions = endpoint(
  createRoute({
    method: 'get',
    path: '/api/layers/{id}/versions',
    tags: ['history'],
    summary: 'The versions of a layer: which load was live from when to when',
    request: { params: LayerId },
    responses: { 200: json(VersionList, 'The versions, the newest first'), 404: failure('LAYER_NOT_FOUND') },
  }),
  async (c) => {
    const { catalogue, db } = c.var.services;
    const { layer } = await catalogue.get(c.req.valid('param').id, c.var.caller.role);
    const versions = await listVersions(db.sql, layer.id, MOST_VERSIONS);
    const body = {
      layer: layer.id,
      versions: versions.map(({ loadId, validFrom, validTo, rows, table, pictures, file, sha256 }) => ({
        load: loadId,
        from: validFrom.toISOString(),
        to: validTo?.toISOString() ?? null,
        rows,
        file: fileName(file),
        sha256,
        kept: table !== null || pictures !== null,
      })),
    };
    return c.json(body, 200, { 'Cache-Control': 'private, no-cache', Vary: 'Accept-Encoding, Authorization' });
  },
);

export const readDiff = endpoint(
  createRoute({
    method: 'get',
    path: '/api/layers/{id}/diff',
    tags: ['history'],
    summary: 'What changed between two loads of a layer: counts',
    description:
      'Rows are matched by their key. from.rows = removed + changed + moved - changedAndMoved + unchanged, to.rows the same with added.',
    request: { params: LayerId, query: z.object(DiffParameters) },
    responses: { 200: json(DiffSummary, 'The counts'), 304: NOT_MODIFIED, ...FAILURES },
  }),
  async (c) => {
    const { id } = c.req.valid('param');
    const versions = await requireVersions(c, id, c.req.valid('query'));
    const { from, to } = versions;
    const tag = entityTag('diff', id, from.state.loadId, to.state.loadId);
    const headers = cacheHeaders([to.layer], tag);
    if (hasCurrent(c, tag)) return notModified(c, headers);
    const { sql } = c.var.services.db;
    const summary = await onVersions(c, versions, (a, b) => diffSummary(sql, a, b));
    const names = new Set(comparedFields(from.layer, to.layer));
    const body = {
      layer: id,
      from: versionOf(from),
      to: versionOf(to),
      ...summary,
      /** Fields of one version only, or of another type: not compared. */
      fieldsAdded: Object.keys(to.layer.fields).filter((name) => !names.has(name)),
      fieldsRemoved: Object.keys(from.layer.fields).filter((name) => !names.has(name)),
    };
    return c.json(body, 200, headers);
  },
);

const DiffFeature = z
  .object({
    type: z.literal('Feature'),
    id: z.number().int(),
    geometry: z.looseObject({ type: z.string() }).nullable(),
    properties: z.object({
      kind: z.enum(DIFF_KINDS),
      changed: z.array(z.string()),
      movedMetres: z.number().nullable(),
      before: z.record(z.string(), z.unknown()).nullable(),
      after: z.record(z.string(), z.unknown()).nullable(),
      geometryBefore: z.looseObject({ type: z.string() }).nullable(),
    }),
  })
  .openapi('DiffFeature');

const DiffCollection = z
  .object({
    type: z.literal('FeatureCollection'),
    numberReturned: z.number().int(),
    /** Cursor of the next page; null on the last. */
    next: z.string().nullable(),
    features: z.array(DiffFeature),
  })
  .openapi('DiffCollection');

/** Values as the caller may see them; of rows that stayed only those that changed. */
function shown(layer: Layer, role: Role, values: Record<string, unknown> | null, only: readonly string[] | null) {
  if (values === null) return null;
  const masked = new Set(maskedFields(layer, role));
  const entries = Object.entries(values).filter(([name]) => only === null || only.includes(name));
  return Object.fromEntries(
    entries.map(([name, value]) => {
      const mask = masked.has(name) ? layer.fields[name]?.mask : undefined;
      return [name, mask === undefined ? value : maskValue(mask, value)];
    }),
  );
}

function toGeoJson(from: Layer, to: Layer, role: Role, row: DiffRow): z.infer<typeof DiffFeature> {
  const only = row.before !== null && row.after !== null ? row.changed : null;
  type Geometry = z.infer<typeof DiffFeature>['geometry'];
  return {
    type: 'Feature',
    id: row.fid,
    geometry: row.geometry as Geometry,
    properties: {
      kind: row.kind,
      changed: row.changed,
      movedMetres: row.movedMetres === null ? null : Math.round(row.movedMetres * 100) / 100,
      before: shown(from, role, row.before, only),
      after: shown(to, role, row.after, only),
      geometryBefore: row.geometryBefore as Geometry,
    },
  };
}

function parseKinds(text: string | undefined): DiffKind[] {
  if (text === undefined) return [...DIFF_KINDS];
  return text.split(',').map((name) => {
    const kind = DIFF_KINDS.find((known) => known === name);
    if (kind !== undefined) return kind;
    throw new ApiError('PARAMETER_INVALID', `kind: "${name.slice(0, 40)}" is none of ${DIFF_KINDS.join(', ')}`, {
      field: 'kind',
      value: text,
    });
  });
}

export const readDiffFeatures = endpoint(
  createRoute({
    method: 'get',
    path: '/api/layers/{id}/diff/features',
    tags: ['history'],
    summary: 'The rows that changed between two loads as GeoJSON, page by page',
    description: 'Each row once: what both moved and changed is of kind moved. Masked fields are masked.',
    request: {
      params: LayerId,
      query: z.object({
        ...DiffParameters,
        kind: z.string().optional().openapi({ description: 'added, removed, changed, moved; several with commas' }),
        limit: LoadParameter.openapi({
          type: 'integer',
          description: `Default ${DEFAULT_LIMIT}, at most ${LARGEST_LIMIT}`,
        }),
        cursor: z.string().optional().openapi({ description: '`next` of the page before' }),
      }),
    },
    responses: {
      200: { description: 'The rows', content: { 'application/geo+json': { schema: DiffCollection } } },
      304: NOT_MODIFIED,
      ...FAILURES,
    },
  }),
  async (c) => {
    const { role } = c.var.caller;
    const { id } = c.req.valid('param');
    const query = c.req.valid('query');
    const kinds = parseKinds(query.kind);
    const limit = Math.min(Math.max(query.limit ?? DEFAULT_LIMIT, 1), LARGEST_LIMIT);
    const after = query.cursor === undefined ? -1 : parseFid(query.cursor, 'CURSOR_INVALID', 'cursor');
    const versions = await requireVersions(c, id, query);
    const { from, to } = versions;
    const masks = maskedFields(from.layer, role).concat(maskedFields(to.layer, role)).join();
    const tag = entityTag('diff rows', id, from.state.loadId, to.state.loadId, kinds.join(), limit, after, masks);
    const headers = { ...cacheHeaders([to.layer], tag), 'Content-Type': 'application/geo+json' };
    if (hasCurrent(c, tag)) return notModified(c, headers);
    const { sql } = c.var.services.db;
    // One more than asked for tells whether there is a next page.
    const rows = await onVersions(c, versions, (a, b) => listDiff(sql, a, b, kinds, after, limit + 1));
    const features = rows.slice(0, limit).map((row) => toGeoJson(from.layer, to.layer, role, row));
    const next = rows.length > limit ? String(features.at(-1)?.id) : null;
    const body = { type: 'FeatureCollection' as const, numberReturned: features.length, next, features };
    return c.json(body, 200, headers);
  },
);

export const readDiffTile = endpoint(
  createRoute({
    method: 'get',
    path: '/api/layers/{id}/diff/tiles/{z}/{x}/{y}',
    tags: ['history'],
    summary: 'The rows that changed between two loads as a vector tile with their kind',
    request: { params: LayerId.extend(TileParameters), query: z.object(DiffParameters) },
    responses: { ...TILE_RESPONSES, 410: failure('VERSION_GONE') },
  }),
  async (c) => {
    const { id, z: zoom, x, y } = c.req.valid('param');
    const query = c.req.valid('query');
    const tile = parseTile(zoom, x, y);
    const versions = await requireVersions(c, id, query);
    const { from, to } = versions;
    const tag = entityTag('diff tile', id, from.state.loadId, to.state.loadId, tile.z, tile.x, tile.y);
    const isNamed = query.from !== undefined && query.to !== undefined;
    const headers = cacheHeaders([to.layer], tag, isNamed);
    if (hasCurrent(c, tag)) return notModified(c, headers);
    const { sql } = c.var.services.db;
    const body = await onVersions(c, versions, (a, b) =>
      encodeTile(sql, to.layer, DIFF_TILE_FIELDS, tile, EVERYTHING, diffRows(sql, a, b, isPointLike(to.layer))),
    );
    return answerMvt(c, body, headers);
  },
);
