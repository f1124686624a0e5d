import type { Role } from '../../layers/access.ts';
import { bounded } from '../analysis/bounded.ts';
import { boxAround } from '../analysis/nearest.ts';
import { allOf } from '../analysis/shape.ts';
import type { Catalogue } from '../catalogue.ts';
import type { Incident } from '../contract/incidents.ts';
import type { Database } from '../db/connect.ts';
import { toSql } from '../filter/to-sql.ts';
import { departmentOfOwner, ruleOf } from './responsibility.ts';
import type { Duty } from './score.ts';

/** A department that an incident concerns, and why. */
export interface BodyInCharge {
  department: string;
  duty: Duty;
  owner: { name: string; metres: number } | null;
}

const COMPONENT_LAYER = 'city_component';
/** A component this near is the one that is meant, m. */
const COMPONENT_WITHIN = 50;

/**
 * Departments that an incident concerns, the one in charge first: by a rule of its area (`app.responsibility`), else the
 * owner of the component that is broken, else the rule of its category; then those that help.
 */
export async function findBodies(
  { db, catalogue }: { db: Database; catalogue: Catalogue },
  role: Role,
  incident: Pick<Incident, 'category' | 'grid' | 'community' | 'town' | 'lon' | 'lat'>,
): Promise<BodyInCharge[]> {
  const [area, owner] = await Promise.all([findAreaRule(db, incident), findOwner({ db, catalogue }, role, incident)]);
  const rule = ruleOf(incident.category);
  const bodies: BodyInCharge[] = [];
  const add = (department: string | null | undefined, duty: Duty, of: BodyInCharge['owner'] = null) => {
    if (!department || bodies.some((each) => each.department === department)) return;
    bodies.push({ department, duty, owner: of });
  };
  add(area, 'area');
  const owning = owner === null ? null : departmentOfOwner(owner.name);
  add(owning, bodies.length === 0 ? 'owner' : 'help', owner);
  add(rule?.lead, bodies.length === 0 ? 'lead' : 'help');
  for (const department of rule?.help ?? []) add(department, 'help');
  return bodies;
}

/** The most exact category, then the smallest area. */
async function findAreaRule(
  { sql }: Database,
  { category, grid, community, town }: Pick<Incident, 'category' | 'grid' | 'community' | 'town'>,
): Promise<string | null> {
  const [row] = await sql<{ department: string }[]>`
    select department from app.responsibility
    where starts_with(${category}, category) and area in (${grid}, ${community}, ${town})
    order by length(category) desc, area = ${grid} desc, area = ${community} desc limit 1`;
  return row?.department ?? null;
}

/** Categories 01 to 05 are faults of components, by the number of their kind. */
async function findOwner(
  { db, catalogue }: { db: Database; catalogue: Catalogue },
  role: Role,
  { category, lon, lat }: Pick<Incident, 'category' | 'lon' | 'lat'>,
): Promise<{ name: string; metres: number } | null> {
  if (!/^0[1-5]\d{3}$/.test(category)) return null;
  const entry = (await catalogue.list(role)).find(({ layer }) => layer.id === COMPONENT_LAYER);
  if (entry === undefined || entry.state === null) return null;
  const { layer, state } = entry;
  const { sql } = db;
  const near = allOf(layer, [
    { bbox: boxAround([lon, lat, lon, lat], COMPONENT_WITHIN) },
    { field: 'type_code', op: '=', value: category },
  ]);
  const [row] = await bounded(
    db,
    (tx) => tx<{ name: string | null; metres: number }[]>`
      select owner_dept as name,
        st_distance(geom::geography, st_setsrid(st_makepoint(${lon}::float8, ${lat}::float8), 4326)::geography)::float8 as metres
      from ${sql(state.table)} where ${toSql(sql, layer, near)} order by metres, fid limit 1`,
  );
  if (!row?.name || row.metres > COMPONENT_WITHIN) return null;
  return { name: row.name, metres: Math.round(row.metres) };
}
