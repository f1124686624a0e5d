import { expect, test } from 'vitest';
import { checkIncident, type GridLookup } from '../../../server/incidents/validate.ts';

const now = Date.parse('2026-11-23T10:00:00+08:00');
/** One cell: lon 113.0 to 113.1, lat 23.0 to 23.1. */
const grids: GridLookup = {
  codes: ['440604012018W001'],
  locate: (lon, lat) => (lon >= 113 && lon <= 113.1 && lat >= 23 && lat <= 23.1 ? 0 : -1),
};
const valid = {
  key: 'camera-7/2026-11-23/1',
  source: 'camera',
  category: '06010',
  title: '暴露垃圾',
  severity: 0,
  lon: 113.05,
  lat: 23.05,
  occurredAt: '2026-11-23T09:59:00+08:00',
};
const check = (changes: object): ReturnType<typeof checkIncident> =>
  checkIncident({ ...valid, ...changes }, grids, now);

test('a good one is placed and gets its time limit', () => {
  expect(check({ lon: 113.0500004 })).toMatchObject({
    lon: 113.05,
    grid: '440604012018W001',
    community: '440604012018',
    town: '440604012000',
    receivedAt: now,
    dueAt: Date.parse('2026-11-23T15:30:00+08:00') + 30 * 60_000,
  });
});

test.each([
  ['outside the district', { lon: 112.9 }, 'OUTSIDE_DISTRICT', 'lon', [112.9, 23.05]],
  ['swapped axes', { lon: 23.05, lat: 80 }, 'OUTSIDE_DISTRICT', 'lon', [23.05, 80]],
  ['latitude beyond the pole', { lat: 113.05 }, 'BODY_INVALID', 'lat', 113.05],
  ['no number', { lon: 'x' }, 'BODY_INVALID', 'lon', 'x'],
  ['not a number', { lon: Number.NaN }, 'BODY_INVALID', 'lon', Number.NaN],
  ['empty key', { key: '' }, 'BODY_INVALID', 'key', ''],
  ['endless key', { key: 'k'.repeat(201) }, 'BODY_INVALID', 'key', 'k'.repeat(201)],
  ['unknown category', { category: '05001' }, 'UNKNOWN_CATEGORY', 'category', '05001'],
  ['category that is no code', { category: 'rubbish' }, 'BODY_INVALID', 'category', 'rubbish'],
  ['level out of range', { severity: 5 }, 'BODY_INVALID', 'severity', 5],
  ['time without zone', { occurredAt: '2026-11-23T09:59:00' }, 'BODY_INVALID', 'occurredAt', '2026-11-23T09:59:00'],
  [
    'a day that does not exist',
    { occurredAt: '2026-02-30T09:59:00Z' },
    'BODY_INVALID',
    'occurredAt',
    '2026-02-30T09:59:00Z',
  ],
  [
    'far future',
    { occurredAt: '2026-11-23T10:05:01+08:00' },
    'IN_THE_FUTURE',
    'occurredAt',
    '2026-11-23T10:05:01+08:00',
  ],
  ['null character', { title: 'a\0b' }, 'BODY_INVALID', 'title', 'a\0b'],
  ['half a surrogate pair', { title: '\ud842' }, 'BODY_INVALID', 'title', '\ud842'],
  ['unknown property', { colour: 'red' }, 'BODY_INVALID', 'colour', 'red'],
])('%s is refused by name', (_, changes, code, field, value) => {
  expect(check(changes)).toMatchObject({ rejection: { code, field, value } });
});

test.each([null, 7, 'incident', [], undefined])('%j is no incident', (input) => {
  expect(checkIncident(input, grids, now)).toMatchObject({ rejection: { code: 'BODY_INVALID' } });
});

test('rare characters and clocks a little ahead are fine', () => {
  expect(check({ title: '㘵𠮷', occurredAt: '2026-11-23T10:04:59+08:00' })).toMatchObject({ title: '㘵𠮷' });
});
