import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { LoadError } from '../../etl/errors.ts';
import { importFile, type ImportOptions } from '../../etl/import.ts';
import type { LoadReport } from '../../etl/report.ts';
import { LoadSession } from '../../etl/session.ts';
import { remoteKind } from '../../etl/sources/remote.ts';
import { loadRemote } from '../../etl/sources/load-remote.ts';
import { parseLayer } from '../../layers/parse.ts';
import type { Database } from '../../server/db/connect.ts';
import { testDatabase } from '../support/database.ts';

type Handler = (request: IncomingMessage, response: ServerResponse, url: URL) => void;

let db: Database;
let server: Server;
let base = '';
let handler: Handler = (_request, response) => response.end();
/** Paths with query, as they were asked for. */
let asked: string[] = [];
const made = new Set<string>();

beforeAll(async () => {
  db = await testDatabase();
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    handler(request, response, new URL(request.url ?? '', base));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  asked = [];
});
afterAll(async () => {
  for (const id of made) {
    await db.sql.unsafe(`drop table if exists layers."${id}"`);
    await db.sql`delete from app.layer_state where layer_id = ${id}`;
    await db.sql`delete from app.user_layer where layer_id = ${id}`;
    await db.sql`delete from app.meta where key = ${`source:${id}`}`;
  }
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function load(path: string, options: Partial<ImportOptions> = {}): Promise<LoadReport> {
  const report = await importFile({ db, file: `${base}${path}`, ...options });
  made.add(report.layer);
  return report;
}

async function failure(work: Promise<unknown>): Promise<LoadError> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(LoadError);
  return error as LoadError;
}

function json(response: ServerResponse, body: unknown): void {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(body));
}

const feature = (n: number): unknown => ({
  type: 'Feature',
  properties: { n },
  geometry: { type: 'Point', coordinates: [10 + n / 1000, 50] },
});

const member = (n: number): string =>
  `<wfs:member><t:a gml:id="a.${n}"><t:n>${n}</t:n><t:g><gml:Point srsName="urn:ogc:def:crs:EPSG::4326"><gml:pos>23.${n} 113.1</gml:pos></gml:Point></t:g></t:a></wfs:member>`;

/** A layer of 23 features, ten a page. */
const arcgis = (canPage: boolean): Handler => {
  const all = Array.from({ length: 23 }, (_, i) => i + 1);
  return (_request, response, url) => {
    const query = url.searchParams;
    if (!url.pathname.endsWith('/query')) {
      json(response, {
        maxRecordCount: 10,
        objectIdField: 'FID',
        advancedQueryCapabilities: { supportsPagination: canPage },
        ...(canPage ? { editingInfo: { lastEditDate: 1_700_000_000_000 } } : {}),
      });
      return;
    }
    if (query.get('returnCountOnly') === 'true') {
      json(response, { count: 23 });
      return;
    }
    const last = Number(/FID > (-?\d+)/.exec(query.get('where') ?? '')?.[1] ?? -1);
    const offset = Number(query.get('resultOffset') ?? 0);
    const ids = (canPage ? all.slice(offset) : all.filter((id) => id > last)).slice(0, 10);
    json(response, {
      features: ids.map((FID) => ({ attributes: { FID, name: `n${FID}` }, geometry: { x: 10 + FID / 100, y: 50 } })),
      exceededTransferLimit: ids.length === 10,
    });
  };
};

describe('a file', () => {
  test('is loaded once and asked for again with its ETag', async () => {
    let body = 'id,lon,lat\na,10,50\nb,11,51\n';
    handler = (request, response) => {
      const etag = `"${body.length}"`;
      response.setHeader('etag', etag);
      if (request.headers['if-none-match'] === etag) {
        response.statusCode = 304;
        response.end();
        return;
      }
      response.end(body);
    };
    const first = await load('/data/http_places.csv?token=secret');
    expect(first).toMatchObject({ status: 'published', layer: 'user_http_places', rows: { in: 2, accepted: 2 } });
    expect(first.file?.path).toBe(`${base}/data/http_places.csv?token=***`);
    const [row] = await db.sql<
      { source_file: string }[]
    >`select source_file from app.load where load_id = ${first.load}`;
    expect(row?.source_file).not.toContain('secret');

    expect(await load('/data/http_places.csv?token=secret')).toMatchObject({ status: 'unchanged', load: null });
    body += 'c,12,52\n';
    expect(await load('/data/http_places.csv?token=secret')).toMatchObject({ status: 'published', rows: { in: 3 } });
  });

  test('without validators is known by its content, and loaded again when its rows are gone', async () => {
    handler = (_request, response) => response.end('id,v\na,1\nb,2\n');
    expect((await load('/http_plain.csv')).status).toBe('published');
    expect((await load('/http_plain.csv')).status).toBe('unchanged');
    await db.sql`delete from app.layer_state where layer_id = 'user_http_plain'`;
    expect((await load('/http_plain.csv')).status).toBe('published');
  });

  test('that failed to load is asked for anew', async () => {
    let body = '<!DOCTYPE html><p>log in</p>';
    handler = (_request, response) => {
      response.setHeader('etag', '"same"');
      response.end(body);
    };
    expect((await failure(load('/http_login.csv'))).code).toBe('UNSUPPORTED');
    body = 'id,v\na,1\n';
    expect((await load('/http_login.csv')).status).toBe('published');
  });
});

describe('failures say what happened', () => {
  test.each([
    [404, 'no such address'],
    [403, 'refuses access'],
    [503, 'busy'],
    [500, 'answered 500'],
  ])('status %i', async (status, hint) => {
    handler = (_request, response) => {
      response.statusCode = status;
      response.end('<b>sorry</b>');
    };
    const error = await failure(load('/x.csv'));
    expect([error.code, error.text.en]).toEqual(['DOWNLOAD_FAILED', expect.stringContaining(hint)]);
  });

  test('silence, an answer without end, one that is too large, one cut off, nobody there', async () => {
    handler = () => {};
    expect((await failure(load('/x.csv', { limits: { idleMs: 200 } }))).text.en).toContain('no data for 0.2 s');
    handler = (_request, response) => {
      const timer = setInterval(() => response.write('a,b\n'), 20);
      response.on('close', () => clearInterval(timer));
    };
    expect((await failure(load('/x.csv', { limits: { totalMs: 300 } }))).text.en).toContain(
      'not finished within 0.3 s',
    );
    expect((await failure(load('/x.csv', { limits: { maxBytes: 100 } }))).text.en).toContain('larger than 100 bytes');
    handler = (_request, response) => {
      response.setHeader('content-length', '1000');
      response.write('a,b\n1,2\n');
      setTimeout(() => response.destroy(), 50);
    };
    expect((await failure(load('/x.csv'))).text.en).toContain('broke off');
    handler = (_request, response) => response.end();
    expect((await failure(load('/x.csv'))).text.en).toContain('0 bytes');
    const error = await failure(importFile({ db, file: 'http://127.0.0.1:9/x.csv' }));
    expect(error.code).toBe('DOWNLOAD_FAILED');
  });
});

describe('services', () => {
  test('are told by their address', () => {
    expect(remoteKind('https://x/collections/parks')).toBe('ogc-features');
    expect(remoteKind('https://x/ogc/collections/a:b/items?limit=5')).toBe('ogc-features');
    expect(remoteKind('https://x/wfs?SERVICE=WFS&typeNames=a')).toBe('wfs');
    expect(remoteKind('https://x/arcgis/rest/services/P/MapServer/3/query?where=1%3D1')).toBe('arcgis');
    expect(remoteKind('https://x/parks.geojson')).toBe('file');
    expect(() => remoteKind('https://x/arcgis/rest/services/P/FeatureServer')).toThrow(/FeatureServer\/0/);
  });

  test('OGC API Features: all pages, by their links', async () => {
    handler = (_request, response, url) => {
      const offset = Number(url.searchParams.get('offset') ?? 0);
      const features = Array.from({ length: Math.min(10, 25 - offset) }, (_, i) => feature(offset + i));
      const links =
        offset + 10 < 25
          ? [{ rel: 'next', type: 'application/geo+json', href: `/collections/http_parks/items?offset=${offset + 10}` }]
          : [];
      json(response, { type: 'FeatureCollection', numberMatched: 25, features, links });
    };
    const report = await load('/collections/http_parks');
    expect(report).toMatchObject({ status: 'published', layer: 'user_http_parks', rows: { in: 25, accepted: 25 } });
    expect(asked).toHaveLength(3);
    expect((await load('/collections/http_parks')).status).toBe('unchanged');
  });

  test('pages that hold less than was promised, and links in a circle', async () => {
    handler = (_request, response) =>
      json(response, { type: 'FeatureCollection', numberMatched: 9, features: [feature(1)], links: [] });
    expect((await failure(load('/collections/a/items'))).text.en).toContain('promises 9 features, its pages held 1');
    handler = (_request, response, url) =>
      json(response, { type: 'FeatureCollection', features: [feature(1)], links: [{ rel: 'next', href: url.href }] });
    expect((await failure(load('/collections/a/items'))).text.en).toContain('leads back');
  });

  test('WFS 2.0: pages by start index, in the reference system it names', async () => {
    handler = (_request, response, url) => {
      const start = Number(url.searchParams.get('startIndex'));
      const count = Number(url.searchParams.get('count'));
      expect(url.searchParams.get('request')).toBe('GetFeature');
      const all = Array.from({ length: 7 }, (_, n) => ({
        ...(feature(n) as object),
        geometry: { type: 'Point', coordinates: [1_000_000 + n, 6_000_000] },
      }));
      json(response, {
        type: 'FeatureCollection',
        numberMatched: 7,
        crs: { type: 'name', properties: { name: 'urn:ogc:def:crs:EPSG::3857' } },
        features: all.slice(start, start + count),
      });
    };
    const report = await load('/geoserver/wfs?service=WFS&typeNames=http_trees&count=3');
    expect(report).toMatchObject({
      status: 'published',
      layer: 'user_http_trees',
      rows: { accepted: 7 },
      crs: { name: 'EPSG:3857' },
    });
    expect(asked).toHaveLength(3);
  });

  test('WFS that has only GML', async () => {
    handler = (_request, response, url) => {
      response.setHeader('content-type', 'text/xml');
      if (url.searchParams.get('outputFormat') === 'application/json') {
        response.end(
          '<ows:ExceptionReport xmlns:ows="o"><ows:ExceptionText>no such format</ows:ExceptionText></ows:ExceptionReport>',
        );
        return;
      }
      response.end(
        `<wfs:FeatureCollection xmlns:wfs="http://www.opengis.net/wfs/2.0" xmlns:gml="http://www.opengis.net/gml/3.2" xmlns:t="http://t" numberMatched="2" numberReturned="2">${member(1)}${member(2)}</wfs:FeatureCollection>`,
      );
    };
    const report = await load('/wfs?service=WFS&typeNames=t:http_gml', { id: 'user_http_gml' });
    expect(report).toMatchObject({ status: 'published', format: 'gml', rows: { accepted: 2 } });
    expect(report.bbox?.[0]).toBeCloseTo(113.1, 6);
  });

  test('ArcGIS REST: by offset, and not again before its next edit', async () => {
    handler = arcgis(true);
    const path = '/arcgis/rest/services/HttpPaged/FeatureServer/0';
    expect(await load(path)).toMatchObject({ status: 'published', rows: { in: 23, accepted: 23 } });
    asked = [];
    expect((await load(path)).status).toBe('unchanged');
    expect(asked).toHaveLength(1);
  });

  test('ArcGIS REST: by object id where the service does not page', async () => {
    handler = arcgis(false);
    const report = await load('/arcgis/rest/services/HttpById/MapServer/2/query?where=1%3D1');
    expect(report).toMatchObject({ status: 'published', rows: { in: 23, accepted: 23 } });
  });

  test('ArcGIS REST: an error in an answer of status 200', async () => {
    handler = (_request, response) => json(response, { error: { code: 499, message: 'Token Required', details: [] } });
    expect((await failure(load('/rest/services/X/MapServer/0'))).text.en).toContain('499: Token Required');
  });
});

test('a layer of the catalogue with an address: loaded, unchanged, failed with the old rows live', async () => {
  handler = (_request, response) => json(response, { type: 'FeatureCollection', features: [feature(1), feature(2)] });
  const id = 'user_http_layer';
  const layer = parseLayer({
    id,
    title: { zh: '远程', en: 'Remote' },
    department: 'urban_management',
    class: 'base_geography',
    subclass: 'vector_basemap',
    geometry: 'point',
    fields: { n: { type: 'int', title: { zh: '号', en: 'No' } } },
    key: 'n',
    source: { file: 'remote.geojson', format: 'geojson', crs: 'EPSG:4326', url: `${base}/remote.geojson` },
    cadence: 'daily',
    freshnessHours: 48,
    symbology: { kind: 'none', color: '#7a6fd0' },
    sensitivity: 'internal',
    checks: { rows: [1, 10] },
  });
  made.add(id);
  const session = new LoadSession(db);
  try {
    const given = { isUser: true };
    const url = layer.source.url as string;
    const detected = await loadRemote(session, layer, url, {
      ...given,
      crs: { name: 'EPSG:4326', transform: (x, y) => [x, y], confidence: 1, reasons: [], candidates: [] },
    });
    expect(detected).toMatchObject({ status: 'published', rows: { accepted: 2 }, error: null });
    expect((await loadRemote(session, layer, url, given)).status).toBe('unchanged');
    handler = (_request, response) => {
      response.statusCode = 500;
      response.end();
    };
    expect(await loadRemote(session, layer, url, given)).toMatchObject({
      status: 'failed',
      error: { code: 'DOWNLOAD_FAILED' },
    });
    const [row] = await db.sql.unsafe<{ n: number }[]>(`select count(*)::int as n from layers.${id}`);
    expect(row?.n).toBe(2);
  } finally {
    await session.close();
  }
});
