import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import iconv from 'iconv-lite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ZipFile } from 'yazl';
import { LoadError } from '../../../etl/errors.ts';
import { Gdal } from '../../../etl/formats/gdal.ts';
import { detectFormat, openFile, type OpenOptions } from '../../../etl/formats/open.ts';
import type { RecordSource } from '../../../etl/formats/source.ts';
import { openWriter } from '../../../etl/demo/files/open-writer.ts';
import { getLayer } from '../../../layers/index.ts';
import { writeShapefile } from '../support/shapefile.ts';

let dir = '';
let gdal: Promise<Gdal> | null = null;
const start = (): Promise<Gdal> => (gdal ??= Gdal.start());
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'one-map-open-'));
});
afterAll(async () => {
  await (await gdal)?.close();
  await rm(dir, { recursive: true });
});

interface Read {
  columns: readonly string[];
  rows: unknown[][];
  lines: number[];
  geometries: unknown[];
  source: RecordSource;
}

async function read(name: string, options: Partial<OpenOptions> = {}): Promise<Read> {
  const { source } = await openFile(join(dir, name), { gdal: start, ...options });
  const result: Read = { columns: source.columns, rows: [], lines: [], geometries: [], source };
  try {
    for await (const batch of source.batches()) {
      result.rows.push(...batch.rows);
      result.lines.push(...batch.lines);
      result.geometries.push(...(batch.geometries ?? []));
    }
  } finally {
    await source.close();
  }
  return result;
}

async function failure(work: Promise<unknown>): Promise<LoadError> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(LoadError);
  return error as LoadError;
}

const put = (name: string, content: string | Buffer): Promise<void> => writeFile(join(dir, name), content);

describe('CSV', () => {
  test('GB18030 with CRLF and a character beyond GBK', async () => {
    await put('a.csv', iconv.encode('编码,名称\r\n1,㘵村\r\n2,禅城区\r\n', 'gb18030'));
    const { columns, rows, lines, source } = await read('a.csv');
    expect(source.encoding).toBe('gb18030');
    expect(columns).toEqual(['编码', '名称']);
    expect(rows).toEqual([
      ['1', '㘵村'],
      ['2', '禅城区'],
    ]);
    expect(lines).toEqual([2, 3]);
  });

  test('byte order mark, semicolons, UTF-16', async () => {
    await put('b.csv', '\ufeffid;名称\n1;禅城\n');
    expect((await read('b.csv')).columns).toEqual(['id', '名称']);
    await put('c.csv', Buffer.from('\ufeffid\t名称\n1\t禅城\n', 'utf16le'));
    expect(await read('c.csv')).toMatchObject({ columns: ['id', '名称'], rows: [['1', '禅城']] });
  });

  test('many blocks: every row once, with its line', async () => {
    const rows = Array.from({ length: 60_000 }, (_, i) => `${i},"行 ${i}\n第二行",${'x'.repeat(i % 50)}`);
    await put('big.csv', `id,text,pad\n${rows.join('\n')}\n`);
    const result = await read('big.csv');
    expect(result.rows).toHaveLength(60_000);
    expect(result.rows.every((row, i) => row[0] === String(i) && row[1] === `行 ${i}\n第二行`)).toBe(true);
    expect(result.lines.every((line, i) => line === 2 + i * 2)).toBe(true);
  });

  test('a stated encoding that the bytes contradict', async () => {
    await put('wrong.csv', '编码,名称\n1,禅城区\n');
    expect((await failure(read('wrong.csv', { encoding: 'gb18030' }))).code).toBe('UNKNOWN_ENCODING');
    await put('wrong2.csv', iconv.encode('编码,名称\n1,佛山市禅城区祖庙街道\n', 'gb18030'));
    const error = await failure(read('wrong2.csv', { encoding: 'utf-8' }));
    expect(error.code).toBe('UNKNOWN_ENCODING');
    expect(error.text.en).toContain('gb18030');
  });

  test('bytes that are no text of the encoding name their line', async () => {
    await put(
      'broken.csv',
      Buffer.concat([Buffer.from('id,a\n1,x\n2,'), Buffer.from([0xff, 0xfe, 0x80]), Buffer.from('\n')]),
    );
    const error = await failure(read('broken.csv', { encoding: 'utf-8' }));
    expect(error.code).toBe('UNKNOWN_ENCODING');
    expect(error.text.en).toContain('line 3');
  });

  test('a line of 50 MB is refused without reading it into memory', async () => {
    const stream = createWriteStream(join(dir, 'long.csv'));
    stream.write('id,text\n1,short\n2,');
    const piece = Buffer.alloc(1 << 20, 0x78);
    for (let i = 0; i < 50; i += 1) stream.write(piece);
    await new Promise<void>((resolve) => stream.end('\n', () => resolve()));
    const before = process.memoryUsage().rss;
    const error = await failure(read('long.csv'));
    expect(error.code).toBe('LINE_TOO_LONG');
    expect(error.text.en).toContain('line 3');
    expect(process.memoryUsage().rss - before).toBeLessThan(40 << 20);
  });

  test('an unclosed quote is found before it swallows the file', async () => {
    await put('quote.csv', `id,text\n1,"open\n${'2,x\n'.repeat(600_000)}`);
    expect((await failure(read('quote.csv'))).code).toBe('LINE_TOO_LONG');
  });

  test('nothing in it', async () => {
    await put('zero.csv', '');
    expect((await failure(read('zero.csv'))).code).toBe('EMPTY_FILE');
    await put('blank.csv', '\n\n  \n');
    expect((await failure(read('blank.csv'))).code).toBe('EMPTY_FILE');
  });
});

function feature(id: number, extra = ''): string {
  return `{"type":"Feature","properties":{"id":${id},"text":"a } ] \\" {"${extra}},"geometry":{"type":"Point","coordinates":[113.1,23.0]}}`;
}

describe('GeoJSON', () => {
  test('collection, with braces in texts, members around it, all columns', async () => {
    await put(
      'a.geojson',
      `\ufeff{"name":"x","bbox":[1,2,3,4],"crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4490"}},"features": [\n${feature(1)},\n${feature(2, ',"more":true')}\n],"type":"FeatureCollection"}`,
    );
    const { columns, rows, lines, source } = await read('a.geojson');
    expect(columns).toEqual(['id', 'text', 'more']);
    expect(rows).toEqual([
      [1, 'a } ] " {', null],
      [2, 'a } ] " {', true],
    ]);
    expect(lines).toEqual([1, 2]);
    expect(source.crs).toMatchObject({ crs: 'EPSG:4490', from: 'crs member' });
  });

  test('a crs member after the features is not overlooked', async () => {
    await put(
      'late.geojson',
      `{"type":"FeatureCollection","features":[${feature(1)}],"pad":"${'x'.repeat(1 << 20)}","crs":{"type":"name","properties":{"name":"EPSG:3857"}}}`,
    );
    expect((await failure(read('late.geojson'))).code).toBe('WRONG_CRS');
  });

  test('features cut by the borders of blocks', async () => {
    const features = Array.from({ length: 30_000 }, (_, i) => feature(i, `,"pad":"${'字'.repeat(i % 30)}"`));
    await put('big.geojson', `{"type":"FeatureCollection","features":[${features.join(',')}]}`);
    const { rows } = await read('big.geojson');
    expect(rows).toHaveLength(30_000);
    expect(rows.every((row, i) => row[0] === i)).toBe(true);
  });

  test('one feature per line, and RFC 8142', async () => {
    await put('lines.geojson', `${feature(1)}\n${feature(2)}\n`);
    expect((await read('lines.geojson')).rows).toHaveLength(2);
    await put('seq.geojson', `\u001e${feature(1)}\n\u001e${feature(2)}\n`);
    expect((await read('seq.geojson')).rows).toHaveLength(2);
  });

  test('NaN says where it is', async () => {
    await put(
      'nan.geojson',
      `{"type":"FeatureCollection","features":[${feature(1)},{"type":"Feature","properties":{"text":"NaN"},"geometry":{"type":"Point","coordinates":[NaN,23]}}]}`,
    );
    const error = await failure(read('nan.geojson'));
    expect(error.code).toBe('UNREADABLE');
    expect(error.text.en).toMatch(/feature 2, character \d+: NaN is not a JSON number/);
    expect(error.text.zh).toContain('NaN');
  });

  test('cut short', async () => {
    await put('cut.geojson', `{"type":"FeatureCollection","features":[${feature(1)},{"type":"Fea`);
    const error = await failure(read('cut.geojson'));
    expect(error.code).toBe('UNREADABLE');
    expect(error.text.en).toContain('after feature 1');
  });

  test('something else', async () => {
    await put('topo.json', '{"type":"Topology","objects":{}}');
    expect((await failure(read('topo.json'))).text.en).toContain('"Topology"');
    await put('array.json', '[1,2]');
    expect((await failure(read('array.json'))).text.en).toContain('an array of objects');
    await put('text.json', 'not JSON');
    expect((await failure(read('text.json'))).text.en).toContain('should begin with { or [');
  });
});

describe('formats of GDAL', () => {
  test('zipped Shapefile: GBK texts and member names, folders, .prj', async () => {
    await writeShapefile(join(dir, 'areas.zip'), {
      folder: '数据/2026',
      name: '禅城区界',
      encoding: 'gb18030',
      isFlagged: false,
    });
    const { columns, rows, geometries, source } = await read('areas.zip');
    expect(columns).toEqual(['名称', '编码']);
    // 0x5C ends the GBK code of 乗: it must not be taken for a backslash.
    expect(rows).toEqual([
      ['禅城区', 1],
      ['乗字\\', 2],
    ]);
    expect(geometries[0]).toMatchObject({ type: 'Point', coordinates: [38_409_011.597, 2_546_983.778] });
    expect(source).toMatchObject({ format: 'shapefile', encoding: 'gb18030', crs: { crs: 'EPSG:4526', from: '.prj' } });
  });

  test('without .prj it has no CRS', async () => {
    await writeShapefile(join(dir, 'noprj.zip'), { name: 'a', encoding: 'gb18030', withPrj: false });
    expect((await read('noprj.zip')).source.crs).toBeNull();
  });

  test('a zip cut anywhere is a truncated archive', async () => {
    await writeShapefile(join(dir, 'whole.zip'), { name: 'a', encoding: 'utf-8' });
    const whole = await readFile(join(dir, 'whole.zip'));
    for (const share of [0.2, 0.6, 0.95]) {
      await put('cut.zip', whole.subarray(0, Math.floor(whole.length * share)));
      expect((await failure(read('cut.zip'))).code).toBe('TRUNCATED_ARCHIVE');
    }
    // One byte of the attribute table changed.
    const damaged = Buffer.from(whole);
    const at = damaged.indexOf('a.dbf') + 45;
    damaged.writeUInt8(damaged.readUInt8(at) ^ 0xff, at);
    await put('damaged.zip', damaged);
    expect((await failure(read('damaged.zip'))).code).toBe('TRUNCATED_ARCHIVE');
  });

  test('a zip without a shapefile says what is in it', async () => {
    const zip = new ZipFile();
    zip.addBuffer(Buffer.from('hello'), 'readme.doc');
    zip.end();
    const stream = createWriteStream(join(dir, 'other.zip'));
    await pipeline(zip.outputStream as NodeJS.ReadableStream, stream);
    expect((await failure(read('other.zip'))).text.en).toContain('readme.doc');
  });

  test('GeoPackage and workbook, as the demo writes them', async () => {
    const grid = getLayer('governance_grid');
    const writer = openWriter(grid, dir);
    const rings = [
      [
        [113, 23],
        [113, 23.01],
        [113.01, 23.01],
        [113, 23],
      ],
    ] as const;
    writer.write({
      values: {
        grid_code: '440604012018W001',
        name: '一网格',
        community_code: '440604012018',
        grid_leader: null,
        households: 5,
        population: 9,
        enterprises: 1,
      },
      shape: { type: 'Polygon', rings },
    });
    await writer.finish();
    const { columns, rows, source } = await read(grid.source.file);
    expect(source).toMatchObject({ format: 'gpkg', crs: { crs: 'EPSG:4490' } });
    expect(rows[0]?.[columns.indexOf('网格编码')]).toBe('440604012018W001');
    const whole = await readFile(join(dir, grid.source.file));
    await put('cut.gpkg', whole.subarray(0, whole.length - 8192));
    expect((await failure(read('cut.gpkg'))).code).toBe('TRUNCATED_ARCHIVE');
  });

  test('content decides, not the name', async () => {
    await put('renamed.csv', '{"type":"FeatureCollection","features":[]}');
    expect((await detectFormat(join(dir, 'renamed.csv'))).format).toBe('json-text');
    expect((await read('renamed.csv')).source.format).toBe('geojson');
    await put('fake.xlsx', 'a,b\n1,2\n');
    expect((await failure(read('fake.xlsx'))).code).toBe('TRUNCATED_ARCHIVE');
    await put('fake.gpkg', 'nonsense');
    expect((await failure(read('fake.gpkg'))).code).toBe('UNREADABLE');
  });
});
