import http from 'node:http';
import { join } from 'node:path';
import { isPointLike } from '../../layers/ddl.ts';
import type { Layer } from '../../layers/define.ts';
import { getLayer } from '../../layers/index.ts';
import type { Database, Sql } from '../../server/db/connect.ts';
import { minzoomOf, tileFields } from '../../server/tiles/layer-tile.ts';
import { frameOf, type Tile, tileAt } from '../../server/tiles/tile.ts';
import { ApiProcess, freePort } from '../chaos/api-process.ts';
import { type Comparison, median } from './measure.ts';
import { requestRate } from './request-rate.ts';
import { type PeerView, startPeers } from './tile-peers.ts';

/** What is measured, at the zooms from 10 to 16 at which it is shown. */
export const TILE_LAYERS = ['road_centerline', 'building_footprint', 'cadastral_parcel', 'person'];
const COARSEST = 10;
const DEEPEST = 16;
/** Tiles of a layer and zoom that are asked for. */
const TILES = 16;

interface Asked {
  layer: Layer;
  tile: Tile;
}

/**
 * Tiles made anew: ours over HTTP, against the query with ST_AsMVT over the same rows and columns (in the process,
 * without HTTP), and against the other tile servers on the machine over HTTP. Then tiles that are kept and 304s per second.
 * Not before ours has done what it does in the background after a start. Of roads ours has its copy by then (`LineCopies`): it makes
 * their tiles from memory, as it does from the third tile of a load on, while the others ask the database for each.
 */
export async function benchTiles(options: {
  db: Database;
  url: string;
  scratch: string;
  runs: number;
}): Promise<{ comparisons: Comparison[]; notes: string[] }> {
  const { db, url, scratch, runs } = options;
  const views = await makeViews(db.sql);
  const asked = await chooseTiles(db.sql);
  const api = new ApiProcess(
    await freePort(),
    { DATABASE_URL: url, DATA_DIR: scratch, TILE_CACHE_MB: '0' },
    join(scratch, 'tiles.log'),
  );
  await api.start();
  await api.settled();
  const peers = await startPeers({ url, scratch, views, cacheMb: 0 });
  const notes: string[] = [];
  const comparisons: Comparison[] = [];
  try {
    const makers: [string, (one: Asked) => Promise<number>][] = [
      ['ours', ({ layer, tile }) => fetchTile(`${api.url}/api/layers/${layer.id}/tiles/${pathOf(tile)}`)],
      ['ST_AsMVT', ({ layer, tile }) => asMvt(db.sql, layer, tile)],
      ...peers.map((peer): [string, (one: Asked) => Promise<number>] => [
        peer.name,
        ({ layer, tile: { z, x, y } }) => fetchTile(peer.tile(layer.id, z, x, y)),
      ]),
    ];
    // Everything once, so that all find the same pages in memory.
    for (const [, make] of makers) for (const one of asked) await make(one);
    const times = new Map<string, number[]>();
    const byZoom = new Map<string, number[]>();
    const sizes = new Map<string, number>();
    for (let run = 0; run < runs; run += 1) {
      for (const one of asked) {
        for (const [name, make] of makers) {
          const key = `${name} ${one.layer.id}`;
          const start = performance.now();
          const bytes = await make(one);
          const took = performance.now() - start;
          times.set(key, [...(times.get(key) ?? []), took]);
          const atZoom = `${key} ${one.tile.z}`;
          byZoom.set(atZoom, [...(byZoom.get(atZoom) ?? []), took]);
          sizes.set(key, (sizes.get(key) ?? 0) + bytes);
        }
      }
    }
    for (const { layer } of views) {
      const ours = mean(times.get(`ours ${layer}`) ?? []);
      for (const [name] of makers.slice(1)) {
        const reference = mean(times.get(`${name} ${layer}`) ?? []);
        comparisons.push({
          name: `tile of ${layer} made anew (${name})`,
          ours: `${ours.toFixed(1)} ms`,
          reference: `${reference.toFixed(1)} ms`,
          ratio: reference / ours,
          target: '≥ 1.43× (0.7× the time)',
        });
      }
      const size = (name: string): string => `${name} ${((sizes.get(`${name} ${layer}`) ?? 0) / 1e6).toFixed(1)} MB`;
      for (let z = COARSEST; z <= DEEPEST; z += 1) {
        const list = makers.map(([name]) => byZoom.get(`${name} ${layer} ${z}`) ?? []);
        if (list.some(({ length }) => length === 0)) continue;
        const texts = makers.map(([name], index) => `${name} ${median(list[index] ?? []).toFixed(1)} ms`);
        notes.push(`${layer}, zoom ${z}, median: ${texts.join(', ')}`);
      }
      notes.push(`bytes of ${layer}: ${makers.map(([name]) => size(name)).join(', ')}`);
    }
  } finally {
    await api.kill();
    for (const peer of peers) await peer.stop();
  }
  comparisons.push(...(await benchKept({ ...options, views, asked })));
  return { comparisons, notes };
}

/** Answers per second from what is kept, and 304s. */
async function benchKept(options: {
  url: string;
  scratch: string;
  runs: number;
  views: readonly PeerView[];
  asked: readonly Asked[];
}): Promise<Comparison[]> {
  const { url, scratch, runs, views, asked } = options;
  const api = new ApiProcess(await freePort(), { DATABASE_URL: url, DATA_DIR: scratch }, join(scratch, 'tiles.log'));
  await api.start();
  await api.settled();
  const peers = await startPeers({ url, scratch, views, cacheMb: 512 });
  const comparisons: Comparison[] = [];
  try {
    const some = asked.filter((_, index) => index % 4 === 0);
    const ours = some.map(({ layer, tile }) => `${api.url}/api/layers/${layer.id}/tiles/${pathOf(tile)}`);
    for (const peer of peers) {
      const theirs = some.map(({ layer, tile: { z, x, y } }) => peer.tile(layer.id, z, x, y));
      const tags = { ours: await tagsOf(ours), theirs: await tagsOf(theirs) };
      const both = some.flatMap((_, i) => (tags.ours[i]?.status === 200 && tags.theirs[i]?.status === 200 ? [i] : []));
      const rates = { kept: [[], []] as [number[], number[]], same: [[], []] as [number[], number[]] };
      const pick = <T>(list: readonly T[]): T[] => both.map((i) => list[i] as T);
      for (let run = 0; run < runs; run += 1) {
        for (const [at, urls, known] of [
          [0, pick(ours), pick(tags.ours)],
          [1, pick(theirs), pick(tags.theirs)],
        ] as const) {
          const common = { connections: 16, seconds: 3 };
          rates.kept[at].push(await requestRate(urls, { ...common, status: 200 }));
          if (known.every(({ tag }) => tag !== null)) {
            const headers = known.map(({ tag }) => ({ 'If-None-Match': tag ?? '' }));
            rates.same[at].push(await requestRate(urls, { ...common, status: 304, headers }));
          }
        }
      }
      for (const [what, [mine, other]] of Object.entries(rates)) {
        if (mine.length === 0 || other.length === 0) continue;
        comparisons.push({
          name: `${what === 'kept' ? 'tiles kept ready' : '304 not modified'} per second (${peer.name})`,
          ours: `${median(mine).toFixed(0)}/s`,
          reference: `${median(other).toFixed(0)}/s`,
          ratio: median(mine) / median(other),
          target: '≥ 1×',
        });
      }
    }
  } finally {
    await api.kill();
    for (const peer of peers) await peer.stop();
  }
  return comparisons;
}

async function tagsOf(urls: readonly string[]): Promise<{ status: number; tag: string | null }[]> {
  const list: { status: number; tag: string | null }[] = [];
  for (const url of urls) {
    const answer = await fetch(url, { headers: { 'Accept-Encoding': 'gzip' } });
    await answer.arrayBuffer();
    list.push({ status: answer.status, tag: answer.headers.get('ETag') });
  }
  return list;
}

/** The rows and columns of our tiles as views, which is what the other servers read. */
async function makeViews(sql: Sql): Promise<PeerView[]> {
  await sql.unsafe('drop schema if exists bench cascade; create schema bench');
  const views: PeerView[] = [];
  for (const id of TILE_LAYERS) {
    const layer = getLayer(id);
    const columns = tileFields(layer, 'staff').map(([name]) => name);
    const list = ['fid', ...columns].join(', ');
    const kind = isPointLike(layer) ? 'POINT' : layer.geometry === 'line' ? 'LINESTRING' : 'POLYGON';
    if (isPointLike(layer)) {
      // Point layers have no stored shape in EPSG:3857: the others get the same rows with one, and its index.
      await sql.unsafe(
        `create table bench.${id} as select t.*, st_transform(t.geom, 3857)::geometry(Point, 3857) as shape from layers.${id} t;
         alter table bench.${id} drop column geom; alter table bench.${id} rename column shape to geom;
         create index on bench.${id} using gist (geom); alter table bench.${id} add primary key (fid); analyze bench.${id}`,
      );
    } else {
      await sql.unsafe(`create view bench.${id} as select ${list}, geom_3857 as geom from layers.${id}`);
    }
    const types = await sql<{ name: string; type: string }[]>`
      select column_name as name, udt_name as type from information_schema.columns
      where table_schema = 'bench' and table_name = ${id} and column_name = any(${columns}::text[])`;
    views.push({ layer: id, kind, columns: Object.fromEntries(types.map(({ name, type }) => [name, type])) });
  }
  return views;
}

/** Tiles spread over where the layer has something, at each zoom. */
async function chooseTiles(sql: Sql): Promise<Asked[]> {
  const asked: Asked[] = [];
  for (const id of TILE_LAYERS) {
    const layer = getLayer(id);
    for (let z = Math.max(COARSEST, minzoomOf(layer)); z <= DEEPEST; z += 1) {
      const places = await sql<{ x: number; y: number }[]>`
        select st_x(p) as x, st_y(p) as y from (
          select st_transform(st_centroid(geom), 3857) as p from ${sql(`layers.${id}`)}
          where geom is not null and fid % 97 = 0 order by md5(fid::text) limit 2000) q`;
      const tiles = new Map<string, Tile>();
      for (const { x, y } of places) {
        const tile = tileAt(z, x, y);
        if (tiles.size < TILES) tiles.set(pathOf(tile), tile);
      }
      for (const tile of tiles.values()) asked.push({ layer, tile });
    }
  }
  return asked;
}

/** The usual query. @returns bytes of the tile */
async function asMvt(sql: Sql, layer: Layer, tile: Tile): Promise<number> {
  const { west, south, east, north } = frameOf(tile);
  const names = tileFields(layer, 'staff').map(([name]) => name);
  const margin = ((east - west) * 64) / 4096;
  const [row] = await sql.unsafe<{ tile: Buffer }[]>(
    `select st_asmvt(q, $1, 4096, 'geom', 'fid') as tile from (
       select fid, ${names.map((name) => `${name},`).join(' ')}
         st_asmvtgeom(geom, st_makeenvelope($2, $3, $4, $5, 3857), 4096, 64, true) as geom
       from bench.${layer.id} where geom && st_makeenvelope($2 - $6::float8, $3 - $6::float8, $4 + $6::float8, $5 + $6::float8, 3857)) q`,
    [layer.id, west, south, east, north, margin],
  );
  return row?.tile.length ?? 0;
}

const agent = new http.Agent({ keepAlive: true });

/** @returns bytes received */
function fetchTile(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    http
      .get(url, { agent, headers: { 'Accept-Encoding': 'identity' } }, (response) => {
        let bytes = 0;
        response.on('data', (chunk: Buffer) => (bytes += chunk.length));
        response.on('end', () => {
          const { statusCode } = response;
          if (statusCode === 200 || statusCode === 204) resolve(bytes);
          else reject(new Error(`${url} answered ${statusCode}`));
        });
      })
      .on('error', reject);
  });
}

function pathOf({ z, x, y }: Tile): string {
  return `${z}/${x}/${y}`;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
