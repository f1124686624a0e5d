import { identifier } from '../../layers/ddl.ts';
import { maskedFields, type Role } from '../../layers/access.ts';
import type { Layer } from '../../layers/define.ts';
import type { CatalogueEntry } from '../catalogue.ts';
import type { Sql } from '../db/connect.ts';
import { ApiError } from '../errors.ts';
import { Checker } from '../filter/check.ts';
import { parseDraft } from '../filter/parse.ts';
import type { CellLevel, Predicate } from '../filter/predicate.ts';
import { toSql } from '../filter/to-sql.ts';
import { findCategory } from '../incidents/categories.ts';
import type { Services } from '../services.ts';
import type { Chosen, Watched } from './compile-rule.ts';
import { RULE_LIMITS, type Rule } from './contract.ts';
import { incidentFields, placeFields } from './watched-fields.ts';

type Needs = Pick<Services, 'areas' | 'catalogue' | 'db'>;

/** Layers of the cells of each level. */
const CELL_LAYERS: Record<CellLevel, string> = {
  grid: 'governance_grid',
  community: 'community_boundary',
  town: 'town_boundary',
};

function refuse(field: string, message: string, value?: unknown): never {
  throw new ApiError('BODY_INVALID', `${field}: ${message}`, { field, value });
}

/** Areas that were made are kept as polygons; what they were made from is in the rule as it was written. */
function withoutOrigin(predicate: Predicate): Predicate {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return { kind: predicate.kind, of: predicate.of.map(withoutOrigin) };
    case 'not':
      return { kind: 'not', of: withoutOrigin(predicate.of) };
    case 'within':
      return { kind: 'within', polygons: predicate.polygons };
    default:
      return predicate;
  }
}

async function readFilter(
  { areas }: Needs,
  role: Role,
  layer: Layer,
  filter: Record<string, unknown> | undefined,
  at: string,
): Promise<Predicate> {
  const checker = new Checker(layer, maskedFields(layer, role));
  const draft = parseDraft(checker, filter, undefined, at);
  return areas.make(draft, { role, at: undefined, spent: checker.spent });
}

async function getLayer({ catalogue }: Needs, role: Role, id: string, field: string): Promise<CatalogueEntry> {
  try {
    return await catalogue.get(id, role);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status >= 500) throw error;
    return refuse(field, error.message, id);
  }
}

type SensorRow = Watched & { metrics: string[] };

function sensorColumns(sql: Sql) {
  return sql`s.id, s.title, s.lon, s.lat, s.grid_code as grid, s.metrics`;
}

async function chooseSensors(
  needs: Needs,
  role: Role,
  { layer: id, filter, ids, metric }: Extract<Rule['watch'], { of: 'sensors' }>,
): Promise<Watched[]> {
  const { sql } = needs.db;
  let rows: SensorRow[];
  if (id === undefined) {
    rows = await sql<SensorRow[]>`
      select ${sensorColumns(sql)} from app.sensor s where s.id = any(${ids ?? []}::text[]) order by s.id`;
    const known = new Set(rows.map((row) => row.id));
    const index = (ids ?? []).findIndex((each) => !known.has(each));
    if (index >= 0) refuse(`rule.watch.ids.${index}`, 'there is no such sensor', ids?.[index]);
    // A sensor is as visible as its layer.
    for (const layer of new Set(rows.map((row) => row.id.slice(0, row.id.indexOf(':'))))) {
      await getLayer(needs, role, layer, 'rule.watch.ids');
    }
  } else {
    const { layer, state } = await getLayer(needs, role, id, 'rule.watch.layer');
    const predicate = await readFilter(needs, role, layer, filter, 'rule.watch.filter');
    const [source] = await sql`select from app.sensor where layer = ${id} limit 1`;
    if (!source) refuse('rule.watch.layer', 'has no sensors', id);
    rows =
      state === null
        ? []
        : await sql<SensorRow[]>`
            select ${sensorColumns(sql)} from app.sensor s
            where s.layer = ${id} and s.fid in (
              select fid from ${sql(`layers.${id}`)} where ${toSql(sql, layer, predicate)})
            order by s.id limit ${RULE_LIMITS.sensors + 1}`;
  }
  if (rows.length === 0) refuse('rule.watch.filter', 'no sensor matches');
  if (rows.length > RULE_LIMITS.sensors) {
    throw new ApiError(
      'LIMIT_EXCEEDED',
      `rule.watch: more than ${RULE_LIMITS.sensors} sensors match: narrow the filter.`,
      {
        field: 'rule.watch.filter',
      },
    );
  }
  const silent = rows.find(({ metrics }) => !metrics.includes(metric));
  if (silent) {
    refuse('rule.watch.metric', `${silent.id} does not measure it; it measures ${silent.metrics.join(', ')}`, metric);
  }
  return rows.map(({ metrics: _, ...watched }) => watched);
}

async function chooseCells(
  needs: Needs,
  role: Role,
  per: CellLevel,
  codes: readonly string[] | null,
): Promise<Watched[]> {
  const { state } = await getLayer(needs, role, CELL_LAYERS[per], 'rule.per');
  if (state === null) throw new ApiError('NOT_READY', `The layer ${CELL_LAYERS[per]} is not loaded yet.`);
  const rows = await needs.db.sql.unsafe<Watched[]>(
    `select source_id as id, coalesce(name, source_id) as title, st_x(place) as lon, st_y(place) as lat, null as grid
     from (select source_id, name, st_pointonsurface(geom) as place from layers.${identifier(CELL_LAYERS[per])}
       where $1::text[] is null or source_id = any($1::text[])) cell
     order by source_id`,
    [codes as string[] | null],
  );
  const known = new Set(rows.map(({ id }) => id));
  const index = (codes ?? []).findIndex((code) => !known.has(code));
  if (index >= 0) refuse(`rule.cells.codes.${index}`, `there is no such ${per}`, codes?.[index]);
  return rows;
}

/**
 * What the selections of a rule come to now: its sensors or cells by name, its filter and its area checked and made. Throws
 * `BODY_INVALID` or `FILTER_INVALID`, naming the place.
 */
export async function chooseFor(needs: Needs, role: Role, rule: Rule): Promise<Chosen> {
  const { watch } = rule;
  let watched: Watched[] | null = null;
  let filter: Predicate | null = null;
  let area: Predicate | null = null;
  switch (watch.of) {
    case 'sensors':
      watched = await chooseSensors(needs, role, watch);
      break;
    case 'sources':
      watched = watch.sources.map((id) => ({ id, title: id, lon: null, lat: null, grid: null }));
      break;
    case 'positions':
      await getLayer(needs, role, watch.layer, 'rule.watch.layer');
      break;
    case 'incidents':
      filter = withoutOrigin(await readFilter(needs, role, incidentFields, watch.filter, 'rule.watch.filter'));
      break;
  }
  if (rule.opens !== undefined && findCategory(rule.opens.category) === undefined) {
    refuse('rule.opens.category', 'is no category of incidents', rule.opens.category);
  }
  if (rule.kind === 'geofence') {
    area = withoutOrigin(await readFilter(needs, role, placeFields, rule.area, 'rule.area'));
  }
  if (rule.kind === 'absence' && rule.per !== 'all') {
    watched = await chooseCells(needs, role, rule.per, rule.cells?.codes ?? null);
  }
  return { watched, filter, area };
}
