import { maskedFields, maskValue, type Role } from '../../layers/access.ts';
import type { Layer } from '../../layers/define.ts';
import { bounded } from '../analysis/bounded.ts';
import { boxAround } from '../analysis/nearest.ts';
import { findEntrance, reachFrom, reversed, secondsTo, type RoadGraph } from '../analysis/road-graph.ts';
import { allOf } from '../analysis/shape.ts';
import { roadsOf } from '../analysis/travel.ts';
import type { Catalogue } from '../catalogue.ts';
import type { Database } from '../db/connect.ts';
import { ApiError } from '../errors.ts';
import { toSql, type Fragment } from '../filter/to-sql.ts';

export const STAFF_LAYER = 'grid_staff_position';

/** One of the grid staff, as the caller may know of them. */
export interface FieldStaff {
  /** Stands for the person; tells nothing (`app.staff_handle`). */
  id: string;
  fid: number;
  name: string;
  grid: string | null;
  /** By the rota where it speaks of the person, else by the layer's word. */
  onShift: boolean;
  post: string | null;
  /** Kinds of incidents the person is trained for: beginnings of categories. */
  skills: readonly string[];
  /** Open tasks: those the layer counts, and open incidents that were handed out here. */
  tasks: number;
  metres: number;
  /** By road; null where no road leads there in time, or the roads are not known yet. */
  seconds: number | null;
  at: [number, number];
  reportedAt: string | null;
}

export interface FoundStaff {
  /** Whose roads the times are by; null while they are not known. */
  roads: { layer: string; load: number } | null;
  staff: FieldStaff[];
}

interface Services {
  db: Database;
  catalogue: Catalogue;
}

/** Metres around the place that are looked at, and the nearest of those as the crow flies. */
const FARTHEST = 6000;
const MOST = 40;
/** Ways longer than this are no help, s. */
const LONGEST_WAY = 1800;
/** How long the first to ask waits for the roads to be read, ms. They are there for the next one. */
const PATIENCE_MS = 200;

/**
 * Grid staff around a place and those in charge of its micro-grid, with the time they need by road, the soonest first. Null when
 * the role may not see them or they were never loaded.
 */
export async function findStaff(
  services: Services,
  role: Role,
  at: readonly [number, number],
  grids: readonly string[],
  now: Date,
): Promise<FoundStaff | null> {
  const { db, catalogue } = services;
  const { sql } = db;
  const entry = (await catalogue.list(role)).find(({ layer }) => layer.id === STAFF_LAYER);
  if (entry === undefined || entry.state === null) return null;
  const { layer, state } = entry;
  const [lon, lat] = at;
  const near = allOf(layer, [{ bbox: boxAround([lon, lat, lon, lat], FARTHEST) }]);
  const [rows, roads] = await Promise.all([
    readStaff(db, state.table, at, now, {
      where: sql`(${toSql(sql, layer, near)}) or s.grid_code = any (${[...grids]}::text[])`,
      limit: MOST,
    }),
    knownRoads(services, role),
  ]);
  const times = roads === null ? null : wayTimes(roads.graph, at);
  const staff = rows.map((row) => shownStaff(layer, role, row, times?.(row.lon, row.lat) ?? null));
  return {
    roads: roads === null ? null : { layer: roads.layer, load: roads.load },
    staff: staff.toSorted(
      (a, b) => (a.seconds ?? Infinity) - (b.seconds ?? Infinity) || a.metres - b.metres || a.fid - b.fid,
    ),
  };
}

/** One of the staff by what stands for them, wherever they are; null when there is none. */
export async function findStaffById(
  services: Services,
  role: Role,
  id: string,
  at: readonly [number, number],
  now: Date,
): Promise<(FieldStaff & { key: string }) | null> {
  const { db, catalogue } = services;
  const entry = (await catalogue.list(role)).find(({ layer }) => layer.id === STAFF_LAYER);
  if (entry === undefined || entry.state === null) return null;
  const where = db.sql`app.staff_handle(s.source_id) = ${id}`;
  const [row] = await readStaff(db, entry.state.table, at, now, { where, limit: 1 });
  if (row === undefined) return null;
  const roads = await knownRoads(services, role);
  const seconds = roads === null ? null : wayTimes(roads.graph, at)(row.lon, row.lat);
  return { ...shownStaff(entry.layer, role, row, seconds), key: row.key };
}

interface Row {
  id: string;
  key: string;
  fid: number;
  name: string;
  grid: string | null;
  onShift: boolean;
  post: string | null;
  skills: string[] | null;
  tasks: number;
  metres: number;
  lon: number;
  lat: number;
  reportedAt: string | null;
}

/** Staff with a place, the nearest first. On shift as the rota of today says, where it speaks of them. */
async function readStaff(
  db: Database,
  table: string,
  [lon, lat]: readonly [number, number],
  now: Date,
  { where, limit }: { where: Fragment; limit: number },
): Promise<Row[]> {
  const { sql } = db;
  return bounded(
    db,
    async (tx) =>
      await tx<Row[]>`
      select app.staff_handle(near.key) as id, near.key, near.fid, near.name, near.grid, near.metres, near.lon, near.lat,
        near."reportedAt", coalesce(rota.is_on, near.on_duty) as "onShift", rota.post, rota.skills,
        near.task_count + (select count(*)::int4 from app.incident i where i.state = 'open' and i.assignee = app.staff_handle(near.key)) as tasks
      from (
        select s.source_id as key, s.fid, s.name, s.grid_code as grid, s.on_duty, coalesce(s.task_count, 0) as task_count,
          st_distance(s.geom::geography, p.place)::float8 as metres, st_x(s.geom) as lon, st_y(s.geom) as lat,
          app.iso_time(s.reported_at) as "reportedAt"
        from ${sql(table)} s,
          (select st_setsrid(st_makepoint(${lon}::float8, ${lat}::float8), 4326)::geography as place offset 0) p
        where s.geom is not null and (${where})
        order by metres, s.fid limit ${limit}::int4
      ) near
      left join lateral (
        select bool_or(${now} >= r.starts_at and ${now} < r.ends_at) as is_on,
          (array_agg(r.post order by r.starts_at desc))[1] as post,
          (array_agg(to_json(r.skills) order by r.starts_at desc))[1] as skills
        from app.shift r
        where r.staff = near.key and r.starts_at < ${now}::timestamptz + interval '1 day' and r.ends_at > ${now}::timestamptz - interval '1 day'
      ) rota on true
      order by near.metres, near.fid`,
  );
}

function shownStaff(layer: Layer, role: Role, row: Row, seconds: number | null): FieldStaff {
  const { id, fid, grid, onShift, post, tasks, lon, lat, reportedAt } = row;
  const mask = maskedFields(layer, role).includes('name') ? layer.fields['name']?.mask : undefined;
  return {
    id,
    fid,
    name: mask === undefined ? row.name : String(maskValue(mask, row.name)),
    grid,
    onShift,
    post,
    skills: row.skills ?? [],
    tasks,
    metres: Math.round(row.metres),
    seconds: seconds === null ? null : Math.round(seconds),
    at: [lon, lat],
    reportedAt,
  };
}

/** The roads, when they are known soon enough. */
async function knownRoads(services: Services, role: Role): Promise<Awaited<ReturnType<typeof roadsOf>> | null> {
  const reading = roadsOf(services, role).catch((error: unknown) => {
    // Without roads there are distances.
    if (error instanceof ApiError && error.code === 'VERSION_NOT_FOUND') return null;
    throw error;
  });
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<null>((done) => {
    timer = setTimeout(done, PATIENCE_MS, null);
  });
  try {
    return await Promise.race([reading, tooLong]);
  } finally {
    clearTimeout(timer);
    reading.catch(() => undefined);
  }
}

/** Seconds by road from any place to this one. One search, against the direction of travel. */
function wayTimes(
  graph: RoadGraph,
  [lon, lat]: readonly [number, number],
): (lon: number, lat: number) => number | null {
  const back = reversed(graph);
  const target = findEntrance(graph, 'drive', lon, lat);
  if (target === null) return () => null;
  const entrance = { ...target, share: 1 - target.share };
  const reached = reachFrom(back, 'drive', [entrance], LONGEST_WAY);
  return (fromLon, fromLat) => {
    const start = findEntrance(graph, 'drive', fromLon, fromLat);
    if (start === null) return null;
    const seconds = secondsTo(graph, 'drive', start, target, reached);
    return seconds <= LONGEST_WAY ? seconds : null;
  };
}
