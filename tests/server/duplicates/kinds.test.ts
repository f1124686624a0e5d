import { expect, test } from 'vitest';
import { families, kindOf } from '../../../server/duplicates/kinds.ts';
import { compareWithGroup, SURE } from '../../../server/duplicates/likeness.ts';
import { severityByReports, severityWith } from '../../../server/duplicates/severity-by-reports.ts';
import { compareWording } from '../../../server/duplicates/wording.ts';
import { categories, findCategory } from '../../../server/incidents/categories.ts';

test('families name categories that exist, each in one family, restricted ones among themselves', () => {
  const codes = families.flatMap((family) => family.codes);
  expect(codes.filter((code) => !findCategory(code))).toEqual([]);
  expect(codes.filter((code, index) => codes.indexOf(code) !== index)).toEqual([]);
  for (const family of families) {
    expect(new Set(family.codes.map((code) => /^Z0[1-5]/.test(code))).size, family.codes.join()).toBe(1);
  }
});

test('every category has a reach and is of its own kind', () => {
  for (const { code } of categories) {
    const kind = kindOf(code);
    expect(kind.codes, code).toContain(code);
    expect(kind.metres, code).toBeGreaterThan(0);
    expect(kind.hours, code).toBeGreaterThan(0);
  }
  expect(kindOf('06010').codes).toContain('06011');
  expect(kindOf('Z0902').codes).toEqual(expect.arrayContaining(['01003', '01004']));
  expect(kindOf('Z0401').metres).toBeLessThan(kindOf('Z0502').metres);
});

const at = { lon: 113.1, lat: 23.03, occurredAt: 1_790_000_000_000 };
const report = (changes: object) => ({ id: 1, category: '06010', title: '祖庙路暴露垃圾', ...at, ...changes });

const score = (changes: object) => compareWithGroup(report(changes), [report({ id: 2 })])?.score ?? 0;

test('the same place and moment is sure; farther, later, of another kind or house is less so or nothing', () => {
  expect(score({})).toBeGreaterThan(0.9);
  expect(score({ category: '06011', title: '祖庙路积存渣土' })).toBeGreaterThan(SURE);
  expect(score({ category: '06028' })).toBe(0);
  expect(score({ lat: at.lat + 0.001 })).toBe(0);
  expect(score({ occurredAt: at.occurredAt + 25 * 3_600_000 })).toBe(0);
  expect(score({ lat: at.lat + 0.0004 })).toBeLessThan(score({ lat: at.lat + 0.0002 }));
  const house = (number: number) =>
    compareWithGroup(report({ title: `祖庙路${number}号暴露垃圾`, lat: at.lat + 0.0002 }), [
      report({ id: 2, title: '祖庙路8号暴露垃圾' }),
    ])?.score;
  expect(house(8)).toBeGreaterThan(SURE);
  expect(house(18)).toBeLessThan(SURE);
});

test('wording is compared by its pieces, numbers by their unit, places by name', () => {
  expect(compareWording('祖庙路8号垃圾', '祖庙路 8 号 垃圾')).toEqual({ common: 1, number: 1, place: 1 });
  expect(compareWording('季华五路', '季华六路')).toMatchObject({ place: -1 });
  expect(compareWording('3栋门口', '5号门口')).toMatchObject({ number: 0 });
  expect(compareWording('', '!')).toEqual({ common: 0, number: 0, place: 0 });
});

test('many reports make graver, never red, and never less grave', () => {
  expect(severityByReports.map(({ severity }) => severity)).not.toContain(1);
  expect(severityWith(0, [], 1)).toBe(0);
  expect(severityWith(0, [], 4)).toBe(4);
  expect(severityWith(2, [], 8)).toBe(2);
  expect(severityWith(0, [1], 2)).toBe(1);
});
