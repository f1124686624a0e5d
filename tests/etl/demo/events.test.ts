import { expect, test } from 'vitest';
import { buildDistrict } from '../../../etl/demo/district.ts';
import { generateIncidents } from '../../../etl/demo/events.ts';
import type { Point } from '../../../etl/demo/plane.ts';
import { IncidentInput } from '../../../server/contract/incidents.ts';
import { buildMesh } from '../../../server/db/mesh.ts';
import { findCategory } from '../../../server/incidents/categories.ts';

const start = new Date('2026-11-01T00:00:00Z');
const options = { seed: 7, count: 3000, start, ratePerSecond: 4 };
const mesh = buildMesh(
  buildDistrict().grids.map((grid) => ({
    code: grid.code,
    rings: grid.rings.map((ring) => [...ring, ring[0] as Point]),
  })),
);
const incidents = [...generateIncidents({ ...options, mesh })];

test('the intake takes every one of them: contract, category, place, key', () => {
  expect(incidents).toHaveLength(3000);
  for (const incident of incidents) {
    expect(IncidentInput.safeParse(incident).success, JSON.stringify(incident)).toBe(true);
    expect(findCategory(incident.category), incident.category).toBeDefined();
    expect(mesh.locate(incident.lon, incident.lat)).toBeGreaterThanOrEqual(0);
  }
  expect(new Set(incidents.map((incident) => incident.key)).size).toBe(3000);
});

test('the same options give the same incidents', () => {
  expect([...generateIncidents({ ...options, mesh })]).toEqual(incidents);
  expect([...generateIncidents({ ...options, seed: 8, count: 5 })]).not.toEqual(incidents.slice(0, 5));
});

test('in order of time, at the rate asked for', () => {
  const times = incidents.map((incident) => Date.parse(incident.occurredAt));
  expect(times[0]).toBe(start.getTime());
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  const seconds = ((times.at(-1) as number) - start.getTime()) / 1000;
  expect(3000 / seconds).toBeGreaterThan(3.6);
  expect(3000 / seconds).toBeLessThan(4.4);
});

test('mostly ordinary, and denser in the old town than in the countryside', () => {
  const ordinary = incidents.filter((incident) => incident.severity === 0).length;
  expect(ordinary / 3000).toBeGreaterThan(0.85);
  const towns = new Map<string, number>();
  for (const { lon, lat } of incidents) {
    const town = mesh.towns[mesh.locate(lon, lat)] ?? '';
    towns.set(town, (towns.get(town) ?? 0) + 1);
  }
  const per = (code: string, km2: number): number => (towns.get(code) ?? 0) / km2;
  expect(per('440604012000', 23)).toBeGreaterThan(4 * per('440604100000', 77));
});

test('a rate of nothing is refused', () => {
  expect(() => generateIncidents({ ...options, ratePerSecond: 0 }).next()).toThrow('ratePerSecond');
});
