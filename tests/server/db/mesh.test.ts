import { Delaunay } from 'd3-delaunay';
import { describe, expect, test } from 'vitest';
import type { TransactionSql } from '../../../server/db/connect.ts';
import { buildMesh, type GridMesh, loadMesh, type MeshCell } from '../../../server/db/mesh.ts';
import { testDatabase } from '../../support/database.ts';

const db = await testDatabase();

/** The same numbers in [0, 1) at each run. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };
}

type Ring = [number, number][];
type Polygon = Ring[];
interface Cell {
  code: string;
  polygons: Polygon[];
}

const code = (i: number): string =>
  `440604${String(i % 7).padStart(3, '0')}${String(i % 11).padStart(3, '0')}W${String(i).padStart(3, '0')}`;
const meshCell = (cell: Cell): MeshCell => ({ code: cell.code, rings: cell.polygons.flat() });

/** 300 irregular cells without gaps; one has an enclave, another consists of two parts. */
function voronoi(): Cell[] {
  const random = randomNumbers(4);
  const sites = Array.from({ length: 301 }, (): [number, number] => [113 + random() * 0.15, 22.95 + random() * 0.15]);
  const cells = Delaunay.from(sites).voronoi([113, 22.95, 113.15, 23.1]);
  const result = sites.map((_, i): Cell => ({ code: code(i), polygons: [[cells.cellPolygon(i) as Ring]] }));
  const host = result[100]!;
  const ring = host.polygons[0]![0]!;
  const enclave = ring.map(([x, y]): [number, number] => [
    x * 0.5 + sites[100]![0] * 0.5,
    y * 0.5 + sites[100]![1] * 0.5,
  ]);
  host.polygons[0]!.push(enclave.toReversed());
  result.push({ code: '440604000000W999', polygons: [[enclave]] });
  const [left, right] = [result[5]!, result[250]!];
  left.polygons.push(...right.polygons);
  return result.filter((cell) => cell !== right);
}

/** Squares of 1/256 degree: every edge runs along an axis and its middle is an exact number. Split by exact diagonals. */
function lattice(): Cell[] {
  const result: Cell[] = [];
  for (let i = 0; i < 16; i++) {
    for (let j = 0; j < 16; j++) {
      const [x, y, s] = [113 + i / 256, 23 + j / 256, 1 / 256];
      result.push({
        code: code(result.length * 37 + 5),
        polygons: [
          [
            [
              [x, y],
              [x + s, y],
              [x + s, y + s],
              [x, y],
            ],
          ],
        ],
      });
      result.push({
        code: code(result.length * 37 + 5),
        polygons: [
          [
            [
              [x, y],
              [x + s, y + s],
              [x, y + s],
              [x, y],
            ],
          ],
        ],
      });
    }
  }
  return result;
}

const ringWkt = (points: Ring): string => `(${points.map((p) => p.join(' ')).join(',')})`;
const polygonWkt = (rings: Polygon): string => `(${rings.map(ringWkt).join(',')})`;

/** Puts cells into the live table, runs `use`, and undoes it: other tests may have the district loaded. */
async function withGrids(cells: readonly Cell[], use: (tx: TransactionSql) => Promise<void>): Promise<void> {
  const undo = new Error('undo');
  const done = db.sql.begin(async (tx) => {
    await tx`drop table if exists layers.governance_grid cascade`;
    await tx`create table layers.governance_grid (source_id text, geom geometry(MultiPolygon, 4326))`;
    const wkt = cells.map(({ polygons }) => `MULTIPOLYGON(${polygons.map(polygonWkt).join(',')})`);
    await tx`insert into layers.governance_grid select code, st_geomfromtext(wkt, 4326)
      from unnest(${tx.array(cells.map((cell) => cell.code))}::text[], ${tx.array(wkt)}::text[]) as u(code, wkt)`;
    const [bad] = await tx`select count(*)::int as n from layers.governance_grid where not st_isvalid(geom)`;
    expect(bad?.n).toBe(0);
    await use(tx);
    throw undo;
  });
  await expect(done).rejects.toBe(undo);
}

/** Code by PostGIS for each point, null where no cell covers it. */
async function coveredBy(tx: TransactionSql, points: Ring): Promise<(string | null)[]> {
  const rows = await tx<{ code: string | null }[]>`
    select (select min(source_id collate "C") from layers.governance_grid where st_covers(geom, p)) as code
    from unnest(${tx.array(
      points.map((p) => p[0]),
      1022,
    )}::float8[], ${tx.array(
      points.map((p) => p[1]),
      1022,
    )}::float8[])
      with ordinality as u(x, y, n), st_setsrid(st_makepoint(x, y), 4326) as p order by n`;
  return rows.map((row) => row.code);
}

const located = (mesh: GridMesh, points: Ring): (string | null)[] =>
  points.map(([x, y]) => mesh.codes[mesh.locate(x, y)] ?? null);

describe('against ST_Covers', () => {
  test('random points, inside and outside', async () => {
    const random = randomNumbers(1);
    const points = Array.from({ length: 20_000 }, (): [number, number] => [
      112.98 + random() * 0.19,
      22.93 + random() * 0.19,
    ]);
    await withGrids(voronoi(), async (tx) => {
      const mesh = await loadMesh(tx);
      expect(mesh.codes.length).toBe(301);
      const expected = await coveredBy(tx, points);
      expect(located(mesh, points)).toEqual(expected);
      expect(expected.filter((c) => c === null).length).toBeGreaterThan(1000);
      expect(new Set(expected).size).toBeGreaterThan(290);
    });
  });

  test('corners of the cells', async () => {
    const cells = voronoi();
    const corners = cells.flatMap((cell) => cell.polygons.flat(2));
    await withGrids(cells, async (tx) => {
      expect(located(await loadMesh(tx), corners)).toEqual(await coveredBy(tx, corners));
    });
  });

  test('points exactly on shared edges and corners: the lowest code', async () => {
    const points: Ring = [];
    for (let i = -1; i <= 65; i++) for (let j = -1; j <= 65; j++) points.push([113 + i / 1024, 23 + j / 1024]);
    await withGrids(lattice(), async (tx) => {
      const expected = await coveredBy(tx, points);
      expect(located(await loadMesh(tx), points)).toEqual(expected);
      expect(expected.filter((c) => c === null).length).toBe(4 * 65 + 4);
    });
  });

  test('points as near to a slanted edge as numbers allow: a cell that touches them, and always one', async () => {
    const cells = voronoi();
    const points = cells.flatMap((cell) =>
      cell.polygons
        .flat()
        .flatMap((ring) =>
          ring.slice(1).map(([x, y], i): [number, number] => [(x + ring[i]![0]) / 2, (y + ring[i]![1]) / 2]),
        ),
    );
    await withGrids(cells, async (tx) => {
      const mesh = await loadMesh(tx);
      const near = await tx<{ codes: string[] }[]>`
        select (select array_agg(source_id) from layers.governance_grid where st_dwithin(geom, p, 1e-10)) as codes
        from unnest(${tx.array(
          points.map((p) => p[0]),
          1022,
        )}::float8[], ${tx.array(
          points.map((p) => p[1]),
          1022,
        )}::float8[])
          with ordinality as u(x, y, n), st_setsrid(st_makepoint(x, y), 4326) as p order by n`;
      const wrong = located(mesh, points).filter((c, i) => c === null || !near[i]!.codes.includes(c));
      // The outer frame belongs to one cell only: rounding may push the middle of its edges outside.
      expect(wrong.filter((c) => c !== null)).toEqual([]);
      expect(near.filter((row) => row.codes.length > 1).length).toBeGreaterThan(1500);
      const inner = points.filter((_, i) => near[i]!.codes.length > 1);
      expect(located(mesh, inner)).not.toContain(null);
    });
  });

  test('an absent table is an empty mesh', async () => {
    const undo = new Error('undo');
    const done = db.sql.begin(async (tx) => {
      await tx`drop table if exists layers.governance_grid cascade`;
      const mesh = await loadMesh(tx);
      expect(mesh.codes).toEqual([]);
      expect(mesh.locate(113.1, 23)).toBe(-1);
      throw undo;
    });
    await expect(done).rejects.toBe(undo);
  });
});

const square = (x: number): MeshCell['rings'] => [
  [
    [x, 0],
    [x + 1, 0],
    [x + 1, 1],
    [x, 1],
    [x, 0],
  ],
];

test('codes, communities and towns run parallel, sorted', () => {
  const mesh = buildMesh([
    { code: '440604103005W002', rings: square(1) },
    { code: '440604010001W001', rings: square(0) },
  ]);
  expect(mesh.codes).toEqual(['440604010001W001', '440604103005W002']);
  expect(mesh.communities).toEqual(['440604010001', '440604103005']);
  expect(mesh.towns).toEqual(['440604010000', '440604103000']);
  expect([mesh.locate(0.5, 0.5), mesh.locate(1, 0.5), mesh.locate(1.5, 0.5), mesh.locate(2, 1)]).toEqual([0, 0, 1, 1]);
});

test('no place is no cell', () => {
  const mesh = buildMesh(voronoi().map(meshCell));
  for (const [x, y] of [
    [Number.NaN, 23],
    [113.05, Number.NaN],
    [Infinity, 23],
    [0, 0],
    [-180, -90],
  ] as const) {
    expect(mesh.locate(x, y)).toBe(-1);
  }
  expect(() =>
    buildMesh([
      {
        code: 'x',
        rings: [
          [
            [0, 0],
            [Number.NaN, 1],
            [0, 0],
          ],
        ],
      },
    ]),
  ).toThrow(RangeError);
});

test('overlapping cells: the lowest code, wherever the edges run', async () => {
  const random = randomNumbers(9);
  const cells = Array.from({ length: 40 }, (_, i): Cell => {
    const [x, y, w, h] = [random() * 0.8, random() * 0.8, random() * 0.2 + 0.01, random() * 0.2 + 0.01];
    return {
      code: code(i),
      polygons: [
        [
          [
            [x, y],
            [x + w, y + h / 3],
            [x + w / 2, y + h],
            [x, y],
          ],
        ],
      ],
    };
  });
  const points = Array.from({ length: 10_000 }, (): [number, number] => [random(), random()]);
  await withGrids(cells, async (tx) => {
    expect(located(await loadMesh(tx), points)).toEqual(await coveredBy(tx, points));
  });
});
