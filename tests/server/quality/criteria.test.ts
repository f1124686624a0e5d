import { describe, expect, it } from 'vitest';
import { getLayer } from '../../../layers/index.ts';
import { CRITERIA } from '../../../server/contract/quality.ts';
import { criteria, findings, type Measured, scoreOf } from '../../../server/quality/criteria.ts';
import { freshnessOf } from '../../../server/quality/freshness.ts';
import { errorCode, titleOf } from '../../../server/quality/quality-of.ts';

const HOUR = 3_600_000;
const now = Date.parse('2026-11-27T08:00:00Z');
const layer = { ...getLayer('hospital'), freshnessHours: 48 };
const measured: Measured = {
  rows: { in: 100, accepted: 80, repaired: 8, quarantined: 20, unlocated: 20 },
  publishedAt: new Date(now - 72 * HOUR),
  crs: { name: 'BD-09', confidence: 0.8 },
  before: 100,
  fill: { cells: 1000, filled: 900 },
};
const valuesOf = (change: Partial<Measured> = {}, of = layer) =>
  Object.fromEntries(findings({ ...measured, ...change }, of, now).map(({ id, value }) => [id, value]));

/** Value of freshness that many hours after publication. */
const freshAfter = (hours: number) => valuesOf({ publishedAt: new Date(now - hours * HOUR) })['fresh'];

describe('criteria', () => {
  it('are those of the contract, weigh 100 together, and say their rule and finding in both languages', () => {
    expect(criteria.map(({ id }) => id).toSorted()).toEqual([...CRITERIA].toSorted());
    expect(criteria.reduce((sum, { weight }) => sum + weight, 0)).toBe(100);
    const reasons = findings(measured, layer, now).map(({ reason }) => reason);
    for (const { zh, en } of [...criteria.flatMap(({ title, rule }) => [title, rule]), ...reasons]) {
      expect(zh).toMatch(/\p{Script=Han}|CRS/u);
      expect(en).toMatch(/[a-zA-Z]/);
      expect(en).not.toMatch(/\p{Script=Han}/u);
    }
  });

  it('are what their rules say', () => {
    const values = valuesOf();
    expect(values['accepted']).toBeCloseTo(0.8);
    expect(values['complete']).toBeCloseTo(0.9);
    expect(values['located']).toBeCloseTo(0.75);
    expect(values['fresh']).toBeCloseTo(0.5);
    expect(values['intact']).toBeCloseTo(0.9);
    expect(values['rowCount']).toBeCloseTo(0.8);
    expect(values['crs']).toBeCloseTo(0.8);
    // 25 × 0.8 + 20 × 0.9 + 15 × 0.75 + 15 × 0.5 + 10 × 0.9 + 10 × 0.8 + 5 × 0.8
    expect(scoreOf(findings(measured, layer, now))).toBeCloseTo(77.75);
  });

  it('fall evenly after the time limit, and not below nothing', () => {
    expect([freshAfter(0), freshAfter(48), freshAfter(60), freshAfter(96), freshAfter(1000)]).toEqual([
      1, 1, 0.75, 0, 0,
    ]);
    // A clock that is ahead is not fresher than fresh.
    expect(freshAfter(-5)).toBe(1);
  });

  it('do not count where they do not apply', () => {
    const table = getLayer('household');
    expect(table.source.coordinates).toBeUndefined();
    expect(valuesOf({}, table)['crs']).toBeNull();
    expect(valuesOf({ fill: null })['complete']).toBeNull();
    expect(valuesOf({ before: null })['rowCount']).toBe(1);
    const empty = { in: 0, accepted: 0, repaired: 0, quarantined: 0, unlocated: 0 };
    expect(valuesOf({ rows: empty, fill: { cells: 0, filled: 0 } })).toMatchObject({
      accepted: null,
      complete: null,
      located: null,
      intact: null,
    });
    const onlyHalf = [
      { id: 'accepted' as const, value: 0.5 },
      { id: 'complete' as const, value: null },
    ];
    expect(scoreOf(onlyHalf)).toBe(50);
    expect(scoreOf([])).toBe(0);
  });
});

describe('freshness', () => {
  it('turns at the limit', () => {
    const at = (hours: number) => freshnessOf(layer, new Date(now - hours * HOUR), now);
    expect([at(47.9), at(48), at(48.1)]).toEqual(['fresh', 'fresh', 'stale']);
    expect(freshnessOf(layer, null, now)).toBe('never');
  });
});

describe('errors of loads', () => {
  it('are told by code, also where the loader has none', () => {
    expect(errorCode('ROW_COUNT: 3 rows were accepted')).toBe('ROW_COUNT');
    expect(errorCode('interrupted')).toBe('INTERRUPTED');
    expect(errorCode('something else')).toBe('INTERNAL');
    expect(titleOf(new Map(), 'INTERRUPTED')).toEqual({ zh: '被中断', en: 'interrupted' });
    expect(titleOf(new Map(), 'NEW_CODE')).toEqual({ zh: 'NEW_CODE', en: 'NEW_CODE' });
  });
});
