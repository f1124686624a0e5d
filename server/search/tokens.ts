import { initialsOf } from './readings.ts';

/**
 * Keys of the index, as numbers: two neighbouring characters of a text, its first character, three neighbouring first
 * letters of its reading, its first two. None is longer: any part of a text of two characters or more can be looked up.
 */
const START = 0x1fffff;
const WIDTH = 0x200000;
const READ = 2 ** 43;
const READ_START = READ + 2 ** 20;

function pair(first: number, second: number): number {
  return first * WIDTH + second;
}

/** The token of a text that begins with this character. */
export function startToken(text: string): number {
  return pair(START, text.codePointAt(0) ?? 0);
}

/** Neighbouring characters of a normal text. */
export function pairTokens(text: string): number[] {
  const tokens: number[] = [];
  let before = -1;
  for (const character of text) {
    const code = character.codePointAt(0) as number;
    if (before >= 0) tokens.push(pair(before, code));
    before = code;
  }
  return tokens;
}

function letterCode(letter: string): number {
  const code = letter.charCodeAt(0);
  return code >= 97 ? code - 97 : code - 48 + 26;
}

/** Three neighbouring first letters. */
export function readTokens(initials: string): number[] {
  const codes = Array.from(initials, letterCode);
  return codes
    .slice(2)
    .map((code, index) => READ + ((codes[index] as number) * 36 + (codes[index + 1] as number)) * 36 + code);
}

/** The first two first letters. */
export function readStartToken(initials: string): number {
  return READ_START + letterCode(initials[0] as string) * 36 + letterCode(initials[1] as string);
}

/** More ways to read three neighbours than anybody types. */
const MOST_COMBINED = 8;

/** All tokens of how a text is read; a character of several readings stands for each of them. */
export function readingTokens(text: string): number[] {
  const letters: (readonly string[])[] = [];
  for (const character of text) {
    const initials = initialsOf(character);
    if (initials.length > 0) letters.push(initials);
  }
  const tokens: number[] = [];
  const [first, second] = letters;
  if (first !== undefined && second !== undefined) {
    for (const a of first) for (const b of second) tokens.push(readStartToken(a + b));
  }
  for (let index = 2; index < letters.length; index++) {
    let combined = 0;
    for (const a of letters[index - 2] as readonly string[]) {
      for (const b of letters[index - 1] as readonly string[]) {
        for (const c of letters[index] as readonly string[]) {
          if (combined++ < MOST_COMBINED) tokens.push(READ + (letterCode(a) * 36 + letterCode(b)) * 36 + letterCode(c));
        }
      }
    }
  }
  return tokens;
}
