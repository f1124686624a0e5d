import { expect, test } from 'vitest';
import { hasSecondHeader } from '../../../etl/checks/double-header.ts';
import { getLayer } from '../../../layers/index.ts';

test('names for machines, then names for people', () => {
  const rows = [
    ['縣市名稱', '行政區域名稱', '路名'],
    ['金門縣', '金門縣金城鎮', '大古崗'],
    ['金門縣', '金門縣金城鎮', '小古崗'],
  ];
  expect(hasSecondHeader(['city', 'site_id', 'road'], rows)).toBe(true);
  expect(hasSecondHeader(['city', 'site_id', 'road'], rows.slice(1))).toBe(false);
});

test('a second row that holds the names of the layer', () => {
  const person = getLayer('person');
  const columns = Object.values(person.source.columns ?? {}).map(String);
  expect(hasSecondHeader(columns, [Object.keys(person.fields)], person)).toBe(true);
  expect(hasSecondHeader(Object.keys(person.fields), [columns], person)).toBe(true);
  const record = [
    'P000000001',
    '张三',
    '440699199001010010',
    'M',
    '1990-01-01',
    'H00000001',
    '440604010202B00001R0101',
    'registered',
  ];
  expect(hasSecondHeader(columns, [record], person)).toBe(false);
});

test('values that turn up again are no names', () => {
  const rows = [
    ['甲村名', '乙'],
    ['甲村名', '丙'],
  ];
  expect(hasSecondHeader(['a', 'b'], rows)).toBe(false);
});
