import { describe, expect, it } from 'vitest';
import type { Mask } from '../../layers/define.ts';
import { maskValue } from '../../layers/mask.ts';

const vectors: [Mask, string, string][] = [
  ['name', '张三', '张*'],
  ['name', '张三丰', '张**'],
  ['name', '欧阳修', '欧阳*'],
  ['name', '欧阳修文', '欧阳**'],
  ['name', '司馬光', '司馬*'],
  ['name', '欧阳', '欧*'],
  ['name', '张', '张*'],
  ['name', '阿卜杜拉·买买提', '阿**'],
  ['name', '𠮷田', '𠮷*'],
  ['name', '张𠮷', '张*'],
  ['name', '𠮷田太郎', '𠮷**'],
  ['name', '葛󠄀三', '葛󠄀*'],
  ['name', ' 李 四 ', '李**'],
  ['id_no', '44060419900101001X', '440604********001X'],
  ['id_no', '440604900101001', '440604******001'],
  ['id_no', 'H12345678', 'H12******'],
  ['phone', '13812345678', '138****5678'],
  ['phone', '+86 13812345678', '+86 138****5678'],
  ['phone', '0757-81231234', '0757-****1234'],
  ['phone', '(020)81231234', '(020)****1234'],
  ['phone', '81231234', '****1234'],
  ['phone', '8123', '8***'],
  ['address', '同济路12号3座1504房', '同济路12号3座***'],
  [
    'address',
    '广东省佛山市禅城区祖庙街道同济路12号之一 XX花园 3座 2梯 1504房',
    '广东省佛山市禅城区祖庙街道同济路12号之一 XX花园 3座***',
  ],
  ['address', '同济路12号3座2梯1504号', '同济路12号3座***'],
  ['address', '同济路12号首层', '同济路12号***'],
  ['address', '上元村二坊3巷5号', '上元村二坊3巷5号***'],
  ['address', '同济路旁', '同济路***'],
  ['address', '某处', '***'],
  ['birth_date', '1990-05-17', '1990-**-**'],
  ['birth_date', '2000-01-01T00:00:00.000Z', '2000-**-**'],
  ['plate', '粤E12323', '粤E***23'],
  ['plate', '粤ED12345', '粤E***45'],
  ['bank_card', '6222021234567890', '************7890'],
  ['email', 'abc@x.cn', 'a***@x.cn'],
  ['code', '440604012018B00123R0304', '440604*****************'],
  ['code', 'P000000012', 'P00*******'],
];

describe('maskValue', () => {
  it.each(vectors)('%s: %s is shown as %s', (mask, value, shown) => {
    expect(maskValue(mask, value)).toBe(shown);
  });

  const masks: Mask[] = ['name', 'id_no', 'phone', 'address', 'birth_date', 'code', 'plate', 'bank_card', 'email'];

  it.each(masks)('%s: a missing value stays missing, an empty one empty', (mask) => {
    expect(maskValue(mask, null)).toBeNull();
    expect(maskValue(mask, undefined)).toBeNull();
    expect(maskValue(mask, '')).toBe('');
  });

  it.each(masks)('%s: no text of one character or more comes back whole', (mask) => {
    for (const value of ['1', 'ab', '张', '123456', '@', 'x@y', '1990', '12号', '𠮷', '0757', '3座', '路']) {
      expect(maskValue(mask, value)).not.toBe(value);
      expect(maskValue(mask, value)).toContain('*');
    }
  });

  it('masks a Date by its year, at any time zone of the server', () => {
    expect(maskValue('birth_date', new Date('1990-01-01T00:00:00Z'))).toBe('1990-**-**');
    expect(maskValue('birth_date', new Date('1990-12-31T00:00:00Z'))).toBe('1990-**-**');
  });
});
