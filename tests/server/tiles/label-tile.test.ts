import { VectorTile } from '@mapbox/vector-tile';
import { PbfReader } from 'pbf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Layer } from '../../../layers/define.ts';
import { getLayer } from '../../../layers/index.ts';
import type { Database } from '../../../server/db/connect.ts';
import { testDatabase } from '../../support/database.ts';
import { query, STAFF, testApi, type TestApi } from '../api-fixture.ts';
import { publishFixture, removeFixture, type FixtureRow } from '../layer-fixture.ts';

const base = getLayer('landuse_parcel');
const lot: Layer = {
  ...base,
  id: 'label_lot',
  sensitivity: 'public',
  label: 'dlmc',
  tiles: { minzoom: 10, maxzoom: 16, fields: ['land_class'] },
};
const street: Layer = { ...getLayer('road_centerline'), id: 'label_street' };

function row(no: number, wkt: string): FixtureRow {
  return {
    parcel_no: `T000000${no}`,
    dlbm: '0101',
    dlmc: `𠮷地 ${no}`,
    land_class: 'cultivated',
    at: [113.05, 23],
    wkt,
  };
}
/** A C whose middle is outside of it, a square over many tiles, a speck, and two parts of which one is larger. */
const rows = [
  row(
    1,
    'MULTIPOLYGON(((113 23,113.04 23,113.04 23.005,113.005 23.005,113.005 23.035,113.04 23.035,113.04 23.04,113 23.04,113 23)))',
  ),
  row(2, 'MULTIPOLYGON(((113.05 22.95,113.15 22.95,113.15 23.05,113.05 23.05,113.05 22.95)))'),
  row(3, 'MULTIPOLYGON(((113.2 23,113.20001 23,113.20001 23.00001,113.2 23)))'),
  row(
    4,
    'MULTIPOLYGON(((113.2 23.1,113.201 23.1,113.201 23.101,113.2 23.1)),((113.25 23.1,113.3 23.1,113.3 23.15,113.25 23.1)))',
  ),
];

let db: Database;
let api: TestApi;
beforeAll(async () => {
  db = await testDatabase();
  await publishFixture(db, lot, rows);
  await publishFixture(db, street, [
    {
      road_code: 'L000001',
      name: '东西路',
      road_class: 'arterial',
      at: [113.05, 23],
      wkt: 'MULTILINESTRING((113 23,113.1 23))',
    },
  ]);
  api = testApi(db);
});
afterAll(async () => {
  await api.close();
  for (const layer of [lot, street]) await removeFixture(db, layer);
});

interface Label {
  fid: number;
  title: unknown;
  lon: number;
  lat: number;
}

function tileNumber(lon: number, lat: number, z: number): [number, number] {
  const n = 2 ** z;
  const phi = (lat * Math.PI) / 180;
  return [Math.floor(((lon + 180) / 360) * n), Math.floor(((1 - Math.asinh(Math.tan(phi)) / Math.PI) / 2) * n)];
}

async function tile(path: string, parameters: Record<string, string>): Promise<VectorTile | null> {
  const response = await api.get(`${path}${query(parameters)}`, STAFF);
  if (response.status === 204) return null;
  expect(response.status).toBe(200);
  return new VectorTile(new PbfReader(new Uint8Array(await response.arrayBuffer())));
}

/** The labels of all tiles of a zoom. */
async function labels(z: number, parameters: Record<string, string> = {}): Promise<Label[]> {
  const [west, north] = tileNumber(112.99, 23.2, z);
  const [east, south] = tileNumber(113.31, 22.94, z);
  const found: Label[] = [];
  for (let x = west; x <= east; x++) {
    for (let y = north; y <= south; y++) {
      const made = await tile(`/api/layers/label_lot/tiles/${z}/${x}/${y}`, { labels: '1', ...parameters });
      const layer = made?.layers['label_lot_label'];
      for (let index = 0; index < (layer?.length ?? 0); index++) {
        const feature = layer!.feature(index);
        const { coordinates } = feature.toGeoJSON(x, y, z).geometry as unknown as { coordinates: [number, number] };
        const [point] = feature.loadGeometry();
        for (const at of [point![0]!.x, point![0]!.y]) {
          expect(at).toBeGreaterThanOrEqual(0);
          expect(at).toBeLessThan(4096);
        }
        found.push({ fid: feature.id!, title: feature.properties['dlmc'], lon: coordinates[0], lat: coordinates[1] });
      }
    }
  }
  return found.toSorted((a, b) => a.fid - b.fid);
}

describe('labels of polygons', () => {
  it('are there once, inside of the polygon, at the same place in every zoom', async () => {
    const byZoom = [await labels(10), await labels(12), await labels(14)];
    for (const found of byZoom) {
      expect(found.map(({ fid, title }) => [fid, title])).toEqual([1, 2, 3, 4].map((no) => [no, `𠮷地 ${no}`]));
    }
    const [, , exact] = byZoom;
    for (const found of byZoom) {
      for (const [index, { lon, lat }] of found.entries()) {
        expect(lon).toBeCloseTo(exact![index]!.lon, 3);
        expect(lat).toBeCloseTo(exact![index]!.lat, 3);
      }
    }
    const inside = await db.sql<{ fid: number }[]>`
      select l.fid from layers.label_lot, json_to_recordset(${JSON.stringify(exact)}::text::json) as l(fid int8, lon float8, lat float8)
      where label_lot.fid = l.fid and st_dwithin(geom, st_setsrid(st_makepoint(lon, lat), 4326), 0.00001)`;
    expect(inside).toHaveLength(4);
    // Of several parts the largest.
    expect(exact![3]!.lon).toBeGreaterThan(113.24);
  });

  it('follow the filter, and are not sent unless they are asked for', async () => {
    expect(await labels(12, { filter: JSON.stringify({ bbox: [113.19, 22.99, 113.21, 23.01] }) })).toMatchObject([
      { fid: 3 },
    ]);
    expect(await labels(12, { labels: '0' })).toEqual([]);
    expect(await labels(9)).toEqual([]);
  });

  it('stand beside the shapes of several layers, and lines have none', async () => {
    const [x, y] = tileNumber(113.02, 23.0025, 12);
    const made = await tile(`/api/tiles/label_lot,label_street/12/${x}/${y}`, { labels: '1' });
    expect(Object.keys(made!.layers)).toEqual(expect.arrayContaining(['label_lot', 'label_street']));
    expect(Object.keys(made!.layers)).not.toContain('label_street_label');
  });

  it('have a tag of their own, and are described in TileJSON', async () => {
    const [x, y] = tileNumber(113.1, 23, 12);
    const path = `/api/layers/label_lot/tiles/12/${x}/${y}`;
    const [without, with_] = [await api.get(path, STAFF), await api.get(`${path}?labels=1`, STAFF)];
    expect(with_.headers.get('ETag')).not.toBe(without.headers.get('ETag'));
    const again = await api.get(`${path}?labels=1`, { ...STAFF, 'If-None-Match': with_.headers.get('ETag')! });
    expect(again.status).toBe(304);
    const json = await (await api.get('/api/layers/label_lot/tilejson?labels=1', STAFF)).json();
    expect(json).toMatchObject({
      tiles: [expect.stringMatching(/labels=1/)],
      vector_layers: [{ id: 'label_lot' }, { id: 'label_lot_label', fields: { dlmc: 'String' } }],
    });
    const both = await (await api.get('/api/tiles/label_lot,label_street/tilejson?labels=1', STAFF)).json();
    expect((both as { vector_layers: { id: string }[] }).vector_layers.map(({ id }) => id)).toEqual([
      'label_lot',
      'label_lot_label',
      'label_street',
    ]);
  });
});
