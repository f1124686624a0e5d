import { expect, test } from 'vitest';
import { addressVariants, knownAddress } from '../../../../etl/demo/address-variants.ts';
import { createContext } from '../../../../etl/demo/context.ts';
import { createRandom } from '../../../../etl/demo/random.ts';
import { AddressIndex } from '../../../../etl/link/address/address-index.ts';
import { AddressLesson } from '../../../../etl/link/address/address-lesson.ts';
import { AddressReader } from '../../../../etl/link/address/address-reader.ts';
import { makeGazetteer } from '../../../../etl/link/address/gazetteer.ts';
import { Addresses } from '../../../../etl/link/address/load-addresses.ts';
import { normalText } from '../../../../etl/link/address/normal-text.ts';
import { parseAddress } from '../../../../etl/link/address/parse-address.ts';
import { getLayer } from '../../../../layers/index.ts';

const context = createContext(0.02, 3);
const gazetteer = makeGazetteer(
  context.district.towns,
  context.district.communities,
  context.roads.map(({ name }) => name),
);
/** With a name that ends in a number nothing is remembered of what stands before the number of a plate. */
const forgetful = { ...gazetteer, roads: new Set([...gazetteer.roads, '无此路9']) };
const random = createRandom(5, 'reader');
const ROOMS = ['502房', '1201房', '101室', '502房', '0502房', '12房', '之3', '602室', '99999房', '3座', ''];

/** Known addresses in all their spellings, and texts that are none, each with several rooms behind it. */
function* texts(): Generator<string> {
  for (const [i, building] of context.buildings.entries()) {
    if (i % 71 !== 0) continue;
    const known = knownAddress(context, building, random);
    const stems = [
      context.addressOf(building),
      ...(known ? addressVariants(known, random).map(({ text }) => text) : []),
    ];
    for (const stem of stems)
      for (const inside of ['', '3座', '3座2梯', '之一22座', '5楼3座', '(二期', 'Ａ栋'])
        for (const room of ROOMS) yield `${stem}${inside}${room}`;
  }
  const alphabet = [...'广东省佛山市禅城区祖庙街道路巷坊村号座梯房之一二十百0123456789ABC-（）#楼层栋花园 '];
  for (let i = 0; i < 800; i += 1) {
    const stem = Array.from({ length: random.int(0, 30) }, () => random.pick(alphabet)).join('');
    for (const room of ROOMS) for (const end of ['号', '座', '栋', '梯', '']) yield `${stem}${end}${room}`;
  }
}

test('a lesson teaches what its rows teach one by one', async () => {
  const [taught, told] = [new AddressIndex(), new AddressIndex()];
  const lesson = new AddressLesson(getLayer('standard_address'));
  const asked: string[] = [];
  let rows = 0;
  for (const text of texts()) {
    if (text === '') continue;
    const [lon, lat] = [113 + random.next() / 1e4, 23 + random.next() / 1e4];
    // Some buildings are not stated, some are in two.
    const building = random.pick(['', 'B1', 'B1', 'B1', 'B22']);
    const both = Buffer.from(text + building);
    const end = both.length - building.length;
    lesson.addIn(both, [0, end], [end, both.length], lon, lat);
    told.add(parseAddress(text, forgetful), lon, lat, building === '' ? null : building);
    rows += 1;
    if (rows % 20 === 0) asked.push(text);
  }
  await lesson.teach(taught, new AddressReader(gazetteer));
  expect(taught.size).toBe(told.size);
  for (const text of asked) {
    const parsed = parseAddress(text, gazetteer);
    expect(taught.find(parsed), text).toEqual(told.find(parsed));
  }
});

test('rooms that are read together have the parts of rooms that are read alone, and are found in the same places', () => {
  const reader = new AddressReader(gazetteer);
  const [together, alone] = [new AddressIndex(), new AddressIndex()];
  let next = 0;
  let read = 0;
  const asked: string[] = [];
  for (const text of texts()) {
    const place = reader.read(text);
    const { parts, communityCode, confidence } = parseAddress(text, forgetful);
    expect({ parts: place.parts, communityCode: place.communityCode, confidence: place.confidence }, text).toEqual({
      parts,
      communityCode,
      confidence,
    });
    const [lon, lat] = [113 + random.next() / 1e4, 23 + random.next() / 1e4];
    if (reader.isNextRoom) together.addRoom(place, lon, lat);
    else together.add(place, lon, lat);
    alone.add({ parts, communityCode, confidence }, lon, lat);
    read += 1;
    if (reader.isNextRoom) next += 1;
    if (read % 20 === 0) asked.push(text);
  }
  expect(next).toBeGreaterThan(read / 30);
  expect(together.size).toBe(alone.size);
  for (const text of asked) {
    const parsed = parseAddress(text, gazetteer);
    expect(together.find(parsed), text).toEqual(alone.find(parsed));
  }
  // In any order: what is remembered of a building does not depend on who asked before.
  const addresses = new Addresses(alone, gazetteer);
  for (let i = 0; i < asked.length * 2; i += 1) {
    const text = random.pick(asked);
    const found = alone.find(parseAddress(text, forgetful));
    expect(addresses.find(text), text).toEqual(found);
    // The same where it stands among others in a file.
    const bytes = Buffer.from(`502房${text}房`);
    expect(addresses.findIn(bytes, 6, bytes.length - 3), text).toEqual(found);
  }
});

test('an address that reads as it stands is what it becomes when every character is looked at', () => {
  const alphabet = [...'广东省路街巷弄坊村号座栋幢梯单元楼层房室段邻期之附零〇○一二三十百廿两號樓區0129AOZaz-（）－ '];
  let same = 0;
  for (let i = 0; i < 20_000; i += 1) {
    const text = Array.from({ length: random.int(0, 8) }, () => random.pick(alphabet)).join('');
    // A blank means nothing, and no address with one is taken for normal.
    const closely = normalText(` ${text}`);
    expect(normalText(text), text).toBe(closely);
    if (closely === text) same += 1;
  }
  expect(same).toBeGreaterThan(1000);
});
