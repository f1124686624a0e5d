import { kAnonymity, type Role } from '../../layers/access.ts';
import type { Counter } from '../aggregate/counter.ts';
import { suppress } from '../aggregate/suppress.ts';
import type { Catalogue } from '../catalogue.ts';
import type { Database } from '../db/connect.ts';
import { ApiError } from '../errors.ts';
import type { Areas } from '../filter/areas.ts';
import { contiguityOf, nearestCells, type Contiguity } from './contiguity.ts';
import type {
  CorrelationAnswer,
  CorrelationInput,
  HotspotAnswer,
  HotspotInput,
  HOTSPOT_CLASSES,
  LayerInput,
} from './contract.ts';
import { BOUNDARY_LAYER, getLoaded, rowsOf } from './shape.ts';
import {
  correlationP,
  fdrThreshold,
  getisOrd,
  globalMoran,
  localMoran,
  pearson,
  spearman,
} from './spatial-statistics.ts';

interface Services {
  db: Database;
  catalogue: Catalogue;
  counter: Counter;
  areas: Areas;
}

type Level = HotspotInput['by'];
type HotspotClass = (typeof HOTSPOT_CLASSES)[number];

/** Fewest cells that a statistic says anything about. */
const FEWEST = 10;

/**
 * Rows of a layer in each cell of a level, 0 where there are none, as the caller may see them: withheld counts are left out
 * (null), since statistics of them would tell what they are.
 */
async function countsOf(
  services: Services,
  role: Role,
  { layer: id, filter }: LayerInput,
  by: Level,
  codes: readonly string[],
): Promise<(number | null)[]> {
  const { layer, state } = await getLoaded(services.catalogue, id, role);
  const rows = await rowsOf(services, role, layer, filter, 'counts');
  const { codes: found, counts, outside } = await services.counter.cells(layer, state, rows, by);
  const shown = suppress(counts, outside, kAnonymity(role, layer)).counts;
  const byCode = new Map(found.map((code, index) => [code, shown[index] ?? null]));
  return codes.map((code) => (byCode.has(code) ? (byCode.get(code) ?? null) : 0));
}

async function cellsOf({ db, catalogue }: Services, role: Role, by: Level): Promise<Contiguity> {
  return contiguityOf(db, await getLoaded(catalogue, BOUNDARY_LAYER[by], role));
}

function requireCells(n: number): void {
  if (n >= FEWEST) return;
  throw new ApiError(
    'BODY_INVALID',
    `by: only ${n} cells have a value that may be shown; at least ${FEWEST} are needed`,
    {
      field: 'by',
      value: n,
    },
  );
}

/** Where high and low values cluster among the cells of a level, and whether they do at all. */
export async function findHotspots(services: Services, role: Role, input: HotspotInput): Promise<HotspotAnswer> {
  const { by, value, per, method, fdr } = input;
  const cells = await cellsOf(services, role, by);
  const [counts, bases] = await Promise.all([
    countsOf(services, role, value, by, cells.codes),
    per === undefined ? null : countsOf(services, role, per, by, cells.codes),
  ]);
  const kept: number[] = [];
  const values: number[] = [];
  counts.forEach((count, index) => {
    const base = bases === null ? 1 : (bases[index] ?? 0);
    if (count === null || base === 0) return;
    kept.push(index);
    values.push(bases === null ? count : (count / base) * (per?.factor ?? 1));
  });
  requireCells(kept.length);
  const neighbours = neighboursAmong(cells, kept, input);

  const global = globalMoran(values, neighbours);
  const local =
    method === 'gi'
      ? getisOrd(values, neighbours).map(({ z, p }) => ({ statistic: z, p, cluster: null }))
      : localMoran(values, neighbours).map(({ i, p, quadrant }) => ({ statistic: i, p, cluster: quadrant }));
  const ps = local.map(({ p }) => p);
  const limit = fdr ? fdrThreshold(ps, 0.05) : 0.05;
  return {
    by,
    method,
    n: kept.length,
    leftOut: cells.codes.length - kept.length,
    links: neighbours.reduce((sum, near) => sum + near.length, 0),
    islands: neighbours.filter((near) => near.length === 0).length,
    global,
    codes: kept.map((index) => cells.codes[index]!),
    values,
    statistics: local.map(({ statistic }) => statistic),
    p: ps,
    classes: local.map(({ statistic, p, cluster }): HotspotClass => {
      if (cluster !== null) return p <= limit ? cluster : 'none';
      return giClass(statistic, p, fdr ? limit : null);
    }),
  };
}

/** By how sure one is; under control of false discoveries only what is within it, as 95 %. */
function giClass(z: number, p: number, limit: number | null): HotspotClass {
  const side = z > 0 ? 'hot' : 'cold';
  if (limit !== null) return p <= limit ? `${side}95` : 'none';
  if (p <= 0.01) return `${side}99`;
  if (p <= 0.05) return `${side}95`;
  return p <= 0.1 ? `${side}90` : 'none';
}

/** Neighbours among the cells that are kept, by their place in `kept`. */
function neighboursAmong(cells: Contiguity, kept: readonly number[], input: HotspotInput): number[][] {
  if (input.weights === 'knn') {
    return nearestCells(
      kept.map((index) => cells.centers[index]!),
      Math.min(input.neighbours, kept.length - 1),
    );
  }
  const placeOf = new Map(kept.map((index, place) => [index, place]));
  return kept.map((index) =>
    cells[input.weights === 'rook' ? 'rook' : 'queen'][index]!.flatMap((other) => placeOf.get(other) ?? []),
  );
}

function coefficient(r: number, n: number): CorrelationAnswer['pearson'] {
  return { r: Number.isNaN(r) ? null : r, p: correlationP(r, n) };
}

/** How far the numbers of two layers go together from cell to cell. */
export async function correlate(
  services: Services,
  role: Role,
  { by, a, b }: CorrelationInput,
): Promise<CorrelationAnswer> {
  const { codes } = await cellsOf(services, role, by);
  const [ofA, ofB] = await Promise.all([
    countsOf(services, role, a, by, codes),
    countsOf(services, role, b, by, codes),
  ]);
  const rows = codes.flatMap((code, index) => {
    const [x, y] = [ofA[index], ofB[index]];
    return typeof x === 'number' && typeof y === 'number' ? [{ code, x, y }] : [];
  });
  requireCells(rows.length);
  const xs = rows.map(({ x }) => x);
  const ys = rows.map(({ y }) => y);
  return {
    by,
    n: rows.length,
    leftOut: codes.length - rows.length,
    pearson: coefficient(pearson(xs, ys), rows.length),
    spearman: coefficient(spearman(xs, ys), rows.length),
    codes: rows.map(({ code }) => code),
    a: xs,
    b: ys,
  };
}
