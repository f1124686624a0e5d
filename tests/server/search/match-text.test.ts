import { describe, expect, it, test } from 'vitest';
import { matchText, readTyped } from '../../../server/search/match-text.ts';
import { normalText } from '../../../server/search/normal-text.ts';
import { findRead, readingsOf, typedInitials } from '../../../server/search/readings.ts';

const score = (typed: string, text: string): number => matchText(readTyped(typed), text)?.score ?? 0;

test.each([
  ['人民路１２号三座５０１房', '人民路12号3栋501室'],
  ['人民路12号3幢501室', '人民路12号3栋501室'],
  ['3号楼', '3栋'],
  ['季华六路', '季华六路'],
  ['东星二巷十五号', '东星二巷15号'],
  ['二〇一室', '201室'],
  ['A座', 'a栋'],
  ['（𠮷野家）  Ltd.', '𠮷野家ltd'],
])('%s is searched as %s', (raw, normal) => {
  expect(normalText(raw)).toBe(normal);
});

describe('pinyin', () => {
  it('knows all readings of a character', () => {
    expect(readingsOf('重')).toEqual(expect.arrayContaining(['zhong', 'chong']));
    expect(readingsOf('绿')).toContain('lv');
    expect(readingsOf('７')).toEqual(['7']);
    expect(readingsOf('，')).toEqual([]);
  });

  test.each([
    ['renminlu', 'rml'],
    ['renminl', 'rml'],
    ['rml', 'rml'],
    ['xian', 'xa'],
    ['xian', 'x'],
    ['daliang', 'dl'],
  ])('%s may stand for %s', (letters, initials) => {
    expect(typedInitials(letters)).toContain(initials);
  });

  test.each([
    ['顺德人民医院', 'renminyiyuan', [2, 6]],
    ['顺德人民医院', 'sdrmyy', [0, 6]],
    ['顺德人民医院', 'shunderm', [0, 4]],
    ['顺德人民医院', 'renminyiy', [2, 6]],
    ['重庆小面', 'chongqing', [0, 2]],
    ['吉利大道12号', 'jldd12', [0, 6]],
  ] as const)('%s is read as %s', (text, letters, range) => {
    expect(findRead(Array.from(text), letters)).toEqual(range);
  });

  it('does not read what is not there', () => {
    expect(findRead(Array.from('顺德人民医院'), 'renmindaxue')).toBeNull();
    expect(matchText(readTyped('rmyx'), '人民医院')).toBeNull();
  });
});

describe('the better match has the higher score', () => {
  test.each([
    ['人民医院', '人民医院', '顺德区人民医院'],
    ['人民医院', '人民医院大良分院', '顺德区人民医院'],
    ['人民路12号', '大良街道人民路12号', '大良街道人民路121号'],
    [
      '大良人民路12号3座501',
      '广东省佛山市顺德区大良街道人民路12号3栋501室',
      '广东省佛山市顺德区大良街道人民路13号2栋501室',
    ],
    ['顺德人民医员', '顺德人民医院', '顺德人民法院'],
    ['rmyy', '人民医院', '顺德人民医院'],
  ])('%s: %s before %s', (typed, better, worse) => {
    expect(score(typed, better)).toBeGreaterThan(score(typed, worse));
    expect(score(typed, better)).toBeGreaterThan(0);
  });

  it('says where, in the text as it is written', () => {
    expect(matchText(readTyped('𠮷野'), '老𠮷野家')?.range).toEqual([1, 4]);
    expect(matchText(readTyped('kfc'), 'KFC 大良店')?.range).toEqual([0, 3]);
    expect(matchText(readTyped('yj'), '𠮷野家')?.range).toEqual([2, 4]);
  });
});
