import type { Geometry } from 'geojson';
import type { Role } from '../../layers/access.ts';
import type { Catalogue } from '../catalogue.ts';
import type { Database } from '../db/connect.ts';
import { loadMesh } from '../db/mesh.ts';
import { ApiError } from '../errors.ts';
import type { Areas } from '../filter/areas.ts';
import { toSql } from '../filter/to-sql.ts';
import { bounded } from './bounded.ts';
import type { CoverageAnswer, LayerInput, ReachAnswer, ReachInput, RouteAnswer } from './contract.ts';
import { requireWithin } from './limits.ts';
import {
  buildRoadGraph,
  FARTHEST_ENTRANCE,
  findEntrance,
  findRoute,
  reachedParts,
  reachFrom,
  type Entrance,
  type RoadGraph,
  type RoadLine,
  type TravelMode,
} from './road-graph.ts';
import { getLoaded, rowsOf } from './shape.ts';

interface Services {
  db: Database;
  catalogue: Catalogue;
  areas: Areas;
}

interface Roads {
  layer: string;
  load: number;
  graph: RoadGraph;
}

const known = new WeakMap<Database, { key: string; graph: Promise<RoadGraph> }>();

/** The roads of the layer that says how it is travelled, kept for its live version. */
async function roadsOf({ db, catalogue }: Pick<Services, 'db' | 'catalogue'>, role: Role): Promise<Roads> {
  const entry = (await catalogue.list(role)).find(({ layer, state }) => layer.travel !== undefined && state !== null);
  if (entry === undefined || entry.state === null) {
    throw new ApiError('VERSION_NOT_FOUND', 'No layer of roads to travel on is loaded.', { field: 'mode' });
  }
  const { layer, state } = entry;
  const key = `${layer.id}@${state.loadId}`;
  let kept = known.get(db);
  if (kept?.key !== key) {
    kept = { key, graph: readRoads(db, layer.travel!, layer.label ?? layer.key, state.table) };
    known.set(db, kept);
    // The callers get the error; the next one tries again.
    kept.graph.catch(() => known.delete(db));
  }
  return { layer: layer.id, load: state.loadId, graph: await kept.graph };
}

async function readRoads(
  db: Database,
  travel: { class: string; oneway?: string; limit?: string; speeds: Record<TravelMode, Record<string, number>> },
  label: string,
  table: string,
): Promise<RoadGraph> {
  const { sql } = db;
  const rows = await sql<
    { name: string | null; kind: string | null; oneway: boolean | null; limit: number | null; paths: number[][][] }[]
  >`
    select ${sql(label)}::text as name, ${sql(travel.class)} as kind,
      ${travel.oneway === undefined ? sql`false` : sql`${sql(travel.oneway)}`} as oneway,
      ${travel.limit === undefined ? sql`null::float8` : sql`${sql(travel.limit)}::float8`} as limit,
      (st_asgeojson(geom, 9)::json -> 'coordinates') as paths
    from ${sql(table)} where geom is not null order by fid`;
  return buildRoadGraph(
    rows.flatMap(({ name, kind, oneway, limit, paths }) => {
      const drive = travel.speeds.drive[kind ?? ''] ?? 0;
      const walk = travel.speeds.walk[kind ?? ''] ?? 0;
      const slowed = drive > 0 && limit !== null && limit > 0 ? Math.min(drive, limit) : drive;
      return paths.map((path): RoadLine => ({ name, path, drive: slowed, walk, oneway: oneway === true }));
    }),
  );
}

/** Where the rows of a layer stand, by a point in each. */
async function placesOf(services: Services, role: Role, from: LayerInput): Promise<[number, number][]> {
  const { db, catalogue } = services;
  const { sql } = db;
  const { layer, state } = await getLoaded(catalogue, from.layer, role);
  // What is reached from a row tells where it is.
  const predicate = await rowsOf(services, role, layer, from.filter, 'rows');
  const rows = await bounded(
    db,
    (tx) => tx<{ lon: number; lat: number }[]>`
      select st_x(p) as lon, st_y(p) as lat
      from (
        select case when st_dimension(geom) = 0 then geom else st_pointonsurface(geom) end as p from ${sql(state.table)}
        where geom is not null and ${toSql(sql, layer, predicate)}
      ) places`,
  );
  requireWithin('origins', rows.length, 'from');
  return rows.map(({ lon, lat }) => [lon, lat]);
}

function entrancesOf(graph: RoadGraph, mode: TravelMode, places: readonly (readonly [number, number])[]): Entrance[] {
  return places.flatMap(([lon, lat]) => findEntrance(graph, mode, lon, lat) ?? []);
}

/** Metres on either side of a road that count as reached, and by which gaps between roads are closed. */
const BESIDE = 40;
const CLOSING = 60;

/** The areas that are reached along the roads within so many minutes. */
export async function findReach(services: Services, role: Role, input: ReachInput): Promise<ReachAnswer> {
  const { db } = services;
  const { from, mode, minutes } = input;
  const places = 'point' in from ? [from.point] : await placesOf(services, role, from);
  const { graph, layer, load } = await roadsOf(services, role);
  const entrances = entrancesOf(graph, mode, places);
  const reached = reachFrom(graph, mode, entrances, Math.max(...minutes) * 60);
  const onPiece = byPiece(entrances);
  const areas: ReachAnswer['areas'] = [];
  let before: number | null = null;
  let strip: string | null = null;
  for (const each of [...new Set(minutes)].toSorted((a, b) => a - b)) {
    const { paths, metres } = reachedPaths(graph, mode, reached, onPiece, each * 60, before);
    // What is reached sooner is not drawn again, but added to.
    const area: Area = await areaAround(db, paths, strip, graph.lats[0]!);
    areas.unshift({
      minutes: each,
      roadMetres: Math.round(metres),
      geometry: area.geometry === null ? null : { ...area.geometry },
      areaM2: area.areaM2,
    });
    before = each * 60;
    ({ strip } = area);
  }
  return { roads: { layer, load }, origins: places.length, offRoad: places.length - entrances.length, areas };
}

function byPiece(entrances: readonly Entrance[]): Map<number, Entrance[]> {
  const result = new Map<number, Entrance[]>();
  for (const entrance of entrances) result.set(entrance.piece, [...(result.get(entrance.piece) ?? []), entrance]);
  return result;
}

/** What is reached within so many seconds: metres of it all, and paths of what is not reached to the same extent `before`. */
function reachedPaths(
  graph: RoadGraph,
  mode: TravelMode,
  reached: ReturnType<typeof reachFrom>,
  onPiece: ReadonlyMap<number, Entrance[]>,
  within: number,
  before: number | null,
): { paths: [number, number][][]; metres: number } {
  const { pieces, lons, lats } = graph;
  const paths: [number, number][][] = [];
  let metres = 0;
  // Node at which the last path ends; -1: on the way.
  let endsAt = -1;
  for (let piece = 0; piece < pieces.from.length; piece++) {
    const [a, b] = [pieces.from[piece]!, pieces.to[piece]!];
    const at = (share: number): [number, number] => [
      lons[a]! + share * (lons[b]! - lons[a]!),
      lats[a]! + share * (lats[b]! - lats[a]!),
    ];
    const here = onPiece.get(piece);
    const parts = reachedParts(graph, mode, reached, piece, within, here);
    for (const [from, to] of parts) metres += (to - from) * pieces.metres[piece]!;
    const isDrawn = before !== null && isSame(parts, reachedParts(graph, mode, reached, piece, before, here));
    for (const [from, to] of isDrawn ? [] : parts) {
      // A road that is reached from piece to piece is one path: what is drawn around each path costs most of all.
      const goesOn = from === 0 && endsAt === a && pieces.line[piece] === pieces.line[piece - 1];
      if (goesOn) paths.at(-1)!.push(at(to));
      else paths.push([at(from), at(to)]);
      endsAt = to === 1 ? b : -1;
    }
  }
  return { paths, metres };
}

function isSame(some: readonly [number, number][], others: readonly [number, number][]): boolean {
  return (
    some.length === others.length &&
    some.every(([from, to], index) => from === others[index]![0] && to === others[index]![1])
  );
}

interface Area {
  geometry: Geometry | null;
  areaM2: number;
  /** The strip it is made of, to which more may be added. */
  strip: string | null;
}

/**
 * The strip along the paths and the one `before` as one area, without the small gaps between them. Strips joined take a tenth of
 * a strip along all.
 */
async function areaAround(
  db: Database,
  paths: readonly (readonly [number, number])[][],
  before: string | null,
  latitude: number,
): Promise<Area> {
  if (paths.length === 0 && before === null) return { geometry: null, areaM2: 0, strip: null };
  // Web Mercator stretches everything here by the same factor.
  const stretch = 1 / Math.cos((latitude * Math.PI) / 180);
  const text = JSON.stringify({ type: 'MultiLineString', coordinates: paths });
  return bounded(db, async (tx) => {
    const [row] = await tx<[{ geometry: Geometry | null; area: number | null; strip: string }]>`
      with strip as materialized (
        select st_union(piece) as geom from (
          select st_buffer(path, ${(BESIDE + CLOSING) * stretch}::float8, 'quad_segs=2') as piece
          from (select (st_dump(st_transform(st_setsrid(st_geomfromgeojson(${text}::text), 4326), 3857))).geom as path) paths
          union all
          select ${before}::geometry where ${before !== null}
        ) pieces
      ), area as materialized (
        select st_transform(st_simplifypreservetopology(
          st_buffer(geom, ${-CLOSING * stretch}::float8, 'quad_segs=2'), ${3 * stretch}::float8), 4326) as geom from strip
      )
      select st_asgeojson(area.geom, 6)::json as geometry, st_area(area.geom::geography)::float8 as area,
        strip.geom::text as strip
      from area, strip`;
    return {
      geometry: row.geometry,
      areaM2: row.area ?? 0,
      strip: row.strip,
    };
  });
}

/** The fastest way along the roads through all the points, in their order. */
export async function routeThrough(
  services: Services,
  role: Role,
  points: readonly (readonly [number, number])[],
  mode: TravelMode,
): Promise<RouteAnswer> {
  const { graph, layer, load } = await roadsOf(services, role);
  const entrances = points.map(([lon, lat], index) => {
    const entrance = findEntrance(graph, mode, lon, lat);
    if (entrance !== null) return entrance;
    throw new ApiError('BODY_INVALID', `points.${index}: there is no road within ${FARTHEST_ENTRANCE} m`, {
      field: `points.${index}`,
      value: points[index],
    });
  });
  const legs = entrances.slice(1).map((end, index) => {
    const leg = findRoute(graph, mode, entrances[index]!, end);
    if (leg !== null) return leg;
    throw new ApiError('BODY_INVALID', `points.${index + 1}: no way leads there from the point before`, {
      field: `points.${index + 1}`,
      value: points[index + 1],
    });
  });
  return {
    roads: { layer, load },
    metres: legs.reduce((sum, { metres }) => sum + metres, 0),
    seconds: legs.reduce((sum, { seconds }) => sum + seconds, 0),
    geometry: {
      type: 'LineString',
      coordinates: legs.flatMap(({ path }, index) => (index === 0 ? path : path.slice(1))),
    },
  };
}

/** The share of each micro-grid's roads that is reached in time by any of a layer's rows. */
export async function findCoverage(
  services: Services,
  role: Role,
  from: LayerInput,
  mode: TravelMode,
  minutes: number,
): Promise<CoverageAnswer> {
  const places = await placesOf(services, role, from);
  // Whoever may not see the micro-grids is not told their roads.
  await getLoaded(services.catalogue, 'governance_grid', role);
  const { graph, layer, load } = await roadsOf(services, role);
  const entrances = entrancesOf(graph, mode, places);
  const reached = reachFrom(graph, mode, entrances, minutes * 60);
  const onPiece = byPiece(entrances);
  const mesh = await loadMesh(services.db.sql);
  const total = new Float64Array(mesh.codes.length);
  const covered = new Float64Array(mesh.codes.length);
  const { pieces, lons, lats } = graph;
  for (let piece = 0; piece < pieces.from.length; piece++) {
    const [a, b] = [pieces.from[piece]!, pieces.to[piece]!];
    const cell = mesh.locate((lons[a]! + lons[b]!) / 2, (lats[a]! + lats[b]!) / 2);
    if (cell < 0 || !(graph.lines[pieces.line[piece]!]![mode] > 0)) continue;
    const parts = reachedParts(graph, mode, reached, piece, minutes * 60, onPiece.get(piece));
    const share = parts.reduce((sum, [start, end]) => sum + end - start, 0);
    total[cell] = total[cell]! + pieces.metres[piece]!;
    covered[cell] = covered[cell]! + share * pieces.metres[piece]!;
  }
  const cells = mesh.codes.map((code, index) => ({ code, index })).filter(({ index }) => total[index]! > 0);
  const all = total.reduce((sum, metres) => sum + metres, 0);
  return {
    roads: { layer, load },
    origins: places.length,
    offRoad: places.length - entrances.length,
    codes: cells.map(({ code }) => code),
    metres: cells.map(({ index }) => Math.round(total[index]!)),
    shares: cells.map(({ index }) => covered[index]! / total[index]!),
    share: all === 0 ? 0 : covered.reduce((sum, metres) => sum + metres, 0) / all,
  };
}

export { roadsOf };
