import { expect, test } from 'vitest';
import { ColumnProfile } from '../../../etl/infer/column-profile.ts';
import { findCoordinates } from '../../../etl/infer/coordinates.ts';
import { fieldNames, userLayerId } from '../../../etl/infer/field-names.ts';

function profile(name: string, values: unknown[]): ColumnProfile {
  const column = new ColumnProfile(name);
  for (const value of values) column.add(value);
  return column;
}

test.each([
  [['1', '2', ''], 'int'],
  [['1', '2.5'], 'number'],
  [['3000000000'], 'number'],
  [['01234', '60657'], 'string'],
  [['440604012018001122'], 'string'],
  [['true', 'FALSE'], 'bool'],
  [['0', '1'], 'int'],
  [['2026-01-31', '2026/2/1'], 'date'],
  [['2026-01-31', 'n/a'], 'string'],
  [['2026-01-31 08:30', '2026-02-01T00:00:00Z'], 'datetime'],
  [['20260131'], 'int'],
  [['', null], 'string'],
  [['中', '1'], 'string'],
  [[{ a: 1 }], 'string'],
])('%j is %s', (values, type) => {
  expect(profile('x', values).type).toBe(type);
});

test('counts distinct values while they are few, and knows whether they repeat', () => {
  const few = profile('kind', ['a', 'b', 'a']);
  expect(few.values).toEqual(
    new Map([
      ['a', 2],
      ['b', 1],
    ]),
  );
  expect(few.isUnique).toBe(false);
  const many = profile(
    'id',
    Array.from({ length: 1000 }, (_, i) => `v${i}`),
  );
  expect(many.values).toBeNull();
  expect(many.isUnique).toBe(true);
});

test('a late value that is no date makes the column a text', () => {
  const values = Array.from({ length: 3000 }, (_, i) => `${1000 + i}-01-01`);
  expect(profile('d', [...values, 'unknown']).type).toBe('string');
});

test('columns of coordinates', () => {
  const columns = [profile('名称', ['a']), profile('经度', ['113.1']), profile('纬度', ['23.0'])];
  expect(findCoordinates(columns)).toEqual({ x: '经度', y: '纬度' });
  expect(findCoordinates([profile('X', ['38409011.5']), profile('Y', ['2546983.7'])])).toEqual({ x: 'X', y: 'Y' });
  expect(findCoordinates([profile('LATITUDE', ['north']), profile('LONGITUDE', ['1'])])).toBeNull();
});

test('field names are legal, unique and recognisable', () => {
  expect(fieldNames(['OBJECTID', 'Name', 'name', '名称', 'order', 'fid', 'LICENSE TERM', '2020', 'Über'])).toEqual([
    'objectid',
    'name',
    'name_2',
    'field_4',
    'order_value',
    'fid_value',
    'license_term',
    'f_2020',
    'uber',
  ]);
  expect(userLayerId('taxi_zones')).toBe('user_taxi_zones');
  expect(userLayerId('禅城区')).toMatch(/^user_layer_[a-z0-9]+$/);
  expect(userLayerId('禅城区')).not.toBe(userLayerId('南海区'));
});
