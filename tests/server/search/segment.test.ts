import * as fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { buildSegment } from '../../../server/search/build-segment.ts';
import { readTyped } from '../../../server/search/match-text.ts';
import { normalText } from '../../../server/search/normal-text.ts';
import { searchSegment } from '../../../server/search/search-segment.ts';
import { NOWHERE, type Segment, textsOf } from '../../../server/search/segment.ts';

function segment(names: readonly string[], codes: readonly string[] = []): Segment {
  return buildSegment(
    { layer: 'x', load: 1, fields: codes.length > 0 ? ['name', 'code'] : ['name'], isPoint: true },
    names.map((name, index) => ({
      fid: index + 1,
      texts: codes.length > 0 ? [name, codes[index] as string] : [name],
      place: index === 0 ? null : [113 + index / 1000, 23],
    })),
  );
}

const found = (index: Segment, text: string): string[] =>
  searchSegment(index, readTyped(text), 10).map(({ texts }) => texts[0] as string);

const hospitals = segment(
  ['顺德区人民医院', '人民医院', '中医院', '𠮷野家大良店', '重庆小面', '佛山市第一人民医院', '吉列公司'],
  ['A1', 'B2', 'C3', 'D4', 'E5', 'F6', '91440606MA4X'],
);

test.each([
  ['人民医院', ['人民医院', '顺德区人民医院', '佛山市第一人民医院']],
  ['rmyy', ['人民医院', '顺德区人民医院', '佛山市第一人民医院']],
  ['renminyiyuan', ['人民医院', '顺德区人民医院', '佛山市第一人民医院']],
  ['𠮷野', ['𠮷野家大良店']],
  ['chongqing', ['重庆小面']],
  ['cqxm', ['重庆小面']],
  ['440606ma', ['吉列公司']],
  ['中', ['中医院']],
  ['没有这个', []],
])('%s finds %j', (typed, names) => {
  const result = found(hospitals, typed);
  expect(result.slice(0, names.length)).toEqual(names);
  if (names.length === 0) expect(result).toEqual([]);
});

it('finds with a wrong character', () => {
  expect(found(hospitals, '顺德区人民医员')[0]).toBe('顺德区人民医院');
});

it('keeps places, and rows without one', () => {
  expect(hospitals.places).toContain(NOWHERE);
  const [hit] = searchSegment(hospitals, readTyped('重庆小面'), 1);
  expect(hit).toMatchObject({ fid: 5, place: [113.004, 23], field: 0, range: [0, 4] });
  expect(searchSegment(hospitals, readTyped('顺德区人民医院'), 1)[0]?.place).toBeNull();
});

it('finds every row by any part of its name, as a scan of all rows does', () => {
  const character = fc.constantFrom(...Array.from('人民医院路大良顺德𠮷12abＡ号座。 '));
  const name = fc.array(character, { minLength: 1, maxLength: 8 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.array(name, { minLength: 1, maxLength: 60 }), fc.nat(), fc.nat(), (names, which, cut) => {
      const index = segment(names);
      const source = Array.from(normalText(names[which % names.length] as string));
      const from = cut % Math.max(1, source.length);
      const part = source.slice(from, from + 3).join('');
      if (Array.from(part).length < 2) return;
      const typed = readTyped(part);
      const expected = names.filter((each) => normalText(each).includes(typed.normal));
      const hits = searchSegment(index, typed, 1000).map(({ texts }) => texts[0] as string);
      for (const each of expected) expect(hits).toContain(each);
    }),
    { numRuns: 300 },
  );
});

it('keeps texts as they are', () => {
  const texts = Array.from({ length: hospitals.entries }, (_, entry) => textsOf(hospitals, entry)[1]);
  expect(texts.toSorted()).toEqual(['91440606MA4X', 'A1', 'B2', 'C3', 'D4', 'E5', 'F6']);
});
