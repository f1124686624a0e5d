import { maskedFields, maskValue, type Role } from '../../layers/access.ts';
import type { Layer } from '../../layers/define.ts';
import type { Catalogue } from '../catalogue.ts';
import type { Database } from '../db/connect.ts';
import { ApiError } from '../errors.ts';
import type { Areas } from '../filter/areas.ts';
import { both, type Bbox } from '../filter/predicate.ts';
import { toSql, type Fragment } from '../filter/to-sql.ts';
import { bounded } from './bounded.ts';
import type { LayerInput, NearestAnswer } from './contract.ts';
import { requireWithin } from './limits.ts';
import { metresPerDegree } from './road-graph.ts';
import { getLoaded, rowsOf } from './shape.ts';

type From = { point: [number, number] } | { layer: string; fid: number } | LayerInput;

interface Row {
  fid: number | null;
  key: string | null;
  lon: number;
  lat: number;
  to: number | null;
  toKey: string | null;
  metres: number | null;
  toLon: number | null;
  toLat: number | null;
}

/** The index orders by the sphere; so many more are taken to be ordered by the ellipsoid. */
const SPARE = 8;
/** Metres around a single start that are looked at, one after the other until there are enough rows. */
const RADII = [100, 400, 1600, 6400, 25_600] as const;
/** Metres of a degree of latitude, the fewest there are. */
const METRES_PER_DEGREE = 110_500;
/** Degrees of latitude that starts may span to be measured in one plane: up to there it is as true as the sphere is. */
const PLANE_DEGREES = 1;

/** So much further than on the ellipsoid two things may be in the plane. */
const PLANE_SLACK = 1.02;

/** Positions of the rows of one side, with the text they are called by. */
interface Side {
  layer: Layer;
  /** All, or those in a box. */
  rows: (box?: Bbox) => Fragment;
}

/**
 * The nearest rows of a layer to a place, a feature or each row of another layer, with geodesic distances.
 *
 * Around a single start the boxes of growing distances are asked for, which the layers' indexes answer; it takes as long
 * for a million rows as for a thousand. For many starts the rows are copied to a temporary table with an index, as points are
 * found by ranges of `qk` and have none. Starts that are near each other are compared in a plane, where degrees are as many metres
 * as they are in their midst: on the ellipsoid two long lines take a hundred thousand times as long. Others are ordered by
 * metres on the sphere (`<->` of geographies). What is found is then ordered by the distance on the ellipsoid; of lines
 * and surfaces, that of the two positions at which they come closest in the plane.
 */
export async function findNearest(
  services: { db: Database; catalogue: Catalogue; areas: Areas },
  role: Role,
  from: From,
  to: LayerInput,
  count: number,
  maxMetres: number,
): Promise<NearestAnswer> {
  const { db, catalogue } = services;
  const { sql } = db;

  async function sideOf(id: string, filter: LayerInput['filter']): Promise<Side & { load: number }> {
    const { layer, state } = await getLoaded(catalogue, id, role);
    const predicate = await rowsOf(services, role, layer, filter, 'rows');
    return {
      layer,
      load: state.loadId,
      rows: (bbox) => sql`select fid, ${sql(layer.label ?? layer.key)}::text as key, geom from ${sql(state.table)}
        where geom is not null and ${toSql(sql, layer, bbox === undefined ? predicate : both(predicate, { kind: 'bbox', bbox }))}`,
    };
  }

  const target = await sideOf(to.layer, to.filter);
  const source = 'point' in from ? null : await sideOf(from.layer, 'fid' in from ? undefined : from.filter);
  const starts =
    'point' in from
      ? sql`select null::int8 as fid, null::text as key, st_setsrid(st_makepoint(${from.point[0]}::float8, ${from.point[1]}::float8), 4326) as geom`
      : 'fid' in from
        ? sql`select * from (${source!.rows()}) s where fid = ${from.fid}::int8`
        : source!.rows();
  // A row is not its own neighbour.
  const isSame = source?.layer.id === target.layer.id;

  const measured = (candidates: Fragment) => sql`
    select fid, key, st_distance(place, s.geom::geography)::float8 as metres,
      case when st_dimension(geom) = 0 then geom else st_closestpoint(geom, s.geom) end as at
    from (${candidates}) near`;

  /** The neighbours of every start among `found`, rows of `fid, key, metres, at` that may use `s`. */
  const neighbours = (found: Fragment) => sql<Row[]>`
    select s.fid, s.key, st_x(p.at) as lon, st_y(p.at) as lat, n.fid as to, n.key as "toKey", n.metres,
      st_x(n.at) as "toLon", st_y(n.at) as "toLat"
    from (${starts}) s
    cross join lateral (select case when st_dimension(s.geom) = 0 then s.geom else st_pointonsurface(s.geom) end as at) p
    left join lateral (
      select fid, key, metres, at from (${found}) found
      where not (${isSame}::bool and fid = coalesce(s.fid, -1)) and metres <= ${maxMetres}::float8
      order by metres, fid limit ${count}::int4
    ) n on true
    order by s.fid, n.metres, n.fid`;

  const rows = await bounded(db, async (tx) => {
    const [{ n, box }] = await tx<[{ n: number; box: [number, number, number, number] | null }]>`
      select count(*)::int4 as n, array[min(st_xmin(geom)), min(st_ymin(geom)), max(st_xmax(geom)), max(st_ymax(geom))]::float8[] as box
      from (${starts}) s`;
    if (n === 0 && 'fid' in from) {
      throw new ApiError('FEATURE_NOT_FOUND', `from: there is no feature ${from.fid} with a place.`, { field: 'from' });
    }
    requireWithin('nearestFrom', n, 'from');
    if (n === 1 && box !== null) {
      for (const radius of [...RADII.filter((each) => each < maxMetres), maxMetres]) {
        const near = sql`select fid, key, geom, geom::geography as place from (${target.rows(grow(box, radius))}) r`;
        const found = await tx<Row[]>`${neighbours(measured(near))}`;
        // Beyond the radius there may be nearer rows outside of the box.
        const sure = found.filter(({ metres }) => metres !== null && metres <= radius);
        if (sure.length >= count || radius === maxMetres) return found;
      }
    }
    const isFlat = box !== null && box[3] - box[1] <= PLANE_DEGREES;
    const { lon: x, lat: y } = metresPerDegree(isFlat ? (box[1] + box[3]) / 2 : 0);
    const toPlane = (geom: Fragment) => sql`st_scale(${geom}, ${x}::float8, ${y}::float8)`;
    await tx`create temp table nearest_to on commit drop as
      select fid, key, geom, geom::geography as place ${isFlat ? sql`, ${toPlane(sql`geom`)} as plane` : sql``}
      from (${target.rows()}) r`;
    const [{ m }] = await tx<[{ m: number }]>`select count(*)::int4 as m from nearest_to`;
    requireWithin('nearestTo', m, 'to');
    await tx`create index on nearest_to using gist (${tx(isFlat ? 'plane' : 'place')})`;
    if (!isFlat) {
      const near = sql`select fid, key, geom, place from nearest_to order by place <-> s.geom::geography limit ${count + SPARE}::int4`;
      return await tx<Row[]>`${neighbours(measured(near))}`;
    }
    const found = sql`
      select fid, key, case when st_dimension(geom) = 0 then geom else st_startpoint(line) end as at,
        case when st_dimension(geom) = 0 and st_dimension(s.geom) = 0 then st_distance(place, s.geom::geography)
          else st_distance(st_startpoint(line)::geography, st_endpoint(line)::geography) end::float8 as metres
      from (
        select near.*, st_scale(st_shortestline(near.plane, own.plane), 1 / ${x}::float8, 1 / ${y}::float8) as line
        from (select ${toPlane(sql`s.geom`)} as plane offset 0) own
        cross join lateral (
          select * from nearest_to where nearest_to.plane && st_expand(own.plane, ${maxMetres * PLANE_SLACK}::float8)
          order by nearest_to.plane <-> own.plane limit ${count + SPARE}::int4
        ) near
      ) lines`;
    return await tx<Row[]>`${neighbours(found)}`;
  });

  const answer: NearestAnswer = { from: source?.layer.id ?? null, to: target.layer.id, load: target.load, rows: [] };
  let current: NearestAnswer['rows'][number] | undefined;
  for (const row of rows) {
    if (current === undefined || current.fid !== row.fid) {
      current = {
        fid: row.fid,
        name: shownName(source?.layer ?? null, role, row.key),
        at: [row.lon, row.lat],
        neighbours: [],
      };
      answer.rows.push(current);
    }
    if (row.to === null || row.metres === null || row.toLon === null || row.toLat === null) continue;
    current.neighbours.push({
      fid: row.to,
      name: shownName(target.layer, role, row.toKey),
      metres: Math.round(row.metres * 100) / 100,
      at: [row.toLon, row.toLat],
    });
  }
  return answer;
}

/** The box around everything within so many metres of a box, in degrees. */
function grow([west, south, east, north]: readonly number[], metres: number): Bbox {
  const lat = metres / METRES_PER_DEGREE;
  const widest = Math.min(Math.max(Math.abs(south! - lat), Math.abs(north! + lat)), 89);
  const lon = lat / Math.cos((widest * Math.PI) / 180);
  return [
    Math.max(west! - lon, -180),
    Math.max(south! - lat, -90),
    Math.min(east! + lon, 180),
    Math.min(north! + lat, 90),
  ];
}

/** Label or key as the role may see it. */
function shownName(layer: Layer | null, role: Role, text: string | null): string | null {
  if (layer === null || text === null) return null;
  const name = layer.label ?? layer.key;
  const mask = maskedFields(layer, role).includes(name) ? layer.fields[name]?.mask : undefined;
  return mask === undefined ? text : String(maskValue(mask, text));
}

export { grow as boxAround };
