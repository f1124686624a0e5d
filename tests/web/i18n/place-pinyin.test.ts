import { describe, expect, it } from 'vitest';
import { placePinyin } from '../../../web/i18n/place-pinyin.ts';

describe('the name of a place in Latin letters', () => {
  it.each([
    ['祖庙街道', 'Zumiao'],
    ['石湾镇街道', 'Shiwanzhen'],
    ['南庄镇', 'Nanzhuang'],
    ['张槎街道', 'Zhangcha'],
    ['朝安东社区', "Chao'andong Community"],
    ['永安社区', "Yong'an Community"],
    ['村头村', 'Cuntou Village'],
    ['绿岛社区', 'Lüdao Community'],
    ['禅城区', 'Chancheng District'],
  ])('%s is %s', (name, spelt) => {
    expect(placePinyin(name)).toBe(spelt);
  });

  it('keeps what is no Chinese, and a name that is nothing but a kind', () => {
    expect(placePinyin('Block 9')).toBe('Block 9');
    expect(placePinyin('A1社区')).toBe('A1 Community');
    expect(placePinyin('村')).toBe('Cun');
    expect(placePinyin('')).toBe('');
  });
});
