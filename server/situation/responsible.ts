import { maskedFields, maskValue, type Role } from '../../layers/access.ts';
import { departments } from '../../layers/departments.ts';
import type { Layer } from '../../layers/define.ts';
import type { Catalogue, CatalogueEntry } from '../catalogue.ts';
import type { Counter } from '../aggregate/counter.ts';
import { allOf, insideFilter, type Shape } from '../analysis/shape.ts';
import type { Database } from '../db/connect.ts';
import { ruleOf } from '../dispatch/responsibility.ts';
import type { LayerState } from '../queries/layer-state.ts';
import { RESPONSIBLE_LAYERS } from './card-layers.ts';
import { SITUATION_LIMITS, type SituationCard } from './contract.ts';

interface Services {
  db: Database;
  catalogue: Catalogue;
  counter: Counter;
}

type Answer = Omit<SituationCard['responsible'], 'ms' | 'error'>;
type Area = Answer['grids'][number];
type Loaded = CatalogueEntry & { state: LayerState };

/** Whose area it is: micro-grids with their leaders and staff, communities, towns, and the departments of the category. */
export async function findResponsible(
  services: Services,
  role: Role,
  /** The micro-grid of an incident, or all that a shape touches. */
  of: { grid: string } | { shape: Shape },
  category: string | null,
): Promise<Answer> {
  const { db, catalogue, counter } = services;
  const entries = await catalogue.list(role);
  const loaded = (id: string): Loaded | null => {
    const entry = entries.find(({ layer }) => layer.id === id);
    return entry === undefined || entry.state === null ? null : { ...entry, state: entry.state };
  };
  const [grid, community, town, staff] = [
    loaded(RESPONSIBLE_LAYERS.grid),
    loaded(RESPONSIBLE_LAYERS.community),
    loaded(RESPONSIBLE_LAYERS.town),
    loaded(RESPONSIBLE_LAYERS.staff),
  ];
  const found =
    'grid' in of
      ? [of.grid]
      : grid === null
        ? []
        : (await counter.cells(grid.layer, grid.state, allOf(grid.layer, [insideFilter(of.shape)]), 'grid')).codes;
  const codes = found.slice(0, SITUATION_LIMITS.grids);
  const above = (code: (grid: string) => string): string[] => [...new Set(codes.map(code))];
  const [grids, communities, towns, people] = await Promise.all([
    areasOf(db, role, grid, codes),
    areasOf(
      db,
      role,
      community,
      above((code) => code.slice(0, 12)),
    ),
    areasOf(
      db,
      role,
      town,
      above((code) => `${code.slice(0, 9)}000`),
    ),
    staff === null ? [] : staffOf(db, role, staff, codes),
  ]);
  const rule = category === null ? null : ruleOf(category);
  const ids = rule === null ? [] : [rule.lead, ...(rule.help ?? [])];
  return {
    grids,
    communities,
    towns,
    staff: people,
    departments: ids.flatMap((id, index) => {
      const department = departments[id];
      return department === undefined ? [] : [{ id, title: department.title, lead: index === 0 }];
    }),
  };
}

function masker(layer: Layer, role: Role): (field: string, value: string | null) => string | null {
  const masked = new Set(maskedFields(layer, role));
  return (field, value) => {
    const mask = masked.has(field) ? layer.fields[field]?.mask : undefined;
    return mask === undefined ? value : maskValue(mask, value);
  };
}

async function areasOf(db: Database, role: Role, entry: Loaded | null, codes: readonly string[]): Promise<Area[]> {
  if (entry === null || codes.length === 0) return [];
  const { sql } = db;
  const { layer, state } = entry;
  const label = layer.label ?? layer.key;
  const leader = layer.fields['grid_leader'] === undefined ? sql`null::text` : sql`grid_leader`;
  const rows = await sql<{ fid: number; code: string; name: string | null; leader: string | null }[]>`
    select fid, source_id as code, ${sql(label)}::text as name, ${leader} as leader from ${sql(state.table)}
    where source_id = any (${[...codes]}::text[]) order by source_id`;
  const mask = masker(layer, role);
  return rows.map(({ fid, code, name, leader: inCharge }) => ({
    code,
    name: mask(label, name) ?? code,
    fid,
    layer: layer.id,
    leader: mask('grid_leader', inCharge),
  }));
}

async function staffOf(
  db: Database,
  role: Role,
  { layer, state }: Loaded,
  codes: readonly string[],
): Promise<Answer['staff']> {
  const { sql } = db;
  const rows = await sql<{ id: string; fid: number; name: string; grid: string }[]>`
    select app.staff_handle(source_id) as id, fid, name, grid_code as grid from ${sql(state.table)}
    where grid_code = any (${[...codes]}::text[]) order by grid_code, fid limit ${2 * SITUATION_LIMITS.grids}::int4`;
  const mask = masker(layer, role);
  return rows.map((row) => ({ ...row, name: mask('name', row.name) ?? '' }));
}
