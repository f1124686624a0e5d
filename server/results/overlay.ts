import type { Sql } from '../db/connect.ts';
import { ANALYSIS_LIMITS, requireWithin } from '../analysis/limits.ts';
import { ApiError } from '../errors.ts';
import { toSql, type Fragment } from '../filter/to-sql.ts';
import type { FeatureWriter, ResultRow } from './feature-writer.ts';
import type { TakenField } from './result-layer.ts';
import { tableOf, valuesOf, type VersionRows } from './version-rows.ts';

export const OVERLAY_OPERATIONS = ['intersection', 'difference', 'union', 'symmetric_difference', 'clip'] as const;
export type OverlayOperation = (typeof OVERLAY_OPERATIONS)[number];

/** Kinds of shapes in the order of their dimension. */
const DIMENSIONS = ['point', 'line', 'polygon'] as const;
export type ShapeKind = (typeof DIMENSIONS)[number];

/** Rows of a layer as a load has them, or one shape. */
export interface OverlaySide {
  kind: ShapeKind;
  source: VersionRows | { geometry: object };
  taken: readonly TakenField[];
}

/** Whose shape a piece is of; told where it may be either's. */
export const PARTS = {
  both: { zh: '两者共有', en: 'Both' },
  a: { zh: '仅第一方', en: 'Only the first' },
  b: { zh: '仅第二方', en: 'Only the second' },
} as const;

/** Rows that are overlaid by one statement: others get their turn in between, and a job that is cancelled stops soon. */
const CHUNK = 100;
/** Digits of coordinates: far below what is measured, so that neighbours go on sharing their border. */
const PRECISION = 12;

/** Kind of the pieces, by the kinds of both sides. Throws where the operation says nothing of them. */
export function kindOfPieces(operation: OverlayOperation, a: ShapeKind, b: ShapeKind): ShapeKind {
  const [m, n] = [DIMENSIONS.indexOf(a), DIMENSIONS.indexOf(b)];
  const refuse = (problem: string): never => {
    throw new ApiError('BODY_INVALID', `operation: ${operation} ${problem}, not of ${a} and ${b}`, {
      field: 'operation',
      value: operation,
    });
  };
  switch (operation) {
    case 'intersection':
      // Two lines meet in points.
      return a === 'line' && b === 'line' ? 'point' : DIMENSIONS[Math.min(m, n)]!;
    case 'clip':
      return b === 'polygon' ? a : refuse('is by areas');
    case 'difference':
      return n >= m ? a : refuse('takes away what has at least as many dimensions');
    case 'union':
      return a === 'polygon' && b === 'polygon' ? a : refuse('is of areas');
    case 'symmetric_difference':
      return a === b ? a : refuse('is of two of the same kind');
  }
}

export interface OverlayTask {
  /** Tells its tables from those of others. */
  id: string;
  operation: OverlayOperation;
  a: OverlaySide;
  b: OverlaySide;
  /** Pieces narrower than this, or lines that are shorter, are slivers of borders that nearly agree, and are left out. */
  sliverMetres: number;
}

export interface OverlayOutcome {
  pieces: number;
  slivers: number;
  sliverM2: number;
}

/** Names of the tables of an overlay begin like this; behind it stands its job's id. */
export const OVERLAY_TABLE = 'overlay_';

interface Piece {
  geometry: string | null;
  values: Record<string, unknown>;
  size: number | null;
  slivers: number;
  sliverM2: number;
}

/**
 * Overlays two sets of shapes and writes the pieces. Both sets are copied first, so that they stay what they are whatever is
 * loaded meanwhile, and are made valid; then the first is gone through a few rows at a time. `sql` is a connection of its own.
 */
export async function overlay(
  sql: Sql,
  task: OverlayTask,
  writer: FeatureWriter,
  signal: AbortSignal,
): Promise<OverlayOutcome> {
  const { operation, a, b, sliverMetres } = task;
  const names = ['a', 'b'].map((side) => `layers_next.${OVERLAY_TABLE}${task.id.replaceAll('-', '')}_${side}`);
  const [tableA, tableB] = names as [string, string];
  const kind = kindOfPieces(operation, a.kind, b.kind);
  const outcome: OverlayOutcome = { pieces: 0, slivers: 0, sliverM2: 0 };

  /** Writes the pieces of a statement. */
  async function take(pieces: readonly Piece[], part: keyof typeof PARTS | null): Promise<void> {
    const rows: ResultRow[] = [];
    for (const { geometry, values, size, slivers, sliverM2 } of pieces) {
      outcome.slivers += slivers;
      outcome.sliverM2 += sliverM2;
      if (geometry === null) continue;
      outcome.pieces += 1;
      const own = kind === 'polygon' ? { area_m2: size } : kind === 'line' ? { length_m: size } : {};
      rows.push({ geometry, values: { ...values, ...own, ...(part === null ? {} : { overlay_part: part }) } });
    }
    requireWithin('overlayPieces', outcome.pieces, 'operation');
    await writer.add(rows);
  }

  /** Rows of `shapes` (`geom`, `values`) with their geometry cut to the kind of the pieces, without slivers. */
  function pieces(shapes: Fragment): Fragment {
    const dimension = DIMENSIONS.indexOf(kind) + 1;
    const isWhole =
      kind === 'polygon'
        ? sql`2 * area >= st_perimeter(part::geography) * ${sliverMetres}::float8 and area > 0`
        : kind === 'line'
          ? sql`st_length(part::geography) >= ${sliverMetres}::float8`
          : sql`true`;
    const area = kind === 'polygon' ? sql`st_area(part::geography)` : sql`0::float8`;
    const size =
      kind === 'polygon'
        ? sql`st_area(geom::geography)::float8`
        : kind === 'line'
          ? sql`st_length(geom::geography)::float8`
          : sql`null::float8`;
    // Points stand alone, as a layer of points has them.
    const together =
      kind === 'point'
        ? sql`select part as geom, 0 as slivers, 0::float8 as "sliverM2" from parts`
        : sql`select st_collect(part) filter (where is_whole) as geom, (count(*) filter (where not is_whole))::int4 as slivers,
            coalesce(sum(area) filter (where not is_whole), 0)::float8 as "sliverM2" from parts`;
    return sql`
      select st_asgeojson(geom, ${PRECISION}::int4) as geometry, values, ${size} as size, slivers, "sliverM2"
      from (${shapes}) shapes cross join lateral (
        with dumped as materialized (
          select (st_dump(st_collectionextract(shapes.shape, ${dimension}::int4))).geom as part
        ), sized as materialized (select part, ${area} as area from dumped),
        parts as materialized (select part, area, ${isWhole} as is_whole from sized)
        ${together} offset 0
      ) cut`;
  }

  async function each(rows: number, work: (from: number, to: number) => Fragment, part: keyof typeof PARTS | null) {
    for (let from = 1; from <= rows; from += CHUNK) {
      signal.throwIfAborted();
      // In a transaction: on the embedded engine an error inside GEOS is only seen there.
      const found = await sql.begin(async (tx) => {
        const query = tx<Piece[]>`${pieces(work(from, from + CHUNK - 1))}`;
        const stop = (): void => query.cancel();
        signal.addEventListener('abort', stop, { once: true });
        try {
          return await query;
        } finally {
          signal.removeEventListener('abort', stop);
        }
      });
      await take(found, part);
    }
  }

  /** What the first has in common with, or beyond, all of the second that touches it. */
  const against = (first: string, second: string, made: Fragment) => (from: number, to: number) =>
    sql`
    select f.values, ${made} as shape
    from ${sql(first)} f left join lateral (
      select st_unaryunion(st_collect(s.geom)) as geom from ${sql(second)} s where st_intersects(s.geom, f.geom)
    ) other on true
    where f.n between ${from}::int4 and ${to}::int4`;
  const beyond = sql`case when other.geom is null then f.geom else st_difference(f.geom, other.geom) end`;
  const within = sql`case when other.geom is null then null else st_intersection(f.geom, other.geom) end`;
  const common = (from: number, to: number) => sql`
    select f.values || s.values as values, st_intersection(f.geom, s.geom) as shape
    from ${sql(tableA)} f join ${sql(tableB)} s on st_intersects(f.geom, s.geom)
    where f.n between ${from}::int4 and ${to}::int4 order by f.n, s.n`;

  try {
    const countA = await copySide(sql, tableA, a, 'a');
    const countB = await copySide(sql, tableB, b, 'b');
    switch (operation) {
      case 'intersection':
        await each(countA, common, null);
        break;
      case 'clip':
        await each(countA, against(tableA, tableB, within), null);
        break;
      case 'difference':
        await each(countA, against(tableA, tableB, beyond), null);
        break;
      case 'union':
        await each(countA, common, 'both');
        await each(countA, against(tableA, tableB, beyond), 'a');
        await each(countB, against(tableB, tableA, beyond), 'b');
        break;
      case 'symmetric_difference':
        await each(countA, against(tableA, tableB, beyond), 'a');
        await each(countB, against(tableB, tableA, beyond), 'b');
        break;
    }
    return outcome;
  } finally {
    for (const name of names) await sql`drop table if exists ${sql(name)}`;
  }
}

/** Copies the rows of a side: numbered from 1, valid, with the values that the result takes. Answers how many. */
async function copySide(sql: Sql, table: string, { kind, source, taken }: OverlaySide, side: string): Promise<number> {
  const geom = kind === 'polygon' ? sql`case when st_isvalid(geom) then geom else st_makevalid(geom) end` : sql`geom`;
  let rows: Fragment;
  if ('layer' in source) {
    const values = valuesOf(sql, taken);
    rows = sql`select fid, ${geom} as geom, ${values} as values from ${sql(await tableOf(sql, source))}
      where geom is not null and load_id = ${source.load}::int4 and ${toSql(sql, source.layer, source.predicate)}`;
  } else {
    const text = JSON.stringify(source.geometry);
    rows = sql`select 1::int8 as fid, st_setsrid(st_geomfromgeojson(${text}::text), 4326) as geom, '{}'::jsonb as values`;
  }
  await sql.begin(async (tx) => {
    await tx`create unlogged table ${tx(table)} with (autovacuum_enabled = false) as
      select row_number() over (order by fid)::int4 as n, geom, values from (${rows}) picked
      limit ${ANALYSIS_LIMITS.overlayFeatures + 1}::int4`;
  });
  const [{ count, positions }] = await sql<[{ count: number; positions: number }]>`
    select count(*)::int4 as count, coalesce(sum(st_npoints(geom)), 0)::float8 as positions from ${sql(table)}`;
  requireWithin('overlayFeatures', count, side);
  requireWithin('overlayPositions', positions, side);
  await sql`create index on ${sql(table)} using gist (geom)`;
  await sql`create index on ${sql(table)} (n)`;
  // Not of the shapes: PostGIS may take more than all rows for the share that meets where few rows lie far apart, and the
  // planner refuses such a share.
  await sql`analyze ${sql(table)} (n)`;
  return count;
}
