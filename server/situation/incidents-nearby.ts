import type { Role } from '../../layers/access.ts';
import { bounded } from '../analysis/bounded.ts';
import { geometryText, type Shape } from '../analysis/shape.ts';
import type { Incident } from '../contract/incidents.ts';
import type { Database } from '../db/connect.ts';
import { SITUATION_LIMITS, type SituationCard } from './contract.ts';

export interface IncidentsQuery {
  shape: Shape;
  at: readonly [number, number];
  /** Told apart; null: none. */
  category: string | null;
  /** The incident that the card is about is not its own neighbour. */
  except: number | null;
  now: Date;
}

/**
 * Open incidents inside the shape, and those of the last days that are over; of the same category first, the open ones
 * before the others, the nearest before the farther. Counted are matters, listed every report of them.
 */
export async function findIncidentsNearby(
  db: Database,
  role: Role,
  { shape, at, category, except, now }: IncidentsQuery,
): Promise<Omit<SituationCard['incidents'], 'ms' | 'error'>> {
  const { days, incidents: most } = SITUATION_LIMITS;
  const [west, south, east, north] = shape.bbox;
  const [lon, lat] = at;
  const since = new Date(now.getTime() - days * 86_400_000);
  // Ids first: what is told of an incident is made for the few that are listed.
  const found = await bounded(
    db,
    async (tx) =>
      await tx<
        { open: number; past: number; same: number; incident: Incident; metres: number; sameCategory: boolean }[]
      >`
      with inside as materialized (
        select i.id, i.state = 'open' as is_open, i.parent_id is null as is_matter, i.category is not distinct from ${category}::text as is_same,
          st_distance(i.geom::geography, st_setsrid(st_makepoint(${lon}::float8, ${lat}::float8), 4326)::geography)::float8 as metres
        from app.incident i, (select st_setsrid(st_geomfromgeojson(${geometryText(shape.geometry)}::text), 4326) as area offset 0) s
        where i.geom && st_makeenvelope(${west}::float8, ${south}::float8, ${east}::float8, ${north}::float8, 4326)
          and st_intersects(s.area, i.geom) and (i.state = 'open' or i.received_at >= ${since})
          and i.id <> ${except ?? 0}::int8 and (not i.restricted or ${role === 'staff'})
      ), totals as (
        select (count(*) filter (where is_open))::int4 as open, (count(*) filter (where not is_open))::int4 as past,
          (count(*) filter (where is_same))::int4 as same
        from inside where is_matter
      ), listed as (
        select * from inside order by is_same desc, is_open desc, metres, id desc limit ${most}::int4
      )
      select t.open, t.past, t.same, app.incident_json(i) as incident, l.metres, l.is_same as "sameCategory"
      from totals t left join listed l on true left join app.incident i on i.id = l.id
      order by l.is_same desc, l.is_open desc, l.metres, l.id desc`,
  );
  const [first] = found;
  return {
    open: first?.open ?? 0,
    past: first?.past ?? 0,
    sameCategory: first?.same ?? 0,
    days,
    rows: found
      .filter(({ metres }) => metres !== null)
      .map(({ incident, metres, sameCategory }) => ({ incident, metres: Math.round(metres), sameCategory })),
  };
}
