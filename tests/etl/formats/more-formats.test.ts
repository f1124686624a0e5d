import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { gzipSync } from 'node:zlib';
import { utils, write } from '@e965/xlsx';
import type { Geometry } from 'geojson';
import iconv from 'iconv-lite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ZipFile } from 'yazl';
import { LoadError } from '../../../etl/errors.ts';
import { Gdal } from '../../../etl/formats/gdal.ts';
import { openFile, type OpenOptions } from '../../../etl/formats/open.ts';
import type { RecordSource } from '../../../etl/formats/source.ts';

let dir = '';
let gdal: Promise<Gdal> | null = null;
const start = (): Promise<Gdal> => (gdal ??= Gdal.start());
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'one-map-formats-'));
});
afterAll(async () => {
  await (await gdal)?.close();
  await rm(dir, { recursive: true });
});

interface Read {
  source: RecordSource;
  columns: readonly string[];
  rows: unknown[][];
  records: Record<string, unknown>[];
  geometries: (Geometry | null)[];
}

async function read(name: string, options: Partial<OpenOptions> = {}): Promise<Read> {
  const { source } = await openFile(join(dir, name), { gdal: start, ...options });
  const rows: unknown[][] = [];
  const geometries: (Geometry | null)[] = [];
  try {
    for await (const batch of source.batches()) {
      rows.push(...batch.rows);
      geometries.push(...(batch.geometries ?? []));
    }
  } finally {
    await source.close();
  }
  const records = rows.map((row) => Object.fromEntries(source.columns.map((column, i) => [column, row[i]])));
  return { source, columns: source.columns, rows, records, geometries };
}

async function failure(work: Promise<unknown>): Promise<LoadError> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(LoadError);
  expect((error as LoadError).text.zh).toMatch(/\p{Script=Han}/u);
  return error as LoadError;
}

const put = (name: string, content: string | Buffer): Promise<void> => writeFile(join(dir, name), content);

async function putZip(name: string, members: Record<string, string | Buffer>): Promise<void> {
  const zip = new ZipFile();
  for (const [member, content] of Object.entries(members)) zip.addBuffer(Buffer.from(content), member);
  zip.end();
  await pipeline(zip.outputStream as NodeJS.ReadableStream, createWriteStream(join(dir, name)));
}

const square = (x: number, y: number, s: number, isHole: boolean): number[][] => {
  const ring = [
    [x, y],
    [x, y + s],
    [x + s, y + s],
    [x + s, y],
    [x, y],
  ];
  return isHole ? ring.toReversed() : ring;
};

const gmlPoint = (id: number, at: string): string =>
  `<gml:featureMember><t:a gml:id="a.${id}"><t:n>${id}</t:n><t:g><gml:Point srsName="EPSG:4326"><gml:pos>${at}</gml:pos></gml:Point></t:g></t:a></gml:featureMember>`;

const point = (n: number, name = 'a'): string =>
  `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"${name}":${n}},"geometry":{"type":"Point","coordinates":[1,2]}}]}`;

describe('text tables', () => {
  test('the delimiter is the one that cuts all lines alike', async () => {
    await put('bars.txt', 'name, full|id\n"a|b"|1\nc|2\n');
    expect(await read('bars.txt')).toMatchObject({
      columns: ['name, full', 'id'],
      rows: [
        ['a|b', '1'],
        ['c', '2'],
      ],
    });
    await put('semicolons.csv', '名称;面积\n甲;1,5\n乙;2,5\n');
    expect((await read('semicolons.csv')).columns).toEqual(['名称', '面积']);
  });

  test('Big5 by its bytes, with the byte 0x5C inside of characters', async () => {
    const lines = Array.from({ length: 40 }, (_, i) => `${i},臺北市信義區功許蓋路${i}號,育樂設施`);
    await put('big5.csv', iconv.encode(`編號,地址,類別\n${lines.join('\n')}\n`, 'big5'));
    const { source, records } = await read('big5.csv');
    expect(source.encoding).toBe('big5');
    expect(records[3]).toEqual({ 編號: '3', 地址: '臺北市信義區功許蓋路3號', 類別: '育樂設施' });
  });

  test('accented letters that stand alone are not taken for Big5', async () => {
    await put(
      'cafe.csv',
      iconv.encode(`id,name\n${Array.from({ length: 30 }, (_, i) => `${i},CAF\u00c1 R`).join('\n')}\n`, 'latin1'),
    );
    const { source } = await openFile(join(dir, 'cafe.csv'), { gdal: start }).catch((error: unknown) => {
      expect((error as LoadError).code).toBe('UNKNOWN_ENCODING');
      return { source: null };
    });
    expect(source?.encoding ?? 'refused').not.toBe('big5');
    await source?.close();
  });

  test('Windows-1252 keeps its quotes and its euro', async () => {
    await put('euro.csv', iconv.encode('id,name\n1,Café ’s “5 €”\n', 'windows-1252'));
    expect((await read('euro.csv', { encoding: 'windows-1252' })).rows).toEqual([['1', 'Café ’s “5 €”']]);
  });

  test('UTF-16 without byte order mark', async () => {
    await put('wide.csv', Buffer.from('id,name\n1,禅城\n2,南海\n3,plain\n', 'utf16le'));
    expect(await read('wide.csv')).toMatchObject({
      columns: ['id', 'name'],
      rows: [
        ['1', '禅城'],
        ['2', '南海'],
        ['3', 'plain'],
      ],
    });
  });

  test('a file without a header keeps its first record', async () => {
    await put('cells.txt', '85283473fffffff 37.3 -121.9\n8528347bfffffff 37.4 -121.8\n85283477fffffff 37.5 -121.7\n');
    const { columns, rows, source } = await read('cells.txt');
    expect(columns).toEqual(['column_1', 'column_2', 'column_3']);
    expect(rows).toHaveLength(3);
    expect(source.notes.join()).toContain('no header line');
  });

  test('two columns of one name, and one without, all keep their values', async () => {
    await put('twins.csv', '名称,名称,\na,b,c\n');
    const { columns, rows } = await read('twins.csv');
    expect(columns).toEqual(['名称', '名称_2', 'column_3']);
    expect(rows).toEqual([['a', 'b', 'c']]);
  });

  test('what is no table is refused', async () => {
    await put(
      'prose.txt',
      'Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do.\n\nUt enim ad minim\nveniam, quis; nostrud\n',
    );
    expect((await failure(read('prose.txt'))).code).toBe('UNSUPPORTED');
    await put('program.ts', "import { a } from 'b';\nconst x = [1, 2, 3];\nexport function f(): void {}\n");
    expect((await failure(read('program.ts'))).code).toBe('UNSUPPORTED');
    await put('nul.csv', 'id,name\n1,a\n2,b\0c\n');
    const nul = await failure(read('nul.csv'));
    expect([nul.code, nul.text.en]).toEqual(['UNREADABLE', expect.stringContaining('line 3')]);
    await put('page.csv', '<!DOCTYPE html><html><body>log in</body></html>');
    expect((await failure(read('page.csv'))).text.en).toContain('web page');
  });

  test('10 MB of garbage, and 10 MB on one line, are refused quickly', async () => {
    const noise = Buffer.alloc(10 << 20);
    for (let i = 0, seed = 7; i < noise.length; i += 1) {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      noise[i] = (seed >>> 16) & 0xff;
    }
    await put('noise.csv', noise);
    expect(['UNKNOWN_ENCODING', 'UNREADABLE', 'UNSUPPORTED']).toContain((await failure(read('noise.csv'))).code);
    await put('long.json', `[{"a":"${'x'.repeat(70 << 20)}"}]`);
    expect((await failure(read('long.json'))).code).toBe('LINE_TOO_LONG');
  });
});

describe('JSON', () => {
  test('an array of objects, with objects inside', async () => {
    await put('list.json', '[{"id":1,"at":{"street":"季华路","no":5},"tags":["a"]},{"id":2,"more":null}]');
    const { records, source } = await read('list.json');
    expect(source.format).toBe('json');
    expect(records).toEqual([
      { id: 1, 'at.street': '季华路', 'at.no': 5, tags: ['a'], more: null },
      { id: 2, 'at.street': null, 'at.no': null, tags: null, more: null },
    ]);
  });

  test('rows inside of an answer, and lists about them', async () => {
    await put(
      'answer.json',
      '{"Info":[{"total":"2"}],"ColumnList":[{"n":"a"},{"n":"b"}],"RowDataList":[{"a":"1","b":"]}"},{"a":"2","b":"\\\\\\""}]}',
    );
    const { records, source } = await read('answer.json');
    expect(records).toEqual([
      { a: '1', b: ']}' },
      { a: '2', b: '\\"' },
    ]);
    expect(source.notes.join()).toContain('ColumnList 2');
  });

  test('two lists of equal standing are chosen from', async () => {
    await put('two.json', '{"schools":[{"a":1},{"a":2}],"clinics":[{"b":1},{"b":2}]}');
    const error = await failure(read('two.json'));
    expect(error.code).toBe('CHOOSE_LAYER');
    expect(error.text.en).toContain('schools (2), clinics (2)');
    expect((await read('two.json', { layer: 'clinics' })).records).toEqual([{ b: 1 }, { b: 2 }]);
  });

  test('one object per line, cut by block borders', async () => {
    const lines = Array.from({ length: 50_000 }, (_, i) => JSON.stringify({ i, text: '字'.repeat(i % 20) }));
    await put('lines.ndjson', lines.join('\n'));
    const { records } = await read('lines.ndjson');
    expect(records).toHaveLength(50_000);
    expect(records.every(({ i }, n) => i === n)).toBe(true);
  });

  test('an answer of ArcGIS REST, with holes where they belong', async () => {
    const rings = [square(0, 0, 10, false), square(20, 0, 10, false), square(22, 2, 2, true)];
    await put(
      'esri.json',
      JSON.stringify({
        geometryType: 'esriGeometryPolygon',
        spatialReference: { wkid: 102_100, latestWkid: 3857 },
        features: [{ attributes: { OBJECTID: 1 }, geometry: { rings } }],
      }),
    );
    const { geometries, source } = await read('esri.json');
    expect(source.crs?.crs).toBe('EPSG:3857');
    expect(geometries[0]).toMatchObject({
      type: 'MultiPolygon',
      coordinates: [[expect.anything()], [expect.anything(), rings[2]]],
    });
  });

  test('polygons of plain records', async () => {
    await put('heights.json', '[{"height":5,"polygon":[[0,0],[1,0],[1,1],[0,0]]}]');
    const { geometries, columns } = await read('heights.json');
    expect(columns).toEqual(['height']);
    expect(geometries[0]?.type).toBe('Polygon');
  });

  test('a bare geometry, the id of a feature, and a list that holds no feature', async () => {
    await put('bare.geojson', '{"type":"Point","coordinates":[1,2]}');
    expect((await read('bare.geojson')).geometries).toEqual([{ type: 'Point', coordinates: [1, 2] }]);
    await put(
      'ids.geojson',
      '{"type":"FeatureCollection","features":[{"type":"Feature","id":"a7","properties":{"n":1},"geometry":null}]}',
    );
    expect((await read('ids.geojson')).records).toEqual([{ id: 'a7', n: 1 }]);
    await put('bad.geojson', '{"type":"FeatureCollection","features":["lost"]}');
    expect((await failure(read('bad.geojson'))).text.en).toContain('"lost"');
    await put('mixed.json', '[{"a":1},"lost"]');
    expect((await failure(read('mixed.json'))).text.en).toContain('no objects');
    await put('object.json', '{"name":"config","values":{"a":1}}');
    expect((await failure(read('object.json'))).code).toBe('UNSUPPORTED');
  });
});

describe('KML', () => {
  test('folders, extended data, tables in descriptions, shapes', async () => {
    const kml = `<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2" xmlns:gx="x"><Document><Folder><name>公园</name>
      <Placemark id="p1"><name>中山公园</name><ExtendedData><Data name="area"><value>28</value></Data></ExtendedData>
        <Point><coordinates>113.1, 23.0,0</coordinates></Point></Placemark>
      <Placemark><description><![CDATA[<table><tr><td>CODE</td><td>7 &amp; 8</td></tr><tr><td>KIND</td><td>x</td></tr></table>]]></description>
        <MultiGeometry><Polygon><outerBoundaryIs><LinearRing><coordinates>0,0 1,0 1,1 0,0</coordinates></LinearRing></outerBoundaryIs></Polygon>
        <Polygon><outerBoundaryIs><LinearRing><coordinates>5,5 6,5 6,6 5,5</coordinates></LinearRing></outerBoundaryIs></Polygon></MultiGeometry></Placemark>
      </Folder><NetworkLink><Link><href>http://x/y.kml</href></Link></NetworkLink></Document></kml>`;
    await putZip('parks.kmz', { 'doc.kml': kml, 'files/icon.png': 'x' });
    const { records, geometries, source } = await read('parks.kmz');
    expect(source).toMatchObject({ format: 'kml', crs: { crs: 'EPSG:4326' } });
    expect(records[0]).toMatchObject({ id: 'p1', folder: '公园', name: '中山公园', area: '28' });
    expect(records[1]).toMatchObject({ CODE: '7 & 8', KIND: 'x' });
    expect(Object.keys(records[0] ?? {})).not.toContain('description');
    expect(geometries.map((shape) => shape?.type)).toEqual(['Point', 'MultiPolygon']);
    expect(source.notes.join()).toContain('1 NetworkLink');
  });

  test('cut short, it says in which line', async () => {
    await put('cut.kml', '<kml>\n<Placemark><name>a</name>');
    expect((await failure(read('cut.kml'))).text.en).toContain('line 2');
  });
});

describe('XML', () => {
  test('repeated elements are records, in the encoding declared', async () => {
    const xml =
      '<?xml version="1.0" encoding="GBK"?><年报><项 id="1"><名称>禅城</名称><值>5</值></项><项 id="2"><名称>南海</名称><值/></项></年报>';
    await put('report.xml', iconv.encode(xml, 'gbk'));
    expect((await read('report.xml')).records).toEqual([
      { id: '1', 名称: '禅城', 值: '5' },
      { id: '2', 名称: '南海', 值: '' },
    ]);
  });
});

describe('formats of GDAL', () => {
  test('GML with latitude first', async () => {
    await put(
      'axes.gml',
      `<?xml version="1.0"?><gml:FeatureCollection xmlns:gml="http://www.opengis.net/gml" xmlns:t="http://t">${gmlPoint(1, '23.0 113.1')}${gmlPoint(2, '23.1 113.2')}</gml:FeatureCollection>`,
    );
    const { geometries, source } = await read('axes.gml');
    expect(source.format).toBe('gml');
    expect(geometries[0]).toEqual({ type: 'Point', coordinates: [113.1, 23] });
  });

  test('GPX: lines and points are layers; the points of lines are not', async () => {
    await put(
      'walk.gpx',
      '<gpx version="1.1" creator="t" xmlns="http://www.topografix.com/GPX/1/1"><trk><name>巡查</name><trkseg><trkpt lat="23" lon="113"/><trkpt lat="23.1" lon="113.1"/></trkseg></trk></gpx>',
    );
    const { records, geometries } = await read('walk.gpx');
    expect(records[0]?.['name']).toBe('巡查');
    expect(geometries[0]?.type).toBe('MultiLineString');
  });

  test('MapInfo MIF with Chinese texts, zipped', async () => {
    const mif =
      'Version 300\nCharset "WindowsSimpChinese"\nDelimiter ","\nCoordSys Earth Projection 1, 104\nColumns 2\n  名称 Char(20)\n  no Integer\nData\n\nPoint 113.1 23.0\nPoint 113.2 23.1\n';
    await putZip('mif.zip', {
      'a/点.mif': iconv.encode(mif, 'gbk'),
      'a/点.mid': iconv.encode('"禅城区",1\n"堃记街道",2\n', 'gbk'),
    });
    const { records, source } = await read('mif.zip');
    expect(source).toMatchObject({ format: 'mapinfo', encoding: 'gb18030' });
    expect(records).toEqual([
      { 名称: '禅城区', no: 1 },
      { 名称: '堃记街道', no: 2 },
    ]);
  });

  test('DXF states no CRS', async () => {
    await put(
      'plan.dxf',
      '0\nSECTION\n2\nENTITIES\n0\nLINE\n8\nROAD\n10\n1.0\n20\n2.0\n11\n3.0\n21\n4.0\n0\nENDSEC\n0\nEOF\n',
    );
    const { geometries, source } = await read('plan.dxf');
    expect(source).toMatchObject({ format: 'dxf', crs: null });
    expect(geometries).toEqual([
      {
        type: 'LineString',
        coordinates: [
          [1, 2],
          [3, 4],
        ],
      },
    ]);
  });

  const osm =
    '<?xml version="1.0"?><osm version="0.6"><node id="1" lat="23.0" lon="113.0" version="1"><tag k="name" v="站"/><tag k="highway" v="bus_stop"/></node><node id="2" lat="23.1" lon="113.1" version="1"/><node id="3" lat="23.2" lon="113.1" version="1"/><way id="9" version="1"><nd ref="2"/><nd ref="3"/><tag k="highway" v="residential"/></way></osm>';
  test('OpenStreetMap, gzipped: a layer must be named', async () => {
    await put('map.osm.gz', gzipSync(osm));
    const error = await failure(read('map.osm.gz'));
    expect(error.code).toBe('CHOOSE_LAYER');
    expect(error.text.en).toContain('map.osm holds 5 layers: points, lines');
    expect((await read('map.osm.gz', { layer: 'points' })).records[0]?.['name']).toBe('站');
    expect((await read('map.osm.gz', { layer: 'lines' })).geometries).toHaveLength(1);
  });

  test('GTFS: stops are points', async () => {
    await putZip('feed.zip', {
      'agency.txt': 'agency_id,agency_name,agency_url,agency_timezone\n1,公交,http://x,Asia/Shanghai\n',
      'stops.txt': 'stop_id,stop_name,stop_lat,stop_lon\ns1,祖庙,23.03,113.11\ns2,季华园,23.01,113.1\n',
      'routes.txt': 'route_id,route_short_name,route_type\nr1,101,3\n',
      'calendar.txt':
        'service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\nd,1,1,1,1,1,1,1,20260101,20261231\n',
      'trips.txt': 'route_id,service_id,trip_id\nr1,d,t1\n',
      'stop_times.txt': 'trip_id,arrival_time,departure_time,stop_id,stop_sequence\nt1,08:00:00,08:00:00,s1,1\n',
    });
    expect((await failure(read('feed.zip'))).text.en).toContain('--layer');
    const { geometries, records } = await read('feed.zip', { layer: 'stops' });
    expect(geometries[0]).toEqual({ type: 'Point', coordinates: [113.11, 23.03] });
    expect(records[1]?.['stop_name']).toBe('季华园');
  });
});

describe('workbooks', () => {
  test('XLS: days as days, texts as texts, the header below a title', async () => {
    const sheet = utils.aoa_to_sheet([
      ['2026 年树木普查'],
      ['编号', '树种', '日期', '胸径'],
      ['0071', '榕树', 46_023, 1.5],
      ['0072', '㘵木', 46_024.5, 2],
    ]);
    for (const at of ['C3', 'C4']) (sheet[at] as { z: string }).z = 'yyyy-mm-dd hh:mm';
    const book = utils.book_new();
    utils.book_append_sheet(book, sheet, '树木');
    await put('trees.xls', write(book, { type: 'buffer', bookType: 'biff8' }) as Buffer);
    const { source, records } = await read('trees.xls');
    expect(source.format).toBe('xls');
    expect(records).toEqual([
      { 编号: '0071', 树种: '榕树', 日期: '2026-01-01', 胸径: 1.5 },
      { 编号: '0072', 树种: '㘵木', 日期: '2026-01-02 12:00:00', 胸径: 2 },
    ]);
  });

  test('two sheets with content are chosen from; a damaged one is refused', async () => {
    const book = utils.book_new();
    for (const name of ['一月', '二月'])
      utils.book_append_sheet(
        book,
        utils.aoa_to_sheet([
          ['a', 'b'],
          [name, 2],
        ]),
        name,
      );
    const bytes = write(book, { type: 'buffer', bookType: 'biff8' }) as Buffer;
    await put('months.xls', bytes);
    expect((await failure(read('months.xls'))).code).toBe('CHOOSE_LAYER');
    expect((await read('months.xls', { layer: '二月' })).rows).toEqual([['二月', 2]]);
    await put('damaged.xls', bytes.subarray(0, 700));
    expect(['UNREADABLE', 'UNSUPPORTED']).toContain((await failure(read('damaged.xls'))).code);
  });
});

describe('archives', () => {
  test('files with the same columns make one layer, others are chosen from', async () => {
    await putZip('parts.zip', { 'n.geojson': point(1), 's.geojson': point(2), 'readme.txt': 'a note, and more' });
    const { records, source } = await read('parts.zip');
    expect(records).toEqual([{ a: 1 }, { a: 2 }]);
    expect(source.notes.join()).toContain('n.geojson, s.geojson');
    await putZip('mixed.zip', { 'n.geojson': point(1), 's.geojson': point(2, 'b') });
    expect((await failure(read('mixed.zip'))).code).toBe('CHOOSE_LAYER');
    expect((await read('mixed.zip', { layer: 's' })).records).toEqual([{ b: 2 }]);
  });

  test('pictures, documents and rasters say what to hand in instead', async () => {
    await put('scan.pdf', '%PDF-1.4 …');
    await put('photo.jpg', Buffer.from([0xff, 0xd8, 0xff, 0xe0]));
    await put('dem.tif', Buffer.from('II*\0aaaa', 'latin1'));
    await put('plan.dwg', 'AC1032 …');
    await putZip('letter.docx', { 'word/document.xml': '<w/>' });
    for (const [name, hint] of [
      ['scan.pdf', 'CSV'],
      ['photo.jpg', 'data'],
      ['dem.tif', 'import the raster as a layer of its own'],
      ['plan.dwg', 'DXF'],
      ['letter.docx', 'CSV or XLSX'],
    ] as const) {
      const error = await failure(read(name));
      expect([error.code, error.text.en], name).toEqual(['UNSUPPORTED', expect.stringContaining(hint)]);
    }
    await mkdir(join(dir, 'folder'));
    expect((await failure(read('folder'))).text.en).toContain('watch');
  });
});
