/** What the words of two reports say about whether they mean the same thing. */
export interface Likeness {
  /** Share of two-character pieces in common, 0 … 1 (Dice). */
  common: number;
  /** House numbers, buildings, units, lamp posts: 1 the same, -1 others, 0 not both name one. */
  number: -1 | 0 | 1;
  /** Roads, bridges, estates: likewise. */
  place: -1 | 0 | 1;
}

const NUMBER = /(\d+|[一二三四五六七八九十百]+)(号|栋|座|幢|单元|室|弄|巷口|档|桩)/gu;
/** The two characters before tell one road from another: 华五路, 华六路. */
const PLACE = /\p{Script=Han}{2}(?:大道|路|街|巷|桥|涌|村|小区|花园|市场|公园|广场|学校|医院|工业区|地铁站)/gu;

interface Words {
  pieces: ReadonlySet<string>;
  numbers: ReadonlySet<string>;
  units: ReadonlySet<string>;
  places: ReadonlySet<string>;
}

function wordsOf(text: string): Words {
  const plain = text.normalize('NFKC').toLowerCase().replaceAll(/\s/gu, '');
  const letters = Array.from(plain.replaceAll(/[^\p{L}\p{N}]/gu, ''));
  const numbers = Array.from(plain.matchAll(NUMBER), ([whole, , unit = '']) => [whole, unit] as const);
  return {
    pieces: new Set(letters.slice(1).map((letter, index) => `${letters[index]}${letter}`)),
    numbers: new Set(numbers.map(([whole]) => whole)),
    units: new Set(numbers.map(([, unit]) => unit)),
    places: new Set(Array.from(plain.matchAll(PLACE), ([place]) => place)),
  };
}

function shared(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let count = 0;
  for (const item of a) if (b.has(item)) count += 1;
  return count;
}

/** Compares two titles. */
export function compareWording(a: string, b: string): Likeness {
  const [left, right] = [wordsOf(a), wordsOf(b)];
  const size = left.pieces.size + right.pieces.size;
  const haveNumbers = shared(left.units, right.units) > 0;
  const havePlaces = left.places.size > 0 && right.places.size > 0;
  return {
    common: size === 0 ? 0 : (2 * shared(left.pieces, right.pieces)) / size,
    number: !haveNumbers ? 0 : shared(left.numbers, right.numbers) > 0 ? 1 : -1,
    place: !havePlaces ? 0 : shared(left.places, right.places) > 0 ? 1 : -1,
  };
}
