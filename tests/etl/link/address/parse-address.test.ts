import { describe, expect, test } from 'vitest';
import { addressVariants, chineseNumber, knownAddress } from '../../../../etl/demo/address-variants.ts';
import { createContext } from '../../../../etl/demo/context.ts';
import { createRandom } from '../../../../etl/demo/random.ts';
import { makeGazetteer } from '../../../../etl/link/address/gazetteer.ts';
import { normalText } from '../../../../etl/link/address/normal-text.ts';
import { type AddressParts, parseAddress } from '../../../../etl/link/address/parse-address.ts';

const context = createContext(0.01, 1);
const { towns, communities } = context.district;
const gazetteer = makeGazetteer(
  towns,
  communities,
  context.roads.flatMap(({ name }) => name ?? []),
);

function partsOf(text: string): Partial<AddressParts> {
  return Object.fromEntries(Object.entries(parseAddress(text, gazetteer).parts).filter(([, part]) => part !== null));
}

describe('one by one', () => {
  test.each<[string, Partial<AddressParts>]>([
    [
      '广东省佛山市禅城区祖庙街道同济路12号1504房',
      {
        province: '广东省',
        city: '佛山市',
        district: '禅城区',
        town: '祖庙街道',
        road: '同济路',
        plate: '12',
        floor: '15',
        room: '1504',
      },
    ],
    [
      '禅城区同济路１２号之一 XX花园 三座2梯1504房',
      {
        district: '禅城区',
        road: '同济路',
        plate: '12之1',
        estate: 'XX花园',
        building: '3',
        unit: '2',
        floor: '15',
        room: '1504',
      },
    ],
    [
      '石湾街道惠景社区汾江中路215号创业大厦22楼',
      { town: '石湾街道', community: '惠景社区', road: '汾江中路', plate: '215', estate: '创业大厦', floor: '22' },
    ],
    [
      '佛山市禅城区季华一路28号一座二幢（智慧新城T4幢）23楼',
      { city: '佛山市', district: '禅城区', road: '季华一路', plate: '28', building: '1-2', floor: '23' },
    ],
    ['南庄镇罗南村东坊三巷5号', { town: '南庄镇', community: '罗南村', road: '东坊三巷', plate: '5' }],
    ['佛山大道南12号负一层', { road: '佛山大道南', plate: '12', floor: '-1' }],
    [
      '佛山市顺德区佛山市顺德区容桂街道桂洲大道中61号新翼银座大楼1座401',
      {
        city: '佛山市',
        district: '顺德区',
        town: '容桂街道',
        road: '桂洲大道中',
        plate: '61',
        estate: '新翼银座大楼',
        building: '1',
        floor: '4',
        room: '401',
      },
    ],
    ['季华路三十五号夹层', { road: '季华路', plate: '35', floor: '1.5' }],
    ['同济西路20-24号A座12楼B', { road: '同济西路', plate: '20-24', building: 'A', floor: '12' }],
    [
      '深海路17号瀚天科技城A区8号楼11楼1107室',
      { road: '深海路', plate: '17', estate: '瀚天科技城', building: 'A-8', floor: '11', room: '1107' },
    ],
    [
      '臺北市內湖區紫雲里004鄰成功路四段二九四巷68弄18號五樓之1',
      {
        city: '台北市',
        district: '內湖区',
        community: '紫雲里',
        road: '成功路4段',
        lane: '294-68',
        plate: '18',
        floor: '5',
        room: '之1',
      },
    ],
  ])('%s', (text, parts) => {
    expect(partsOf(text)).toEqual(parts);
  });

  test('codes of town and community come from the boundaries', () => {
    expect(parseAddress('石湾镇街道澜石社区澜石路3号', gazetteer)).toMatchObject({
      townCode: '440604010000',
      communityCode: '440604010001',
      level: 'plate',
      confidence: 1,
    });
    expect(parseAddress('石湾街道办澜石居委会澜石路3号', gazetteer).communityCode).toBe('440604010001');
  });

  test.each([
    '',
    '   ',
    '不详',
    '同上',
    '见附件',
    '公司目前拥有2000多人的营销队伍，在广州、深圳、佛山等地设有分公司',
    '号号号',
    '1',
    '(((',
  ])('what is no address is not trusted: %s', (text) => {
    expect(parseAddress(text, gazetteer).confidence).toBeLessThan(0.6);
  });

  test('equal addresses have equal normal forms', () => {
    const forms = ['禅城区同济路12号3座1504房', '禅城区 同济路 １２ 号 三座 1504室', '禅城区同济路十二号三栋1504'];
    expect(new Set(forms.map((text) => parseAddress(text, gazetteer).normal))).toEqual(
      new Set(['禅城区同济路12号3座1504房']),
    );
  });

  test.each([1, 9, 10, 11, 20, 35, 99])('numeral %i', (n) => {
    expect(normalText(`${chineseNumber(n)}号`)).toBe(`${n}号`);
  });

  test('names of roads keep their numerals', () => {
    expect(normalText('季华六路三号')).toBe('季华六路3号');
  });

  test('nothing takes long or throws', () => {
    const random = createRandom(1, 'fuzz');
    const alphabet = [...'广东省佛山市禅城区祖庙街道路巷坊村号座梯房之一二十百0123456789ABC-（）#楼层 '];
    const started = performance.now();
    for (let i = 0; i < 3000; i += 1) {
      const text = Array.from({ length: random.int(0, 60) }, () => random.pick(alphabet)).join('');
      const parsed = parseAddress(text, gazetteer);
      expect(parsed.confidence).toBeGreaterThanOrEqual(0);
      expect(parsed.confidence).toBeLessThanOrEqual(1);
    }
    parseAddress('路'.repeat(100_000), gazetteer);
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

test('the labelled set: nearly every part of every variant is read right', () => {
  const random = createRandom(7, 'variants');
  const wrong = new Map<string, string[]>();
  let parts = 0;
  let found = 0;
  let right = 0;
  for (const building of context.buildings) {
    const known = knownAddress(context, building, random);
    if (!known) continue;
    for (const { text, expected, how } of addressVariants(known, random)) {
      const read = partsOf(text) as Record<string, string>;
      for (const [part, value] of Object.entries(expected)) {
        parts += 1;
        if (read[part] !== undefined) found += 1;
        if (read[part] === value) right += 1;
        else wrong.set(`${how} ${part}`, [...(wrong.get(`${how} ${part}`) ?? []), text]);
      }
    }
  }
  expect(parts).toBeGreaterThan(50_000);
  const examples = [...wrong].map(([what, texts]) => `${what}: ${texts.length}, ${texts[0]}`).join('\n');
  expect(right / found, `precision\n${examples}`).toBeGreaterThan(0.985);
  expect(right / parts, `recall\n${examples}`).toBeGreaterThan(0.98);
});

test('what stands before the number of a plate is remembered only where the number does not matter', () => {
  const names = makeGazetteer([], [{ code: '440604010009', name: '5号院社区' }], ['新风路', '新风路6号']);
  for (const [text, road, plate] of [
    ['祖庙街道新风路7号', '新风路', '7'],
    ['祖庙街道新风路6号8号', '新风路6号', '8'],
    ['祖庙街道新风路7号', '新风路', '7'],
  ] as const)
    expect(parseAddress(text, names).parts, text).toMatchObject({ road, plate });
  expect(parseAddress('祖庙街道7号', names)).toMatchObject({ communityCode: null });
  expect(parseAddress('祖庙街道5号院社区7号', names)).toMatchObject({ communityCode: '440604010009' });
});
