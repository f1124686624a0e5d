import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import iconv from 'iconv-lite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LoadError } from '../../etl/errors.ts';
import { importFile, type ImportOptions } from '../../etl/import.ts';
import type { LoadReport } from '../../etl/report.ts';
import { checkLayer } from '../../layers/check-layer.ts';
import type { Layer } from '../../layers/define.ts';
import { parseLayer } from '../../layers/parse.ts';
import type { Database } from '../../server/db/connect.ts';
import { testDatabase } from '../support/database.ts';
import { writeShapefile } from './support/shapefile.ts';

let db: Database;
let dir = '';
const made = new Set<string>();
beforeAll(async () => {
  db = await testDatabase();
  dir = await mkdtemp(join(tmpdir(), 'one-map-import-'));
});
afterAll(async () => {
  for (const id of made) {
    await db.sql.unsafe(`drop table if exists layers."${id}"`);
    await db.sql`delete from app.layer_state where layer_id = ${id}`;
    await db.sql`delete from app.user_layer where layer_id = ${id}`;
  }
  await rm(dir, { recursive: true, force: true });
});

async function importText(
  name: string,
  content: string | Buffer,
  options: Partial<ImportOptions> = {},
): Promise<LoadReport> {
  const file = join(dir, name);
  await writeFile(file, content);
  const report = await importFile({ db, file, ...options });
  made.add(report.layer);
  return report;
}

async function definition(id: string): Promise<Layer> {
  const [row] = await db.sql<{ definition: unknown }[]>`select definition from app.user_layer where layer_id = ${id}`;
  return parseLayer(row?.definition);
}

async function rows(id: string): Promise<Record<string, unknown>[]> {
  return db.sql.unsafe(`select *, st_astext(geom, 5) as wkt from layers."${id}" order by load_id, fid`);
}

async function failure(work: Promise<unknown>): Promise<LoadError> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(LoadError);
  return error as LoadError;
}

test('a CSV with coordinates becomes points, with types, categories, a key and a link', async () => {
  const lines = Array.from(
    { length: 30 },
    (_, i) =>
      `S${i},${i % 3 === 0 ? '学校' : '医院'},${i * 1.5},2026-01-${String(i + 1).padStart(2, '0')},${24.9 + i / 1000},60.17,备注${i}`,
  );
  const report = await importText(
    'places test.csv',
    iconv.encode(`编号,类别,面积,日期,经度,纬度,备注\n${lines.join('\n')}\nS30,医院,,,,,没有坐标\n`, 'gb18030'),
    { baseUrl: 'http://localhost:8080' },
  );
  expect(report).toMatchObject({
    status: 'published',
    layer: 'user_places_test',
    rows: { in: 31, accepted: 31, quarantined: 0, unlocated: 1 },
  });
  expect(report.url).toBe('http://localhost:8080/plan?layers=user_places_test');
  expect(report.encoding).toMatchObject({ name: 'gb18030' });
  expect(report.crs?.confidence).toBeGreaterThan(0.6);
  const layer = await definition(report.layer);
  expect(layer.geometry).toBe('point');
  expect(
    Object.values(layer.fields)
      .map(({ type, title }) => [title.zh, type])
      .toSorted(),
  ).toEqual(
    [
      ['编号', 'string'],
      ['类别', 'string'],
      ['面积', 'number'],
      ['日期', 'date'],
      ['备注', 'string'],
    ].toSorted(),
  );
  expect(layer.fields[layer.key]?.title.zh).toBe('编号');
  expect(layer.symbology).toMatchObject({
    kind: 'categorical',
    colors: { 医院: expect.any(String), 学校: expect.any(String) },
  });
  expect(checkLayer(layer, new Map(), 'user')).toEqual([]);
});

test('repeated ids never lose rows: the row number is the key then', async () => {
  const report = await importText('repeated.csv', 'id,value\n56,a\n56,b\n103,a\n103,a\n');
  expect(report.rows).toMatchObject({ in: 4, accepted: 4, quarantined: 0 });
  expect((await rows(report.layer)).map(({ source_id }) => source_id).toSorted()).toEqual(['2', '3', '4', '5']);
  expect((await definition(report.layer)).geometry).toBe('table');
});

function polygon(id: number, ring: number[][]): string {
  return JSON.stringify({
    type: 'Feature',
    properties: { id, name: `n${id}` },
    geometry: { type: 'Polygon', coordinates: [ring] },
  });
}

test('columns about persons are masked, cannot be filtered, and are neither key nor label', async () => {
  const report = await importText(
    '走访名单.csv',
    '姓名,身份证号,联系电话,出生日期,走访结果,经度,纬度\n' +
      '测试甲,440699199001011235,10100000001,1990-01-01,正常,113.1,23.0\n' +
      '测试乙,440699198506061238,10100000002,1985-06-06,未遇,113.11,23.01\n',
    { stated: { crs: 'EPSG:4326' } },
  );
  expect(report).toMatchObject({ status: 'published', rows: { in: 2, accepted: 2 } });
  const layer = await definition(report.layer);
  const masks = Object.fromEntries(Object.values(layer.fields).map(({ title, mask }) => [title.zh, mask ?? null]));
  expect(masks).toMatchObject({
    姓名: 'name',
    身份证号: 'id_no',
    联系电话: 'phone',
    出生日期: 'birth_date',
    走访结果: null,
  });
  for (const [name, field] of Object.entries(layer.fields)) {
    if (field.mask === undefined) continue;
    expect(field.filterable ?? false).toBe(false);
    expect([layer.key, layer.label]).not.toContain(name);
    expect(layer.tiles?.fields ?? []).not.toContain(name);
  }
});

test('invalid polygons are repaired and counted, broken ones set aside', async () => {
  const features = [
    polygon(1, [
      [0, 0],
      [0, 1],
      [1, 1],
      [1, 0],
      [0, 0],
    ]),
    polygon(2, [
      [0, 0],
      [1, 1],
      [1, 0],
      [0, 1],
      [0, 0],
    ]),
    polygon(3, [
      [0, 0],
      [0, 1],
      [1, 1],
    ]),
    polygon(4, [
      [0, 0],
      [1, 1],
      [2, 2],
      [0, 0],
    ]),
    polygon(5, [
      [-170, 80],
      [170, 80],
      [170, 90],
      [-170, 90],
      [-170, 80],
    ]),
    '{"type":"Feature","properties":{"id":6,"name":"n6"},"geometry":null}',
  ];
  const report = await importText('shapes.geojson', `{"type":"FeatureCollection","features":[${features.join(',')}]}`);
  expect(report.error).toBeNull();
  expect(report.rows).toEqual({ in: 6, accepted: 5, repaired: 2, quarantined: 1, unlocated: 1 });
  expect(report.rejects.map(({ code, count }) => [code, count])).toEqual([['BAD_GEOMETRY', 1]]);
  const stored = await db.sql.unsafe<{ id: number; valid: boolean }[]>(
    `select id, st_isvalid(geom) as valid from layers.user_shapes where geom is not null order by id`,
  );
  expect([...stored]).toEqual([1, 2, 3, 5].map((id) => ({ id, valid: true })));
});

test('a zipped Shapefile in EPSG:4526 with GBK texts', async () => {
  const file = join(dir, 'districts-gk38.zip');
  await writeShapefile(file, { folder: '数据', name: '禅城区界', encoding: 'gb18030', isFlagged: false });
  const report = await importFile({ db, file });
  made.add(report.layer);
  expect(report).toMatchObject({ status: 'published', rows: { in: 2, accepted: 2 } });
  expect(report.crs?.name).toBe('EPSG:4526');
  expect((await rows(report.layer)).map(({ wkt, source_id }) => [source_id, wkt])).toContainEqual([
    '1',
    'POINT(113.1124 23.0196)',
  ]);
});

test('what cannot be told is refused, with how to state it', async () => {
  const noPrj = join(dir, 'noprj.zip');
  await writeShapefile(noPrj, { name: 'a', encoding: 'utf-8', withPrj: false });
  const crs = await failure(importFile({ db, file: noPrj }));
  expect(crs.code).toBe('NO_CRS');
  expect(crs.text.en).toContain('--crs');
  expect(crs.text.en).toContain('EPSG:4526');
  const report = await importFile({ db, file: noPrj, stated: { crs: 'epsg:4526' } });
  made.add(report.layer);
  expect(report).toMatchObject({ status: 'published', crs: { name: 'EPSG:4526', confidence: 1 } });

  const wrong = await failure(importFile({ db, file: noPrj, stated: { crs: 'EPSG:4326' } }));
  expect(wrong.code).toBe('WRONG_CRS');
  expect(wrong.text.en).toMatch(/EPSG:4326.*EPSG:4526/);

  const noise = Buffer.concat([
    Buffer.from('id,text\n1,'),
    Buffer.from([0x81, 0xff, 0x00, 0xfe, 0xff]),
    Buffer.from('\n'),
  ]);
  const encoding = await failure(importText('noise.csv', noise));
  expect(encoding.code).toBe('UNKNOWN_ENCODING');
  expect(encoding.text.en).toContain('--encoding');
  // Nothing of these attempts is left.
  expect(await db.sql`select from app.user_layer where layer_id in ('user_noise')`).toHaveLength(0);
});

test('two header rows: the second is left out, and it says so', async () => {
  const body = Array.from({ length: 20 }, (_, i) => `金門縣,金門縣金城鎮,路${i}`).join('\n');
  const report = await importText('roads.csv', `\ufeffcity,site_id,road\n縣市名稱,行政區域名稱,路名\n${body}\n`);
  expect(report.rows).toMatchObject({ in: 20, accepted: 20 });
  expect(report.notes.join()).toContain('two header rows');
});

test('the same file again replaces the rows; a failing one leaves them', async () => {
  const first = await importText('again.csv', 'id,v\na,1\nb,2\n');
  const second = await importText('again.csv', 'id,v\na,1\nb,2\nc,3\n');
  expect(second.layer).toBe(first.layer);
  expect(await rows('user_again')).toHaveLength(3);
  await failure(importText('again.csv', ''));
  expect(await rows('user_again')).toHaveLength(3);
});

test('rows of the wrong shape are set aside with their line', async () => {
  const report = await importText('ragged.csv', 'id,a,b\n1,x,y\n2,x\n3,x,y,z\n4,"x\nx",y\n5,x,y\n');
  expect(report.rows).toMatchObject({ in: 5, accepted: 3, quarantined: 2 });
  const rejects = await db.sql<
    { line: number; code: string; raw: unknown }[]
  >`select line, code, raw from app.reject where load_id = ${report.load} order by line`;
  expect(rejects.map(({ line, code }) => [line, code])).toEqual([
    [3, 'TRUNCATED_ROW'],
    [4, 'ROW_SHAPE'],
  ]);
  expect(rejects[1]?.raw).toEqual({ id: '3', a: 'x', b: 'y', '#4': 'z' });
});

test('an id that belongs to the catalogue or is misspelt is refused', async () => {
  for (const id of ['person', 'user_Ä', 'user_x; drop table']) {
    expect((await failure(importText('x.csv', 'a,b\n1,2\n', { id }))).code).toBe('BAD_USAGE');
  }
});
