import { PbfWriter } from 'pbf';
import { expect, test } from 'vitest';
import { readGtfsRealtime } from '../../../server/sensors/gtfs-realtime.ts';
import { gtfsFeed } from '../../support/gtfs-feed.ts';

test('reads where vehicles are, in our units', () => {
  const feed = gtfsFeed({
    timestamp: 1_790_000_000,
    vehicles: [
      {
        entity: 'e1',
        id: 'GJ00001',
        route: 'BR0012',
        lat: 23.02,
        lon: 113.11,
        speed: 10,
        bearing: 45,
        timestamp: 1_790_000_005,
      },
      { entity: 'e2', lat: 23.03, lon: 113.12 },
      { entity: 'e3', id: 'GJ00003', label: '109路', lat: 23.04, lon: 113.13 },
      { entity: 'e4', id: 'GJ00004' },
      { entity: 'e5', id: 'GJ00005', lat: 1, lon: 1, isDeleted: true },
    ],
  });
  expect(readGtfsRealtime(feed)).toEqual([
    { vehicle: 'GJ00001', at: 1_790_000_005_000, lon: 113.110001, lat: 23.02, speed: 36, bearing: 45, label: 'BR0012' },
    { vehicle: 'e2', at: 1_790_000_000_000, lon: 113.120003, lat: 23.030001 },
    { vehicle: 'GJ00003', at: 1_790_000_000_000, lon: 113.129997, lat: 23.040001, label: '109路' },
  ]);
});

test('passes over what it does not know, and refuses what is no feed', () => {
  const pbf = new PbfWriter(gtfsFeed({ timestamp: 7, vehicles: [] }));
  pbf.pos = pbf.buf.length;
  pbf.writeStringField(99, 'an extension');
  expect(readGtfsRealtime(pbf.finish())).toEqual([]);
  expect(() => readGtfsRealtime(new Uint8Array())).toThrow('no header');
  expect(() => readGtfsRealtime(Buffer.from('{"entity":[]}'))).toThrow();
});
