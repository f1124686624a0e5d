import { maskedFields, type Role } from '../../layers/access.ts';
import type { Catalogue, CatalogueEntry } from '../catalogue.ts';
import type { Sql } from '../db/connect.ts';
import { ApiError } from '../errors.ts';
import { sqlCircle, sqlSurroundings } from '../queries/areas.ts';
import type { LayerState } from '../queries/layer-state.ts';
import { Checker, refuse, type Spent } from './check.ts';
import { parseDraft } from './parse.ts';
import {
  EVERYTHING,
  layersOfAreas,
  predicateKey,
  type Draft,
  type MadeArea,
  type Predicate,
  type Ring,
  type UnmadeArea,
  type Within,
} from './predicate.ts';

/** Bounds of what is made, so that an area costs no more than a second or two, and a test against it little. */
export const AREA_LIMITS = {
  /** Rows of another layer. */
  rows: 5000,
  /** Positions of their shapes. */
  shapes: 200_000,
  /** Positions of the area. */
  positions: 50_000,
  /** Degrees: half a zone of the plane maps that buffers are made on. */
  width: 3,
} as const;

/** Positions of all areas that are kept, and how many areas. About 100 bytes a position. */
const KEPT_POSITIONS = 500_000;
const KEPT_AREAS = 500;

/** Who asks, and as of when. */
export interface AreaContext {
  role: Role;
  at: Date | undefined;
  spent: Spent;
}

/** Makes the areas of filters into polygons, once: each is kept by the load it was made of. */
export interface Areas {
  /** The draft with every area made. Other layers are as the caller may see them. Throws `FILTER_INVALID`. */
  make(draft: Draft, context: AreaContext): Promise<Predicate>;
  /** The points up to `metres` from a place. */
  circle(centre: readonly [number, number], metres: number): Promise<Within>;
  /**
   * What is in the shape of one feature of a layer that the caller sees, or up to `metres` from it; null when there is none
   * with a place. `at` is what an error names.
   */
  feature(entry: LoadedEntry, fid: number, metres: number, at: string): Promise<Within | null>;
}

/** A layer that has rows. */
export type LoadedEntry = Pick<CatalogueEntry, 'layer'> & { state: LayerState };

type Polygons = readonly (readonly Ring[])[];

export function createAreas(sql: Sql, catalogue: Catalogue): Areas {
  // In the order of use, the least recently used first.
  const kept = new Map<string, { polygons: Promise<Polygons>; positions: number }>();

  function shrink(): void {
    let positions = 0;
    for (const area of kept.values()) positions += area.positions;
    for (const [key, area] of kept) {
      if (kept.size <= 1 || (positions <= KEPT_POSITIONS && kept.size <= KEPT_AREAS)) return;
      positions -= area.positions;
      kept.delete(key);
    }
  }

  /** The polygons under a key, made when they are not kept. `make` says also whether they may be kept. */
  async function keep(key: string, make: () => Promise<{ polygons: Polygons; isCurrent: boolean }>): Promise<Polygons> {
    let area = kept.get(key);
    if (area === undefined) {
      const made = make();
      const created = { polygons: made.then(({ polygons }) => polygons), positions: 0 };
      area = created;
      made.then(
        ({ polygons, isCurrent }) => {
          created.positions = countPositions(polygons);
          if (!isCurrent && kept.get(key) === created) kept.delete(key);
          shrink();
        },
        () => {
          // The callers get the error; the next one tries again.
          if (kept.get(key) === created) kept.delete(key);
        },
      );
    }
    kept.delete(key);
    kept.set(key, area);
    return await area.polygons;
  }

  async function find(layer: string, at: string, { role, at: instant }: AreaContext): Promise<CatalogueEntry> {
    let entry: CatalogueEntry;
    try {
      entry = await catalogue.getAsOf(layer, role, instant);
    } catch (error) {
      if (!(error instanceof ApiError) || error.status >= 500) throw error;
      return refuse(`${at}.layer`, error.message, layer);
    }
    if (entry.layer.geometry === 'raster') refuse(`${at}.layer`, `${layer} is a raster and has no shapes`, layer);
    return entry;
  }

  async function circle(centre: readonly [number, number], metres: number): Promise<Within> {
    const of = { kind: 'circle', centre, metres } as const;
    const key = `circle ${centre.join()} ${metres}`;
    const make = async () => ({ polygons: [[await sqlCircle(sql, centre, metres)]], isCurrent: true });
    return { kind: 'within', polygons: await keep(key, make), made: { of, key, layers: [] } };
  }

  /** The area around rows, made once for each load of theirs. */
  async function around(
    { layer, state }: LoadedEntry,
    rows: Predicate | { fid: number },
    metres: number,
    key: string,
    at: string,
  ): Promise<Polygons> {
    return await keep(key, async () => {
      const limits = {
        rows: AREA_LIMITS.rows,
        positions: AREA_LIMITS.shapes,
        // The shapes themselves need no plane map.
        width: metres === 0 ? 360 : AREA_LIMITS.width,
      };
      const found = await sqlSurroundings(sql, layer, state.table, rows, metres, limits);
      if (found.rows > limits.rows) refuse(at, `is around more than ${limits.rows} rows of ${layer.id}: narrow it`);
      if (found.polygons === null) {
        const problem =
          found.width > limits.width ? `${limits.width} degrees of width` : `${limits.positions} positions`;
        refuse(at, `is around shapes of ${layer.id} with more than ${problem}: narrow it`);
      }
      if (countPositions(found.polygons) > AREA_LIMITS.positions) {
        refuse(at, `has an outline of more than ${AREA_LIMITS.positions} positions: narrow it`);
      }
      return { polygons: found.polygons, isCurrent: found.load === null || found.load === state.loadId };
    });
  }

  async function feature(entry: LoadedEntry, fid: number, metres: number, at: string): Promise<Within | null> {
    const { layer, state } = entry;
    const key = `${layer.id}@${state.loadId} ${metres} ${fid}`;
    const polygons = await around(entry, { fid }, metres, key, at);
    const of = { kind: 'feature', layer: layer.id, fid, metres } as const;
    return polygons.length === 0 ? null : { kind: 'within', polygons, made: { of, key, layers: [layer] } };
  }

  async function surroundings({ at, of }: UnmadeArea, context: AreaContext): Promise<Within> {
    if (of.kind === 'circle') return await circle(of.centre, of.metres);
    const entry = await find(of.layer, at, context);
    const { layer, state } = entry;
    const { metres } = of;
    if (metres === 0 && layer.geometry !== 'polygon') {
      refuse(`${at}.metres`, `is needed: ${layer.id} has no areas that something could be inside of`);
    }
    if (of.kind === 'feature') {
      const within = state === null ? null : await feature({ layer, state }, of.fid, metres, at);
      if (within !== null) return within;
      const missing = state === null ? `feature ${of.fid}` : `feature ${of.fid} with a place`;
      return refuse(`${at}.fid`, `${layer.id} has no ${missing}`, of.fid);
    }
    // Whoever sees what lies around rows sees which rows they are: what is masked in them cannot be asked for.
    const checker = new Checker(layer, maskedFields(layer, context.role), context.spent);
    const rows = await areas.make(parseDraft(checker, of.filter, undefined, `${at}.filter`), context);
    const made: MadeArea = {
      of: { ...of, filter: of.filter === undefined ? null : rows },
      key: `${layer.id}@${state?.loadId ?? 0} ${metres} ${predicateKey(rows)}`,
      layers: [layer, ...layersOfAreas(rows)],
    };
    const polygons = state === null ? [] : await around({ layer, state }, rows, metres, made.key, at);
    return { kind: 'within', polygons, made };
  }

  const areas: Areas = {
    circle,
    feature,
    async make(draft, context) {
      switch (draft.kind) {
        case 'and':
        case 'or': {
          if (draft === EVERYTHING) return EVERYTHING;
          const of: Predicate[] = [];
          // One after the other: each is work for the database.
          for (const part of draft.of) of.push(await areas.make(part, context));
          return { kind: draft.kind, of };
        }
        case 'not':
          return { kind: 'not', of: await areas.make(draft.of, context) };
        case 'unmade':
          return await surroundings(draft, context);
        default:
          return draft;
      }
    },
  };
  return areas;
}

function countPositions(polygons: Polygons): number {
  let positions = 0;
  for (const rings of polygons) for (const ring of rings) positions += ring.length;
  return positions;
}
