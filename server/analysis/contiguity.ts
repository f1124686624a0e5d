import type { Database } from '../db/connect.ts';
import type { LoadedEntry } from '../filter/areas.ts';
import { bounded } from './bounded.ts';

/** The cells of a level and which lie side by side, by index. */
export interface Contiguity {
  codes: string[];
  /** Centroids in metres of a local plane. */
  centers: [number, number][];
  /** Pairs that touch at all, and of these those that share an edge. */
  queen: number[][];
  rook: number[][];
}

/** Degrees that cells may be apart and still touch: a centimetre. */
const TOUCH = 1e-7;
/** Degrees that an edge has at least: a metre. It is measured as the area of a strip, since corners hardly ever meet exactly. */
const EDGE = 1e-5;
const KEPT = 4;

const known = new WeakMap<Database, Map<string, Promise<Contiguity>>>();

/** Read once for each version of the boundaries. */
export function contiguityOf(db: Database, entry: LoadedEntry): Promise<Contiguity> {
  const key = `${entry.layer.id}@${entry.state.loadId}`;
  let ofDatabase = known.get(db);
  if (ofDatabase === undefined) known.set(db, (ofDatabase = new Map()));
  let found = ofDatabase.get(key);
  if (found === undefined) {
    const [oldest] = ofDatabase.keys();
    if (ofDatabase.size >= KEPT && oldest !== undefined) ofDatabase.delete(oldest);
    found = readContiguity(db, entry.state.table);
    ofDatabase.set(key, found);
    const cache = ofDatabase;
    // The callers get the error; the next one tries again.
    found.catch(() => cache.delete(key));
  }
  return found;
}

async function readContiguity(db: Database, table: string): Promise<Contiguity> {
  const { sql } = db;
  return bounded(db, async (tx) => {
    const cells = await tx<{ code: string; lon: number; lat: number }[]>`
      select source_id as code, st_x(st_centroid(geom)) as lon, st_y(st_centroid(geom)) as lat
      from ${sql(table)} where geom is not null order by source_id`;
    const pairs = await tx<{ a: string; b: string; edge: boolean }[]>`
      select a.source_id as a, b.source_id as b, st_area(st_intersection(a.wide, b.geom)) > ${TOUCH * EDGE}::float8 as edge
      from (select source_id, geom, st_buffer(geom, ${TOUCH}::float8, 1) as wide from ${sql(table)}) a join ${sql(table)} b
        on a.geom && st_expand(b.geom, ${TOUCH}::float8) and a.source_id < b.source_id
        and st_dwithin(a.geom, b.geom, ${TOUCH}::float8)`;
    const indexOf = new Map(cells.map(({ code }, index) => [code, index]));
    const none = () => cells.map((): number[] => []);
    const [queen, rook] = [none(), none()];
    for (const { a, b, edge } of pairs) {
      const [i, j] = [indexOf.get(a)!, indexOf.get(b)!];
      for (const lists of edge ? [queen, rook] : [queen]) {
        lists[i]!.push(j);
        lists[j]!.push(i);
      }
    }
    const scale = Math.cos(((cells[0]?.lat ?? 0) * Math.PI) / 180);
    return {
      codes: cells.map(({ code }) => code),
      centers: cells.map(({ lon, lat }): [number, number] => [lon * scale * 111_320, lat * 111_320]),
      queen,
      rook,
    };
  });
}

/** The nearest cells of each, by their centroids. */
export function nearestCells(centers: readonly (readonly [number, number])[], count: number): number[][] {
  return centers.map(([x, y], own) =>
    centers
      .map(([u, v], index) => ({ index, distance: (u - x) ** 2 + (v - y) ** 2 }))
      .filter(({ index }) => index !== own)
      .toSorted((a, b) => a.distance - b.distance || a.index - b.index)
      .slice(0, count)
      .map(({ index }) => index),
  );
}
