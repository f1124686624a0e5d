import { describe, expect, test } from 'vitest';
import { addressVariants, type AddressVariant, knownAddress } from '../../../../etl/demo/address-variants.ts';
import { createContext } from '../../../../etl/demo/context.ts';
import { toDegrees } from '../../../../etl/demo/plane.ts';
import { createRandom } from '../../../../etl/demo/random.ts';
import { AddressIndex, type AddressMatch } from '../../../../etl/link/address/address-index.ts';
import { makeGazetteer } from '../../../../etl/link/address/gazetteer.ts';
import { parseAddress } from '../../../../etl/link/address/parse-address.ts';

const context = createContext(0.02, 3);
const gazetteer = makeGazetteer(
  context.district.towns,
  context.district.communities,
  context.roads.map(({ name }) => name),
);

/** Every building's address, without those of one in five: nobody has delivered them. */
const index = new AddressIndex(1024);
for (const [i, building] of context.buildings.entries()) {
  if (i % 5 === 0) continue;
  const [lon, lat] = toDegrees(building.at);
  index.add(parseAddress(context.addressOf(building), gazetteer), lon, lat, building.code);
}

function find(text: string): AddressMatch | null {
  return index.find(parseAddress(text, gazetteer));
}

function metres(match: AddressMatch, [lon, lat]: readonly [number, number]): number {
  return Math.hypot((match.lon - lon) * 102_400, (match.lat - lat) * 110_750);
}

function variantsOf(pick: (i: number) => boolean): AddressVariant[] {
  const random = createRandom(11, 'index');
  return context.buildings.flatMap((building, i) => {
    const known = pick(i) ? knownAddress(context, building, random) : null;
    return known ? addressVariants(known, random) : [];
  });
}

function isPrecise(match: AddressMatch | null): boolean {
  return (
    match !== null && (match.precision === 'room' || match.precision === 'building' || match.precision === 'plate')
  );
}

test('delivered addresses, in all their variants, are found where they are', () => {
  const variants = variantsOf((i) => i % 5 !== 0 && i % 3 === 0);
  expect(variants.length).toBeGreaterThan(10_000);
  let found = 0;
  let right = 0;
  for (const { text, at } of variants) {
    const match = find(text);
    if (!match || !isPrecise(match)) continue;
    found += 1;
    if (metres(match, at) <= 150) right += 1;
  }
  // Missed are plates that two buildings far apart share.
  expect(right / found, 'precision').toBeGreaterThan(0.97);
  expect(right / variants.length, 'recall').toBeGreaterThan(0.8);
});

test('delivered addresses lead to their building, or to none: never to another one', () => {
  const variants = variantsOf((i) => i % 5 !== 0 && i % 3 === 0);
  let led = 0;
  let right = 0;
  for (const { text, building } of variants) {
    const match = find(text);
    if (match?.building === undefined || match.building === null) continue;
    led += 1;
    if (match.building === building) right += 1;
  }
  expect(right / led, 'precision').toBeGreaterThan(0.97);
  expect(right / variants.length, 'recall').toBeGreaterThan(0.75);
});

test('addresses nobody has delivered lead to no building', () => {
  const variants = variantsOf((i) => i % 5 === 0);
  const led = variants.filter(({ text }) => (find(text)?.building ?? null) !== null).length;
  // A plate that a delivered building shares with one that is not.
  expect(led / variants.length).toBeLessThan(0.1);
});

test('addresses nobody has delivered are placed beside their neighbours or along the road, and it says so', () => {
  const variants = variantsOf((i) => i % 5 === 0);
  let precise = 0;
  let near = 0;
  let rough = 0;
  for (const { text, at } of variants) {
    const match = find(text);
    if (!match) continue;
    if (isPrecise(match)) {
      precise += 1;
      if (metres(match, at) <= 300) near += 1;
    } else {
      rough += 1;
      expect(match.confidence).toBeLessThanOrEqual(0.5);
    }
  }
  expect(near / precise, 'precision').toBeGreaterThan(0.85);
  expect((precise + rough) / variants.length, 'placed at all').toBeGreaterThan(0.4);
});

describe('what is not of the district is not placed', () => {
  test.each([
    '佛山市顺德区容桂街道桂洲大道中61号新翼银座大楼1座401',
    '北京市海淀区北西环西路66号中国技术交易大厦B座1728',
    '不详',
    '',
    '禅城区',
    '广东省佛山市',
  ])('%s', (text) => {
    expect(find(text)).toBeNull();
  });
});

test('two places of one address are no place', () => {
  const twice = new AddressIndex();
  const address = parseAddress('同济路12号', gazetteer);
  twice.add(address, 113.1, 23.0);
  expect(twice.find(address)).toMatchObject({ precision: 'plate', lon: 113.1 });
  twice.add(address, 113.05, 23.0);
  expect(twice.find(address)).toBeNull();
});

test('a plate that two buildings share leads to neither; the rooms of each lead to it', () => {
  const plates = new AddressIndex();
  plates.add(parseAddress('同济路12号3座1梯501房', gazetteer), 113.1, 23.0, 'B3');
  plates.add(parseAddress('同济路12号3座1梯502房', gazetteer), 113.1, 23.0, 'B3');
  plates.add(parseAddress('同济路12号4座1梯501房', gazetteer), 113.1, 23.0, 'B4');
  plates.add(parseAddress('同济路20号', gazetteer), 113.101, 23.0, 'B20');
  plates.add(parseAddress('同济路20号', gazetteer), 113.101, 23.0);
  const led = (text: string) => plates.find(parseAddress(text, gazetteer))?.building;
  expect(led('同济路12号3座1梯502房')).toBe('B3');
  expect(led('同济路12号4座908房')).toBe('B4');
  expect(led('同济路12号')).toBeNull();
  expect(led('同济路20号首层')).toBe('B20');
  // Placed beside its neighbour, which says nothing of its building.
  expect(led('同济路22号')).toBeNull();
  expect(led('同济路')).toBeNull();
});

test('a room is told from its building and its plate', () => {
  const rooms = new AddressIndex();
  rooms.add(parseAddress('同济路12号3座1梯501房', gazetteer), 113.1, 23.0);
  rooms.add(parseAddress('同济路12号4座1梯501房', gazetteer), 113.101, 23.0);
  const precisions = ['同济路12号三座1梯501室', '同济路12号3栋602房', '同济路12号', '同济路12号之一', '同济路14号'].map(
    (text) => rooms.find(parseAddress(text, gazetteer))?.precision,
  );
  expect(precisions).toEqual(['room', 'building', 'plate', 'plate', 'plate']);
});
