import { describe, expect, test } from 'vitest';
import { fromWgs84, toWgs84 } from '../../../etl/crs/transform.ts';
import { districtVerdict, type DistrictEvidence, type Sample, worldVerdict } from '../../../etl/crs/verdict.ts';

/** A known layer: points of the district on a lattice, each naming the cell of some 500 m it lies in. */
const CELL = 0.005;
function cellOf(lon: number, lat: number): string {
  return `${Math.floor(lon / CELL)}-${Math.floor(lat / CELL)}`;
}
const evidence: DistrictEvidence = {
  cellsAt: (lon, lat) => ({ grid: cellOf(lon, lat), community: cellOf(lon, lat).slice(0, 4) }),
};

function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function points(count: number, seed = 7): { lon: number; lat: number }[] {
  const next = random(seed);
  return Array.from({ length: count }, () => ({ lon: 112.98 + next() * 0.17, lat: 22.93 + next() * 0.12 }));
}

function shifted(
  crs: string,
  options: { count?: number; noise?: number; cell?: boolean; before?: boolean; swap?: boolean } = {},
): Sample[] {
  const transform = fromWgs84(crs);
  const next = random(99);
  return points(options.count ?? 300).map(({ lon, lat }) => {
    // Noise in metres.
    const dLon = ((next() - 0.5) * 2 * (options.noise ?? 0)) / 102_000;
    const dLat = ((next() - 0.5) * 2 * (options.noise ?? 0)) / 111_000;
    const [x, y] = transform(lon + dLon, lat + dLat);
    const sample: Sample = options.swap ? { x: y, y: x } : { x, y };
    if (options.cell) sample.cell = cellOf(lon, lat);
    if (options.before) sample.before = [lon, lat];
    return sample;
  });
}

describe('a layer of the district', () => {
  test.each(['EPSG:4326', 'EPSG:4490', 'EPSG:4526', 'EPSG:4547', 'EPSG:3857', 'GCJ-02', 'BD-09'])(
    'stated as %s and so it is',
    (crs) => {
      const verdict = districtVerdict(shifted(crs, { cell: true }), crs, null, evidence);
      expect(verdict.crs).toBe(crs);
      expect(verdict.confidence).toBeGreaterThanOrEqual(0.95);
      expect(verdict.contradiction).toBeUndefined();
    },
  );

  test.each([
    ['EPSG:4326', 'GCJ-02'],
    ['EPSG:4326', 'BD-09'],
    ['GCJ-02', 'EPSG:4326'],
    ['GCJ-02', 'BD-09'],
    ['BD-09', 'GCJ-02'],
  ])('stated as %s but shifted to %s is found out by the cells its rows name', (stated, actual) => {
    for (const options of [{ cell: true }, { cell: true, noise: 20 }, { cell: true, count: 40 }]) {
      const verdict = districtVerdict(shifted(actual, options), stated, null, evidence);
      expect(verdict.contradiction).toEqual({ stated, looksLike: actual });
    }
  });

  test.each([
    ['EPSG:4490', 'GCJ-02'],
    ['EPSG:4490', 'BD-09'],
    ['GCJ-02', 'EPSG:4326'],
  ])('stated as %s but %s is found out by where the features lay before', (stated, actual) => {
    const verdict = districtVerdict(shifted(actual, { before: true, noise: 20, count: 30 }), stated, null);
    expect(verdict.contradiction).toEqual({ stated, looksLike: actual });
  });

  test.each([
    ['EPSG:4547', 'EPSG:4526'],
    ['EPSG:4526', 'EPSG:4547'],
    ['EPSG:4326', 'EPSG:4526'],
    ['EPSG:4526', 'EPSG:4326'],
    ['EPSG:4526', 'EPSG:4525'],
    ['EPSG:4547', 'EPSG:3857'],
  ])('stated as %s but in the range of %s', (stated, actual) => {
    const verdict = districtVerdict(shifted(actual), stated, null);
    expect(verdict.crs).toBeNull();
    expect(verdict.contradiction).toEqual({ stated, looksLike: actual });
  });

  test('all axes swapped is said so', () => {
    expect(districtVerdict(shifted('EPSG:4326', { swap: true }), 'EPSG:4326', null).contradiction?.looksLike).toContain(
      'swapped',
    );
    expect(districtVerdict(shifted('EPSG:4526', { swap: true }), 'EPSG:4526', null).contradiction?.looksLike).toContain(
      'swapped',
    );
  });

  test('some bad rows do not make the file wrong', () => {
    const samples = [...shifted('EPSG:4526', { count: 95 }), ...shifted('EPSG:4526', { count: 5, swap: true })];
    expect(districtVerdict(samples, 'EPSG:4526', null).crs).toBe('EPSG:4526');
  });

  test('without evidence degrees are taken as stated, and it says that it cannot tell', () => {
    const verdict = districtVerdict(shifted('GCJ-02'), 'EPSG:4490', null);
    expect(verdict.crs).toBe('EPSG:4490');
    expect(verdict.confidence).toBeLessThan(0.9);
    expect(verdict.reasons.map(({ en }) => en).join()).toContain('cannot tell');
  });
});

describe('a file from anywhere', () => {
  const helsinki: Sample[] = [
    { x: 24.94, y: 60.17 },
    { x: 24.95, y: 60.18 },
  ];

  test('what the file declares counts when the coordinates allow it', () => {
    const verdict = worldVerdict(helsinki, undefined, { crs: 'EPSG:4326', name: 'EPSG:4326', from: '.prj' }, toWgs84);
    expect(verdict).toMatchObject({ crs: 'EPSG:4326' });
    expect(verdict.confidence).toBeGreaterThan(0.9);
  });

  test('a declaration that the coordinates contradict is refused, naming both', () => {
    const verdict = worldVerdict(helsinki, undefined, { crs: 'EPSG:3857', name: 'EPSG:3857', from: '.prj' }, toWgs84);
    expect(verdict.crs).toBeNull();
    expect(verdict.contradiction).toEqual({ stated: 'EPSG:3857', looksLike: 'EPSG:4326' });
    const metres = worldVerdict(
      shifted('EPSG:4526'),
      undefined,
      { crs: 'EPSG:4326', name: 'EPSG:4326', from: '.prj' },
      toWgs84,
    );
    expect(metres.contradiction).toEqual({ stated: 'EPSG:4326', looksLike: 'EPSG:4526' });
  });

  test('projected coordinates without a declaration are not guessed', () => {
    const verdict = worldVerdict(shifted('EPSG:4547'), undefined, null, toWgs84);
    expect(verdict.crs).toBeNull();
    expect(verdict.candidates).toContain('EPSG:4547');
  });

  test('in China degrees may be GCJ-02: less confidence, and it says so', () => {
    const verdict = worldVerdict(
      shifted('GCJ-02'),
      undefined,
      { crs: 'EPSG:4326', name: 'EPSG:4326', from: 'RFC 7946' },
      toWgs84,
    );
    expect(verdict.confidence).toBeLessThan(0.8);
    expect(verdict.candidates).toEqual(['GCJ-02', 'BD-09']);
  });

  test('what the person states is taken', () => {
    expect(worldVerdict(shifted('GCJ-02'), 'GCJ-02', null, toWgs84)).toMatchObject({ crs: 'GCJ-02', confidence: 1 });
  });
});
