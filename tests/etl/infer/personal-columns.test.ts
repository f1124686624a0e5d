import { expect, test } from 'vitest';
import { ColumnProfile } from '../../../etl/infer/column-profile.ts';
import { personalMask } from '../../../etl/infer/personal-columns.ts';

function profile(name: string, values: unknown[] = ['x']): ColumnProfile {
  const column = new ColumnProfile(name);
  for (const value of values) column.add(value);
  return column;
}

test.each([
  ['姓名', 'name'],
  ['户主姓名', 'name'],
  ['法定代表人', 'name'],
  ['聯絡人', 'name'],
  ['身份证号码', 'id_no'],
  ['联系电话', 'phone'],
  ['手机号', 'phone'],
  ['户籍地址', 'address'],
  ['车牌号', 'plate'],
  ['电子邮箱', 'email'],
  ['owner_name', 'name'],
  ['Phone', 'phone'],
  ['E-mail', 'email'],
])('%s is masked as %s', (name, mask) => {
  expect(personalMask(profile(name))).toBe(mask);
});

test.each(['名称', '企业名称', '地址', '小区名称', 'name', 'street_name', 'telescope', 'birthplace_count', '编号'])(
  '%s is not about a person',
  (name) => {
    expect(personalMask(profile(name))).toBeNull();
  },
);

test('a date of birth keeps its year only where it is a date', () => {
  expect(personalMask(profile('出生日期', ['1990-01-31', '2001-12-01']))).toBe('birth_date');
  expect(personalMask(profile('出生年月', ['199001', '200112']))).toBe('code');
});

test('values give themselves away under any name', () => {
  expect(personalMask(profile('备注1', ['440699199001011235', '44069919850606123X', '无']))).toBe('id_no');
  expect(personalMask(profile('col3', ['10100000001', '10900000002']))).toBe('phone');
  expect(personalMask(profile('col4', ['a@b.cn', 'c.d@e.org']))).toBe('email');
  // Codes of 18 digits that are no resident numbers, and numbers too long for a telephone.
  expect(personalMask(profile('col5', ['440604012018001122', '440604012018001123']))).toBeNull();
  expect(personalMask(profile('col6', ['123456789012']))).toBeNull();
});
