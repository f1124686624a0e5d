import { describe, expect, test } from 'vitest';
import type { ReferenceLayer } from '../../../etl/crs/nearness.ts';
import { districtVerdict, type DistrictEvidence } from '../../../etl/crs/verdict.ts';
import { cellOf, points, shifted } from './support/shifted.ts';

const evidence: DistrictEvidence = {
  cellsAt: (lon, lat) => ({ grid: cellOf(lon, lat), community: cellOf(lon, lat).slice(0, 4) }),
};
const METRIC = ['EPSG:4526', 'EPSG:4547', 'EPSG:4525', 'EPSG:4546', 'EPSG:4508', 'EPSG:4497', 'EPSG:3857'];

describe('what is stated and is so', () => {
  test.each(['EPSG:4326', 'EPSG:4490', 'GCJ-02', 'BD-09', ...METRIC])('%s', async (crs) => {
    const verdict = await districtVerdict(shifted(crs, { cell: true }), crs, null, evidence);
    expect(verdict.crs).toBe(crs);
    expect(verdict.confidence).toBeGreaterThanOrEqual(0.95);
    expect(verdict.contradiction).toBeUndefined();
  });

  test.each(['EPSG:4547/yx', 'EPSG:4526/yx', 'EPSG:4490/yx'])('%s: northing first', async (crs) => {
    const verdict = await districtVerdict(
      shifted(crs.replace('/yx', ''), { swap: true, cell: true }),
      crs,
      null,
      evidence,
    );
    expect(verdict.crs).toBe(crs);
  });
});

describe('degrees that are displaced', () => {
  const pairs = [
    ['EPSG:4326', 'GCJ-02'],
    ['EPSG:4326', 'BD-09'],
    ['EPSG:4490', 'GCJ-02'],
    ['GCJ-02', 'EPSG:4326'],
    ['GCJ-02', 'BD-09'],
    ['BD-09', 'EPSG:4326'],
    ['BD-09', 'GCJ-02'],
  ] as const;

  test.each(pairs)('stated as %s but %s: by the cells rows name', async (stated, actual) => {
    for (const options of [{}, { noise: 20 }, { count: 30 }, { count: 30, noise: 20 }]) {
      const verdict = await districtVerdict(shifted(actual, { ...options, cell: true }), stated, null, evidence);
      expect(verdict.contradiction, JSON.stringify(options)).toEqual({ stated, looksLike: actual });
    }
  });

  test.each(pairs)('stated as %s but %s: by the last load', async (stated, actual) => {
    for (const options of [{ noise: 20 }, { count: 30, noise: 20 }, { count: 10 }]) {
      const verdict = await districtVerdict(shifted(actual, { ...options, before: true }), stated, null);
      expect(verdict.contradiction, JSON.stringify(options)).toEqual({ stated, looksLike: actual });
      expect(verdict.reasons.map(({ en }) => en).join()).toMatch(
        /displaced by -?\d+ m E, -?\d+ m N from the last load/,
      );
    }
  });

  test.each(pairs)('stated as %s but %s: by namesakes', async (stated, actual) => {
    const verdict = await districtVerdict(shifted(actual, { named: true, noise: 20, count: 30 }), stated, null);
    expect(verdict.contradiction).toEqual({ stated, looksLike: actual });
  });

  test.each(pairs)('stated as %s but %s: by how near it brings them to a loaded layer', async (stated, actual) => {
    for (const options of [{}, { noise: 20 }, { count: 30, noise: 20 }]) {
      const verdict = await districtVerdict(shifted(actual, options), stated, null, { references: [known] });
      expect(verdict.contradiction, JSON.stringify(options)).toEqual({ stated, looksLike: actual });
      expect(verdict.reasons.map(({ zh }) => zh).join()).toContain('距离中位数');
    }
  });

  test('a person who states it overrules the last load, not the rows themselves', async () => {
    const moved = shifted('GCJ-02', { before: true, count: 30 });
    const stated = await districtVerdict(moved, 'EPSG:4326', null, { isStatedByPerson: true });
    expect(stated).toMatchObject({ crs: 'EPSG:4326', confidence: 0.7 });
    const byCells = await districtVerdict(shifted('GCJ-02', { cell: true }), 'EPSG:4326', null, {
      ...evidence,
      isStatedByPerson: true,
    });
    expect(byCells.contradiction?.looksLike).toBe('GCJ-02');
  });

  test('features that moved since the last load say nothing', async () => {
    const elsewhere = points(300, 1234);
    const samples = shifted('EPSG:4490', { before: true }).map((sample, i) => ({
      ...sample,
      before: [elsewhere[i]?.lon ?? 0, elsewhere[i]?.lat ?? 0] as const,
    }));
    expect(await districtVerdict(samples, 'EPSG:4490', null)).toMatchObject({ crs: 'EPSG:4490', confidence: 0.8 });
  });

  test('a layer that does not lie near the loaded one is not judged by it', async () => {
    const samples = shifted('EPSG:4490', { seed: 555 });
    expect(await districtVerdict(samples, 'EPSG:4490', null, { references: [known] })).toMatchObject({
      crs: 'EPSG:4490',
      confidence: 0.8,
    });
  });

  test('without evidence degrees are taken as stated, and it says that it cannot tell', async () => {
    const verdict = await districtVerdict(shifted('GCJ-02'), 'EPSG:4490', null);
    expect(verdict.crs).toBe('EPSG:4490');
    expect(verdict.confidence).toBeLessThan(0.9);
    expect(verdict.reasons.map(({ en }) => en).join()).toContain('cannot tell');
  });
});

const features = points(300);

/** A loaded layer: the points themselves, which deliveries of it lie on. */
const known: ReferenceLayer = {
  id: 'building_footprint',
  distancesTo: async (places) => {
    return places.map(([lon, lat]) =>
      Math.min(...features.map((at) => Math.hypot((at.lon - lon) * 102_400, (at.lat - lat) * 110_750))),
    );
  },
};

describe('numbers of another size', () => {
  const all = ['EPSG:4326', ...METRIC, 'EPSG:4527', 'EPSG:4548', 'BD-09MC'];
  const cases = all.flatMap((actual) =>
    all.filter((stated) => stated !== actual).map((stated) => [stated, actual] as const),
  );

  test.each(cases)('stated as %s but in the range of %s', async (stated, actual) => {
    // Some systems are twins: the 6-degree zone 19 and the 3-degree zone 37 have the same meridian.
    const twins: Record<string, string> = {
      'EPSG:4497': 'EPSG:4497',
      'EPSG:4546': 'EPSG:4508',
      'EPSG:4508': 'EPSG:4546',
    };
    const verdict = await districtVerdict(shifted(actual), stated, null);
    if (twins[actual] === stated) expect(verdict.crs).toBe(stated);
    else {
      expect(verdict.crs).toBeNull();
      expect([actual, twins[actual]]).toContain(verdict.contradiction?.looksLike);
    }
  });

  test.each(['EPSG:4326', 'GCJ-02', 'EPSG:4526', 'EPSG:4547', 'EPSG:3857'])(
    '%s with x and y exchanged',
    async (crs) => {
      for (const count of [30, 300]) {
        const verdict = await districtVerdict(shifted(crs, { swap: true, count, noise: 20 }), crs, null);
        expect(verdict.contradiction).toEqual({ stated: crs, looksLike: `${crs}/yx` });
      }
    },
  );

  test('northing first where another system is stated', async () => {
    const verdict = await districtVerdict(shifted('EPSG:4547', { swap: true }), 'EPSG:4526', null);
    expect(verdict.contradiction?.looksLike).toBe('EPSG:4547/yx');
  });

  test('some bad rows do not make the file wrong', async () => {
    const samples = [...shifted('EPSG:4526', { count: 90 }), ...shifted('EPSG:4526', { count: 10, swap: true })];
    expect((await districtVerdict(samples, 'EPSG:4526', null)).crs).toBe('EPSG:4526');
    const metres = [...shifted('EPSG:4526', { count: 95 }), ...shifted('EPSG:4326', { count: 5 })];
    expect((await districtVerdict(metres, 'EPSG:4526', null)).crs).toBe('EPSG:4526');
  });

  test('coordinates of nowhere fit nothing; zeros are no coordinates', async () => {
    const nowhere = Array.from({ length: 40 }, (_, i) => ({ x: 7_000_000 + i, y: -9e6 }));
    expect((await districtVerdict(nowhere, 'EPSG:4526', null)).contradiction).toEqual({
      stated: 'EPSG:4526',
      looksLike: null,
    });
    const zeros = Array.from({ length: 40 }, () => ({ x: 0, y: 0 }));
    expect(await districtVerdict(zeros, 'EPSG:4526', null)).toMatchObject({ crs: null, confidence: 0 });
  });
});

describe('rows of several systems in one file', () => {
  test.each([
    ['EPSG:4326', 'GCJ-02'],
    ['GCJ-02', 'BD-09'],
    ['EPSG:4326', 'BD-09'],
  ])('%s and %s, by cells and by the last load', async (one, other) => {
    for (const options of [{ cell: true }, { before: true }, { named: true }]) {
      for (const noise of [0, 20]) {
        const samples = [
          ...shifted(one, { ...options, noise, count: 200 }),
          ...shifted(other, { ...options, noise, count: 80, seed: 31 }),
        ];
        const verdict = await districtVerdict(samples, one, null, evidence);
        expect(
          verdict.mixed?.map(({ crs }) => crs),
          JSON.stringify(options),
        ).toEqual([one, other]);
        expect(verdict.crs).toBeNull();
      }
    }
  });

  test.each([
    ['EPSG:4526', 'EPSG:4326'],
    ['EPSG:4547', 'EPSG:4526'],
    ['EPSG:4326', 'EPSG:3857'],
  ])('%s and %s, by range', async (one, other) => {
    for (const count of [80, 180]) {
      const samples = [...shifted(one, { count: 200 }), ...shifted(other, { count, seed: 31 })];
      const verdict = await districtVerdict(samples, one, null);
      expect(verdict.mixed?.map(({ crs }) => crs)).toEqual([one, other]);
    }
  });

  test('a few displaced rows are mistakes, not a second system', async () => {
    const samples = [
      ...shifted('EPSG:4326', { cell: true, count: 200 }),
      ...shifted('GCJ-02', { cell: true, count: 12, seed: 31 }),
    ];
    expect((await districtVerdict(samples, 'EPSG:4326', null, evidence)).crs).toBe('EPSG:4326');
  });
});

describe('a datum before CGCS2000', () => {
  test.each(['EPSG:2362', 'EPSG:2383', 'EPSG:4610', 'EPSG:2414', 'EPSG:2435', 'EPSG:4214'])(
    '%s is refused when stated',
    async (crs) => {
      const verdict = await districtVerdict(shifted('EPSG:4547'), crs, null);
      expect(verdict.crs).toBeNull();
      expect(verdict.oldDatum).toBe(/23|46/.test(crs) ? 'Xian 80' : 'Beijing 54');
    },
  );

  test('a .prj that names it is believed', async () => {
    const declared = { crs: 'PROJCS[…]', name: 'Beijing_1954_3_Degree_GK_CM_114E', from: '.prj' } as const;
    expect((await districtVerdict(shifted('EPSG:4547'), 'EPSG:4547', declared)).oldDatum).toBe('Beijing 54');
  });

  test.each(['EPSG:4547', 'EPSG:4526', 'EPSG:4490'])('%s, all displaced alike by 85 m, is suspected', async (crs) => {
    for (const options of [{ count: 30, noise: 20 }, { noise: 5 }]) {
      const samples = shifted(crs, { ...options, before: true, by: [70, -48] });
      expect((await districtVerdict(samples, crs, null)).oldDatum).toBe('suspected');
    }
  });

  test.each(['EPSG:4547', 'EPSG:4490'])('%s with 20 m of noise is not', async (crs) => {
    const verdict = await districtVerdict(shifted(crs, { count: 30, noise: 20, before: true }), crs, null);
    expect(verdict).toMatchObject({ crs, confidence: 0.98 });
  });

  test('metres made of GCJ-02 are found out', async () => {
    const samples = shifted('EPSG:4547', { before: true, by: [558, -287] });
    expect((await districtVerdict(samples, 'EPSG:4547', null)).contradiction?.looksLike).toBe('GCJ-02 → EPSG:4547');
  });
});
