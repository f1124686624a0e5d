import gcoord from 'gcoord';
import { describe, expect, test } from 'vitest';
import { fromWgs84, toWgs84, UnknownCrs } from '../../../etl/crs/transform.ts';

const LON = 113.1124;
const LAT = 23.0196;

describe('coordinates of the district', () => {
  test.each([
    ['EPSG:4547', 409_011.597, 2_546_983.778],
    ['EPSG:4526', 38_409_011.597, 2_546_983.778],
    ['EPSG:3857', 12_591_614.77, 2_634_389.1],
    ['EPSG:4326', LON, LAT],
    ['EPSG:4490', LON, LAT],
  ])('%s gives the published position', (crs, x, y) => {
    const [lon, lat] = toWgs84(crs)(x, y);
    expect(lon).toBeCloseTo(LON, 6);
    expect(lat).toBeCloseTo(LAT, 6);
  });

  test.each(['GCJ-02', 'BD-09', 'EPSG:4526', 'EPSG:4547', 'EPSG:4546', 'EPSG:3857', 'EPSG:32649'])(
    '%s there and back',
    (crs) => {
      const [x, y] = fromWgs84(crs)(LON, LAT);
      const [lon, lat] = toWgs84(crs)(x, y);
      // 5 cm: the inverse of BD-09 is approximate by nature.
      expect(Math.abs(lon - LON)).toBeLessThan(6e-7);
      expect(Math.abs(lat - LAT)).toBeLessThan(6e-7);
    },
  );
});

test('GCJ-02 is displaced as the gcoord package says, all over China', () => {
  for (let lon = 75; lon < 135; lon += 3.7) {
    for (let lat = 18; lat < 53; lat += 2.9) {
      const [x, y] = gcoord.transform([lon, lat], gcoord.WGS84, gcoord.GCJ02) as [number, number];
      const [backLon, backLat] = toWgs84('GCJ-02')(x, y);
      expect(Math.abs(backLon - lon)).toBeLessThan(1e-8);
      expect(Math.abs(backLat - lat)).toBeLessThan(1e-8);
    }
  }
});

test('the same point gives the same result whatever came before, or rings would not close', () => {
  const transform = toWgs84('GCJ-02');
  const first = transform(113.1, 23.02);
  transform(116.4, 39.9);
  expect(transform(113.1, 23.02)).toEqual(first);
});

test('outside China GCJ-02 is WGS 84', () => {
  expect(toWgs84('GCJ-02')(24.94, 60.17)).toEqual([24.94, 60.17]);
});

test('a .prj text is understood, feet included', () => {
  const newYork =
    'PROJCS["NAD_1983_StatePlane_New_York_Long_Island_FIPS_3104_Feet",GEOGCS["GCS_North_American_1983",DATUM["D_North_American_1983",SPHEROID["GRS_1980",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Lambert_Conformal_Conic"],PARAMETER["False_Easting",984250.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",-74.0],PARAMETER["Standard_Parallel_1",40.66666666666666],PARAMETER["Standard_Parallel_2",41.03333333333333],PARAMETER["Latitude_Of_Origin",40.16666666666666],UNIT["Foot_US",0.3048006096012192]]';
  const [lon, lat] = toWgs84(newYork)(986_191, 206_500);
  expect(lon).toBeCloseTo(-73.993, 2);
  expect(lat).toBeCloseTo(40.7335, 2);
});

test('an unknown code is an error that names it', () => {
  expect(() => toWgs84('EPSG:99999')).toThrow(UnknownCrs);
  expect(() => toWgs84('EPSG:99999')).toThrow('EPSG:99999');
});

test('numbers that are none stay none', () => {
  expect(toWgs84('EPSG:4526')(Number.NaN, 1)[0]).toBeNaN();
});
