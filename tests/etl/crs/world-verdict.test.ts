import { describe, expect, test } from 'vitest';
import { toWgs84 } from '../../../etl/crs/transform.ts';
import type { Sample } from '../../../etl/crs/verdict.ts';
import { worldVerdict } from '../../../etl/crs/world-verdict.ts';
import { shifted } from './support/shifted.ts';

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

  test('a datum before CGCS2000 is refused with what to do, unless a person accepts the error', () => {
    const declared = { crs: 'EPSG:2362', name: 'Xian_1980_3_Degree_GK_Zone_38', from: '.prj' } as const;
    const verdict = worldVerdict(shifted('EPSG:4526'), undefined, declared, () => toWgs84('EPSG:4526'));
    expect(verdict).toMatchObject({ crs: null, oldDatum: 'Xian 80' });
    const accepted = worldVerdict(shifted('EPSG:4526'), 'EPSG:2362', declared, () => toWgs84('EPSG:4526'));
    expect(accepted).toMatchObject({ crs: 'EPSG:2362', confidence: 0.6 });
    expect(accepted.reasons.map(({ en }) => en).join()).toContain('control points');
  });
});
