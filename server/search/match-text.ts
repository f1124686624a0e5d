import { normalText } from './normal-text.ts';
import { findRead } from './readings.ts';

/** What somebody typed, prepared once for all texts. */
export interface Typed {
  raw: string;
  normal: string;
  /** Letters and digits only, to be read as pinyin too; null where it holds anything else. */
  letters: string | null;
  pairs: readonly string[];
  /** Numbers in their order: 12 is not 112. */
  numbers: readonly string[];
}

export interface TextMatch {
  /** 0 to 1. */
  score: number;
  /** Characters of the raw text that match; null where they are spread over it. */
  range: [number, number] | null;
}

export function readTyped(raw: string): Typed {
  const normal = normalText(raw);
  const characters = Array.from(normal);
  return {
    raw: raw.trim().toLowerCase(),
    normal,
    letters: /^[a-z0-9]*[a-z][a-z0-9]*$/.test(normal) && normal.length >= 2 ? normal : null,
    pairs: characters.slice(1).map((character, index) => `${characters[index]}${character}`),
    numbers: normal.match(/\d+/g) ?? [],
  };
}

/** Share of the pairs that a text must have at least, to be taken for what was typed with a mistake or with parts missing. */
const LEAST_SHARE = 0.5;

/** How well a text is what was typed, or null where it is not. */
export function matchText(typed: Typed, text: string): TextMatch | null {
  const normal = normalText(text);
  if (normal === '' || typed.normal === '') return null;
  const at = normal.indexOf(typed.normal);
  if (at >= 0) {
    const whole = normal === typed.normal;
    const extra = 0.1 * (1 - typed.normal.length / normal.length);
    // A number that goes on is another number.
    const isCut = /\d$/.test(typed.normal) && /^\d/.test(normal.slice(at + typed.normal.length));
    const score = (whole ? 1 : at === 0 ? 0.9 : 0.8) - extra - (isCut ? 0.05 : 0);
    return { score, range: rangeIn(text, typed.raw) };
  }
  if (typed.letters !== null) {
    const characters = Array.from(text);
    const read = findRead(characters, typed.letters);
    if (read !== null) {
      const [from, to] = read;
      const whole = from === 0 && to === characters.length;
      const score = (whole ? 0.75 : from === 0 ? 0.7 : 0.6) - 0.1 * (1 - (to - from) / characters.length);
      const before = characters.slice(0, from).join('').length;
      return { score, range: [before, before + characters.slice(from, to).join('').length] };
    }
  }
  if (typed.pairs.length < 2) return null;
  const has = new Set(readTyped(text).pairs);
  const shared = typed.pairs.filter((pair) => has.has(pair)).length / typed.pairs.length;
  if (shared < LEAST_SHARE) return null;
  const numbers: readonly string[] = normal.match(/\d+/g) ?? [];
  let from = 0;
  let missing = 0;
  for (const number of typed.numbers) {
    const found = numbers.indexOf(number, from);
    if (found < 0) missing++;
    else from = found + 1;
  }
  return {
    score: 0.55 * shared * 0.6 ** missing - 0.05 * (1 - Math.min(1, typed.normal.length / normal.length)),
    range: null,
  };
}

function rangeIn(text: string, part: string): [number, number] | null {
  const at = text.toLowerCase().indexOf(part);
  return at < 0 ? null : [at, at + part.length];
}
