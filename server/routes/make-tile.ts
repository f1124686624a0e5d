import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Role } from '../../layers/access.ts';
import type { Layer } from '../../layers/define.ts';
import type { CatalogueEntry } from '../catalogue.ts';
import { EVERYTHING, layersOfAreas, predicateKey, type Predicate } from '../filter/predicate.ts';
import type { Services } from '../services.ts';
import { joinLayers, TILE_BUDGET } from '../tiles/join-layers.ts';
import { hasLabels, labelField, labelLayerOf, layerLabels, layerTile, tileFields } from '../tiles/layer-tile.ts';
import type { Tile } from '../tiles/tile.ts';
import type { TileSource } from '../tiles/warm-tiles.ts';
import { cacheHeaders, entityTag } from './cache.ts';

const compress = promisify(gzip);
const COMPRESS_FROM = 1024;
const MVT = 'application/vnd.mapbox-vector-tile';

/** What is asked for: a vector tile of some layers, each with its predicate. */
export interface TileWanted {
  role: Role;
  entries: readonly CatalogueEntry[];
  tile: Tile;
  predicates: readonly Predicate[];
  /** With the names of polygons. */
  isNaming: boolean;
}

/** What its answer says of a tile before it is made. `version`: the loads that the address names. */
export function describeTile(
  { tileVersions }: Pick<Services, 'tileVersions'>,
  { role, entries, tile, predicates, isNaming }: TileWanted,
  version: string | undefined,
): { tag: string; headers: Record<string, string> } {
  const layers = entries.map(({ layer }) => layer);
  const loads = entries.map(({ state }) => state?.loadId ?? 0).join(',');
  const fields = layers
    .map(
      (layer) =>
        `${layer.id}:${tileFields(layer, role).map(([name]) => name)}${isNaming ? labelName(layer, role) : ''}`,
    )
    .join(';');
  // The tag names the loads in which this tile last changed: an edit elsewhere in the layer leaves it as it was.
  const changes = entries.map(({ layer, state }) =>
    state === null ? 0 : tileVersions.loadOf(layer.id, state.loadId, tile),
  );
  const tag = entityTag('mvt', fields, changes.join(), tile.z, tile.x, tile.y, predicates.map(predicateKey).join('\n'));
  // The versions that answer are those the address names, live or of then.
  const others = predicates.flatMap(layersOfAreas);
  const isNamed = entries.every(({ state }) => state !== null) && version === loads && others.length === 0;
  return { tag, headers: cacheHeaders([...layers, ...others], tag, isNamed) };
}

function labelName(layer: Layer, role: Role): string {
  return hasLabels(layer) ? `+${labelField(layer, role)?.[0] ?? ''}` : '';
}

/** The bytes of a tile, and headers that name what had no room in it. */
export async function makeTile(
  { db, lineCopies }: Pick<Services, 'db' | 'lineCopies'>,
  { role, entries, tile, predicates, isNaming }: TileWanted,
): Promise<{ body: Buffer; headers: Record<string, string> }> {
  // The names behind all shapes: they give way first.
  const makers = [layerTile, ...(isNaming ? [layerLabels] : [])];
  const parts = await Promise.all(
    makers.flatMap((make) =>
      entries.map(({ layer, state }, index) => {
        if (state === null) return Buffer.alloc(0);
        const predicate = predicates[index] ?? EVERYTHING;
        const copied =
          make === layerTile && predicate === EVERYTHING ? lineCopies.tile(layer, state, role, tile) : null;
        return copied ?? make(db.sql, layer, role, tile, predicate, state.table);
      }),
    ),
  );
  const { body, dropped } = joinLayers(parts, entries.length === 1 ? Infinity : TILE_BUDGET);
  if (dropped.length === 0) return { body, headers: {} };
  const ids = entries.map(({ layer }) => layer);
  const names = [...ids.map(({ id }) => id), ...ids.map(labelLayerOf)];
  return {
    body,
    headers: {
      'X-Tile-Dropped': dropped.map((index) => names[index]).join(','),
      'X-Tile-Budget': String(TILE_BUDGET),
    },
  };
}

/** The live loads a tile is made of, by which it may be kept; null when a layer has none. */
export function sourcesOf(entries: readonly CatalogueEntry[]): TileSource[] | null {
  const sources = entries.map(({ layer, state }) => ({ layer: layer.id, load: state?.loadId ?? 0 }));
  return entries.every(({ state }) => state !== null) ? sources : null;
}

/** A tile as it is sent: compressed where the caller takes it and it is worth it; 204 when nothing is in it. */
export async function packTile(
  body: Buffer,
  acceptsGzip: boolean,
): Promise<{ status: 200 | 204; body: Buffer; headers: Record<string, string> }> {
  if (body.length === 0) return { status: 204, body, headers: {} };
  const headers = { 'Content-Type': MVT };
  if (body.length < COMPRESS_FROM || !acceptsGzip) return { status: 200, body, headers };
  // The fastest level: tiles are made often, and what stays in caches is small anyway.
  const zipped = await compress(body, { level: 1 });
  return { status: 200, body: zipped, headers: { ...headers, 'Content-Encoding': 'gzip' } };
}
