import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import iconv from 'iconv-lite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inLoadOrder } from '../../etl/load-order.ts';
import { chooseLayers, loadDelivery } from '../../etl/load.ts';
import type { LoadReport } from '../../etl/report.ts';
import { sourceFields } from '../../layers/define.ts';
import { getLayer, layers } from '../../layers/index.ts';
import type { Database } from '../../server/db/connect.ts';
import { testTarget } from '../support/database.ts';
import { districtScale, loadedDistrict, type LoadedDistrict } from '../support/district.ts';
import { writeShapefile } from './support/shapefile.ts';

let district: LoadedDistrict;
let db: Database;
let scratch = '';
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'one-map-load-'));
  district = await loadedDistrict();
  db = district.db;
});
afterAll(async () => {
  await rm(scratch, { recursive: true, force: true });
  // What was replaced here is loaded anew for the files that follow.
});

function reportOf(layer: string): LoadReport {
  return district.reports.find((report) => report.layer === layer) as LoadReport;
}

async function count(table: string, where = 'true'): Promise<number> {
  const [row] = await db.sql.unsafe<{ n: number }[]>(`select count(*)::int as n from ${table} where ${where}`);
  return row?.n ?? -1;
}

function hospitalIds(): Promise<{ source_id: string; fid: number }[]> {
  return db.sql`select source_id, fid from layers.hospital order by source_id`;
}

/** A delivery folder with one file, made by `write`. */
async function delivery(layer: string, write: (path: string) => Promise<void>): Promise<string> {
  const dir = await mkdtemp(join(scratch, 'delivery-'));
  const path = join(dir, getLayer(layer).source.file);
  await mkdir(dirname(path), { recursive: true });
  await write(path);
  return dir;
}

async function loadOne(layer: string, dir: string): Promise<LoadReport> {
  const [report] = await loadDelivery({ db, dir, layers: [layer], scale: districtScale, force: true });
  return report as LoadReport;
}

/** The delivered file of a CSV layer as lines, header first, without the one that spreads over two. */
async function csvLines(layer: string): Promise<string[]> {
  const { file, encoding } = getLayer(layer).source;
  const text = iconv.decode(await readFile(join(district.dir, file)), encoding ?? 'utf-8');
  return text.replace('\ufeff', '').trimEnd().split(/\r?\n/);
}

describe('a whole delivery', () => {
  test('every layer is published, and no row is lost', () => {
    const delivered = Object.keys(district.manifest.layers);
    expect(district.reports.map(({ layer }) => layer).toSorted()).toEqual(delivered.toSorted());
    for (const { layer, status, rows } of district.reports) {
      expect(status, layer).toBe('published');
      expect(rows.accepted + rows.quarantined, layer).toBe(rows.in);
      expect(rows.in, layer).toBe(district.manifest.layers[layer]?.rows);
    }
  });

  test.each(layers.filter(({ geometry }) => geometry !== 'raster').map(({ id }) => id))(
    '%s: the planted faults are found, and nothing else',
    (id) => {
      const planted = district.manifest.layers[id]?.faults ?? [];
      const expected: Record<string, number> = {};
      for (const { kind, code } of planted) if (kind === 'reject') expected[code] = (expected[code] ?? 0) + 1;
      const report = reportOf(id);
      expect(Object.fromEntries(report.rejects.map(({ code, count: n }) => [code, n]))).toEqual(expected);
      expect(report.rows.unlocated).toBe(planted.filter(({ kind }) => kind === 'unlocated').length);
      for (const code of new Set(planted.filter(({ kind }) => kind === 'repair').map((fault) => fault.code))) {
        const repaired = report.repairs.find((repair) => repair.code === code)?.count ?? 0;
        expect(repaired, code).toBeGreaterThanOrEqual(planted.filter((fault) => fault.code === code).length);
      }
    },
  );

  test('dates in the wrong order are found wherever a layer declares a pair and has rows enough for a planted one', async () => {
    const broken = Object.entries(district.manifest.layers)
      .filter(([, { faults }]) => faults.some(({ code }) => code === 'DATE_ORDER'))
      .map(([id]) => id);
    // Of 17; the few routes and zones of mass events have no room for so many faults at this scale.
    expect(broken.length).toBeGreaterThanOrEqual(10);
    for (const id of broken) {
      const [first, second] = getLayer(id).checks.order![0]! as [string, string];
      const rows = await db.sql<{ field: string; raw: Record<string, string> }[]>`
        select field, raw from app.reject where load_id = ${reportOf(id).load} and code = 'DATE_ORDER'`;
      expect(rows.length, id).toBeGreaterThan(0);
      const column = (name: string) => getLayer(id).source.columns?.[name] ?? name;
      for (const { field, raw } of rows) {
        expect(field, id).toBe(second);
        expect(Date.parse(raw[column(first)] ?? ''), id).toBeGreaterThan(Date.parse(raw[column(second)] ?? ''));
      }
      // What passed is in order.
      const day = `(${first} at time zone 'Asia/Shanghai')::date`;
      const isMixed = getLayer(id).fields[first]?.type !== getLayer(id).fields[second]?.type;
      expect(
        await count(`layers.${id}`, isMixed ? `${first} > ${day.replace(first, second)}` : `${first} > ${second}`),
        id,
      ).toBe(0);
    }
  });

  test('each rejected row is kept with its line, reason and raw text', async () => {
    const report = reportOf('enterprise');
    const rows = await db.sql<{ line: number; code: string; message: string; raw: Record<string, unknown> }[]>`
      select line, code, message, raw from app.reject where load_id = ${report.load} order by line`;
    const planted = (district.manifest.layers.enterprise?.faults ?? []).filter(({ kind }) => kind === 'reject');
    // The header is line 1.
    expect(rows.map(({ line, code }) => [line, code])).toEqual(
      planted.map(({ row, code }) => [row + 1, code]).toSorted((a, b) => Number(a[0]) - Number(b[0])),
    );
    for (const { raw, message } of rows) {
      expect(Object.keys(raw)).toContain('统一社会信用代码');
      expect(message).toMatch(/\p{Script=Han}.*\| .*[a-z]/u);
    }
  });

  test('repaired polygons are valid and listed', async () => {
    for (const { layer, load, rows } of district.reports) {
      if (getLayer(layer).geometry !== 'polygon') continue;
      expect(await count(`layers.${layer}`, 'not st_isvalid(geom)'), layer).toBe(0);
      expect(await count('(select distinct load_id, source_id from app.repair) r', `load_id = ${load}`), layer).toBe(
        rows.repaired,
      );
    }
  });

  test('what is live is what the state and the load say', async () => {
    for (const { layer } of district.reports) {
      const [state] = await db.sql<
        { load: number; rows: number; unlocated: number; accepted: number; status: string; sha256: string }[]
      >`
        select s.load_id as load, s.rows, s.unlocated, l.rows_accepted as accepted, l.status, l.sha256
        from app.layer_state s join app.load l using (load_id) where s.layer_id = ${layer}`;
      expect(state?.status, layer).toBe('published');
      expect(state?.rows, layer).toBe(state?.accepted);
      // Pictures have files and no table.
      const isRaster = getLayer(layer).geometry === 'raster';
      const table = isRaster
        ? `(select jsonb_array_elements(raster) from app.load where load_id = ${state?.load}) p`
        : `layers.${layer}`;
      expect(state?.rows, layer).toBe(await count(table));
      expect(state?.rows, layer).toBeGreaterThan(0);
      expect(state?.unlocated, layer).toBe(isRaster ? 0 : await count(table, 'geom is null'));
      expect(state?.sha256).toMatch(/^[0-9a-f]{64}$/);
    }
    expect(await count('pg_tables', "schemaname = 'layers_next'")).toBe(0);
  });

  test('nobody is told that loading goes on', async () => {
    const [meta] = await db.sql<{ value: unknown }[]>`select value from app.meta where key = 'loading'`;
    expect(meta?.value ?? null).toBeNull();
  });
});

describe('derived columns', () => {
  test.each(['enterprise', 'person', 'video_camera'])(
    '%s: the grid cell is the one that covers the point',
    async (layer) => {
      const [row] = await db.sql.unsafe<{ located: number; wrong: number; codes: number }[]>(`
      select count(*)::int as located,
        count(*) filter (where p.grid_code is distinct from (
          select min(g.grid_code) from layers.governance_grid g where st_covers(g.geom, p.geom)))::int as wrong,
        count(*) filter (where p.community_code <> left(p.grid_code, 12) or p.town_code <> left(p.grid_code, 9) || '000')::int as codes
      from layers.${layer} p where geom is not null`);
      expect(row?.located).toBeGreaterThan(100);
      expect(row).toMatchObject({ wrong: 0, codes: 0 });
    },
  );

  test('world pixels, Morton keys and H3 cells fit the points; unlocated rows have none', async () => {
    const [row] = await db.sql<{ pixels: number; h3: number; unlocated: number }[]>`
      select count(*) filter (where abs(mx - (st_x(geom) / 360 + 0.5) * 2 ^ 30) > 1
          or abs(my - (0.5 - asinh(tan(radians(st_y(geom)))) / (2 * pi())) * 2 ^ 30) > 1)::int as pixels,
        count(*) filter (where (h3 >> 52) & 15 <> 12)::int as h3,
        count(*) filter (where geom is null and num_nonnulls(h3, mx, my, qk) > 0)::int as unlocated
      from layers.enterprise`;
    expect(row).toEqual({ pixels: 0, h3: 0, unlocated: 0 });
  });

  test('rows are placed by link: person, room, building', async () => {
    const [row] = await db.sql<{ apart: number; outside: number }[]>`
      select count(*) filter (where not p.geom = r.geom)::int as apart,
        count(*) filter (where not st_covers(b.geom, p.geom))::int as outside
      from layers.person p join layers.room r on r.room_code = p.room_code
        join layers.building_footprint b on b.building_code = r.building_code`;
    expect(row).toEqual({ apart: 0, outside: 0 });
  });

  test('a layer of the region keeps rows far away, without a grid cell; a row that crosses the district has one', async () => {
    const [row] = await db.sql<{ placed: number; far: number; wrong: number }[]>`
      select count(t.geom)::int as placed,
        count(*) filter (where st_xmax(t.geom) > 120 and t.h3 is not null)::int as far,
        count(*) filter (where t.grid_code is not null and not st_intersects(t.geom, d.geom))::int as wrong
      from layers.typhoon_track t cross join layers.district_boundary d`;
    expect(row).toEqual({ placed: 30, far: 30, wrong: 0 });
    const report = reportOf('typhoon_track');
    expect(report.rejects.map(({ code }) => code)).not.toContain('OUTSIDE_DISTRICT');
  });

  test('a feature keeps its id over loads', async () => {
    const before = await hospitalIds();
    expect((await loadOne('hospital', district.dir)).status).toBe('published');
    expect(await hospitalIds()).toEqual(before);
    expect(before.length).toBeGreaterThan(5);
  });
});

describe('what is wrong with a file', () => {
  const cases: [string, string, string, (path: string) => Promise<void>][] = [
    ['a 0-byte file', 'enterprise', 'EMPTY_FILE', (path) => writeFile(path, '')],
    [
      'a truncated zip',
      'road_centerline',
      'TRUNCATED_ARCHIVE',
      async (path) => {
        const whole = await readFile(join(district.dir, getLayer('road_centerline').source.file));
        await writeFile(path, whole.subarray(0, whole.length / 2));
      },
    ],
    [
      'two header rows',
      'enterprise',
      'DOUBLE_HEADER',
      async (path) => {
        const lines = await csvLines('enterprise');
        const ids = [...sourceFields(getLayer('enterprise')), 'lon', 'lat'];
        await writeFile(path, [lines[0], ids.join(','), ...lines.slice(1)].join('\n'));
      },
    ],
    [
      'a Shapefile without .prj',
      'building_footprint',
      'NO_CRS',
      (path) => writeShapefile(path, { name: 'a', encoding: 'gb18030', withPrj: false }),
    ],
    [
      'a line of 50 MB',
      'enterprise',
      'LINE_TOO_LONG',
      async (path) => {
        const lines = await csvLines('enterprise');
        await writeFile(path, `${lines.slice(0, 100).join('\n')}\n${'x'.repeat(50 << 20)}\n`);
      },
    ],
    [
      'GeoJSON with NaN',
      'bus_stop',
      'UNREADABLE',
      async (path) => {
        const text = await readFile(join(district.dir, getLayer('bus_stop').source.file), 'utf8');
        const at = text.lastIndexOf('"coordinates"');
        await writeFile(path, `${text.slice(0, at)}"coordinates": [NaN, 23.01]}}]}`);
      },
    ],
    [
      'another encoding than stated',
      'enterprise',
      'UNKNOWN_ENCODING',
      async (path) => writeFile(path, iconv.encode((await csvLines('enterprise')).join('\n'), 'gb18030')),
    ],
    [
      'another CRS than stated',
      'enterprise',
      'WRONG_CRS',
      async (path) => {
        // Metres of EPSG:4526 where GCJ-02 degrees are agreed.
        const lines = await csvLines('enterprise');
        const moved = lines
          .slice(1)
          .map((line) => line.replace(/(113\.\d+|112\.\d+),(2[23]\.\d+)/, '38409011.5,2546983.7'));
        await writeFile(path, [lines[0], ...moved].join('\n'));
      },
    ],
    [
      'degrees that are displaced',
      'video_camera',
      'WRONG_CRS',
      async (path) => {
        // Every point 558 m east and 287 m south of where it lay: GCJ-02 in a file that is said to be CGCS2000.
        const { crs } = getLayer('video_camera').source;
        const sign = crs === 'GCJ-02' ? -1 : 1;
        const lines = await csvLines('video_camera');
        const moved = lines.map((line) =>
          line.replace(
            /(11[23]\.\d+),(2[23]\.\d+)/,
            (_, lon: string, lat: string) =>
              `${(Number(lon) + (sign * 558) / 102_500).toFixed(7)},${(Number(lat) - (sign * 287) / 110_750).toFixed(7)}`,
          ),
        );
        await writeFile(path, iconv.encode(moved.join('\n'), getLayer('video_camera').source.encoding ?? 'utf-8'));
      },
    ],
    [
      'a column that is missing',
      'enterprise',
      'MISSING_COLUMN',
      async (path) => {
        const lines = await csvLines('enterprise');
        await writeFile(path, [lines[0]?.replace('企业名称', '单位'), ...lines.slice(1)].join('\n'));
      },
    ],
    [
      'far too few rows',
      'enterprise',
      'ROW_COUNT',
      async (path) => writeFile(path, (await csvLines('enterprise')).slice(0, 50).join('\n')),
    ],
    ['a missing file', 'enterprise', 'FILE_NOT_FOUND', async () => {}],
  ];

  test.each(cases)('%s', async (_, layer, code, write) => {
    const rows = await count(`layers.${layer}`);
    const [state] = await db.sql<{ load_id: number }[]>`select load_id from app.layer_state where layer_id = ${layer}`;
    const report = await loadOne(layer, await delivery(layer, write));
    expect(report.error?.code, report.error?.text.en).toBe(code);
    expect(report.error?.text.zh).toMatch(/\p{Script=Han}/u);
    // Live rows, state and staging are as if nothing had happened; the load says that it failed.
    expect(await count(`layers.${layer}`)).toBe(rows);
    const [after] = await db.sql<{ load_id: number }[]>`select load_id from app.layer_state where layer_id = ${layer}`;
    expect(after).toEqual(state);
    expect(await count('pg_tables', "schemaname = 'layers_next'")).toBe(0);
    const [load] = await db.sql<
      { status: string; error: string }[]
    >`select status, error from app.load where load_id = ${report.load}`;
    expect(load?.status).toBe('failed');
    expect(load?.error).toContain(code);
  });

  test('an unknown layer is named with its near matches', () => {
    expect(() => chooseLayers(['enterprize'])).toThrow(/enterprise/);
    expect(() => chooseLayers(['人口'])).toThrow(/person/);
  });
});

test('layers come after those they are placed by', () => {
  const order = inLoadOrder(chooseLayers(['all'])).map(({ id }) => id);
  expect(order.slice(0, 4)).toEqual(['district_boundary', 'town_boundary', 'community_boundary', 'governance_grid']);
  for (const [first, second] of [
    ['building_footprint', 'room'],
    ['room', 'household'],
    ['household', 'person'],
    ['person', 'elderly_alone'],
  ] as const) {
    expect(order.indexOf(first)).toBeLessThan(order.indexOf(second));
  }
});

test('a delivery is loaded while it is being written, and one that breaks off says so', async () => {
  const dir = await mkdtemp(join(scratch, 'growing-'));
  const asked: string[] = [];
  const arrivalOf = async (layer: string): Promise<void> => {
    asked.push(layer);
    if (layer === 'primary_school') throw new Error('nothing more will come');
    const path = join(dir, getLayer(layer).source.file);
    await mkdir(dirname(path), { recursive: true });
    await cp(join(district.dir, getLayer(layer).source.file), path);
  };
  const layers = ['primary_school', 'hospital', 'town_boundary'];
  const [before] = await db.sql<
    { load_id: number }[]
  >`select load_id from app.layer_state where layer_id = 'town_boundary'`;
  await expect(loadDelivery({ db, dir, layers, scale: districtScale, force: true, arrivalOf })).rejects.toThrow(
    'nothing more will come',
  );
  expect(asked.slice(0, 1)).toEqual(['town_boundary']);
  expect(asked.at(-1)).toBe('primary_school');
  const [after] = await db.sql<
    { load_id: number }[]
  >`select load_id from app.layer_state where layer_id = 'town_boundary'`;
  expect(after?.load_id).toBeGreaterThan(before?.load_id ?? Infinity);
  expect(await count('app.meta', "key = 'loading' and value <> 'null'")).toBe(0);
});

test('kill -9 at 20 random moments leaves the old rows or the new ones', async () => {
  const dir = await mkdtemp(join(scratch, 'kill-'));
  const { file, encoding } = getLayer('person').source;
  await mkdir(dirname(join(dir, file)), { recursive: true });
  const lines = await csvLines('person');
  const fewer = lines.slice(0, lines.length - 500);
  await writeFile(join(dir, file), iconv.encode(fewer.join('\n'), encoding ?? 'utf-8'));
  await cp(join(district.dir, 'manifest.json'), join(dir, 'manifest.json'));
  const target = testTarget();
  const before = await count('layers.person');
  const seen = new Set<number>();
  // From before the first row to after the publication; about evenly spread, so that each step is met.
  for (let moment = 0; moment < 20; moment += 1) {
    const delay = 500 + (moment + Math.random()) * 110;
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', 'etl/run.ts', 'load', 'person', '--from', dir, '--force', '--json'],
      {
        env: { ...process.env, DATABASE_URL: target.url ?? '', DATA_DIR: target.dataDir ?? join(scratch, 'data') },
        stdio: 'ignore',
      },
    );
    const ended = new Promise((resolve) => child.once('exit', resolve));
    await new Promise((resolve) => setTimeout(resolve, delay));
    child.kill('SIGKILL');
    await ended;
    const rows = await count('layers.person');
    seen.add(rows);
    const [state] = await db.sql<{ rows: number }[]>`select rows from app.layer_state where layer_id = 'person'`;
    expect(state?.rows).toBe(rows);
    expect(rows === before || (rows < before && rows > before - 501), `${rows} rows after ${delay} ms`).toBe(true);
  }
  // And a load after that works, and calls the killed ones failed.
  const report = await loadOne('person', dir);
  expect(report.status).toBe('published');
  expect(await count('app.load', "layer_id = 'person' and status = 'running'")).toBe(0);
  expect((await loadOne('person', district.dir)).rows.accepted).toBe(before);
});
