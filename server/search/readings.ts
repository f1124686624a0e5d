import { pinyin } from 'pinyin-pro';

/** Readings by character, filled as they are met: a few thousand characters make up all names. */
const known = new Map<string, readonly string[]>();

const HAN = /\p{Script=Han}/u;

/**
 * How a Chinese character is read, without tones, the usual reading first (重: zhong, chong). A letter or digit reads as
 * itself; anything else as nothing.
 */
export function readingsOf(character: string): readonly string[] {
  let readings = known.get(character);
  if (readings !== undefined) return readings;
  if (HAN.test(character)) {
    const all = pinyin(character, { toneType: 'none', type: 'array', multiple: true, v: true });
    // A character the dictionary does not have is answered as it is.
    readings = [...new Set(all.filter((reading) => /^[a-z]+$/.test(reading)))];
  } else {
    const plain = character.normalize('NFKC').toLowerCase();
    readings = /^[a-z0-9]$/.test(plain) ? [plain] : [];
  }
  known.set(character, readings);
  return readings;
}

/** First letters of the readings: at most three, as more are of readings nobody uses. */
export function initialsOf(character: string): readonly string[] {
  const initials: string[] = [];
  for (const [first] of readingsOf(character))
    if (first !== undefined && !initials.includes(first)) initials.push(first);
  return initials.slice(0, 3);
}

const SYLLABLE =
  /^(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?(?:iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|ai|an|ao|ei|en|er|ia|ie|in|iu|ou|ua|ue|ui|un|uo|ve|a|e|i|o|u|v)$/;

/** Ways to read letters as pinyin, the fewest syllables first: `renminl` is ren min l, and also r e n m i n l. */
const MOST_WAYS = 6;

/**
 * First letters that may stand behind letters typed as pinyin: of whole syllables, and of the letters each by itself. The
 * last syllable may be begun only. Digits stand for themselves.
 */
export function typedInitials(letters: string): string[] {
  const found = new Set<string>([letters]);
  const walk = (at: number, initials: string): void => {
    if (found.size >= MOST_WAYS) return;
    if (at === letters.length) {
      found.add(initials);
      return;
    }
    for (let size = Math.min(6, letters.length - at); size > 0; size--) {
      const part = letters.slice(at, at + size);
      const isBegun = at + size === letters.length && /^(zh|ch|sh|[a-z])$/.test(part);
      if (SYLLABLE.test(part) || isBegun || /^\d$/.test(part)) walk(at + size, initials + (part[0] as string));
    }
  };
  walk(0, '');
  return [...found];
}

/**
 * Where a text is read as typed: whole syllables, begun ones and first letters may be mixed, each character takes at least
 * one letter. Answers the first and the behind-last character, or null.
 */
export function findRead(characters: readonly string[], letters: string): [number, number] | null {
  const failed = new Set<number>();
  const match = (index: number, at: number): number | null => {
    if (at === letters.length) return index;
    if (index === characters.length) return null;
    const key = index * 256 + at;
    if (failed.has(key)) return null;
    for (const reading of readingsOf(characters[index] as string)) {
      // The longest part first: as much of a syllable as was typed.
      for (let size = Math.min(reading.length, letters.length - at); size > 0; size--) {
        if (!letters.startsWith(reading.slice(0, size), at)) continue;
        const isWhole = size === reading.length || size === 1 || at + size === letters.length;
        if (!isWhole && !/^(zh|ch|sh)$/.test(reading.slice(0, size))) continue;
        const end = match(index + 1, at + size);
        if (end !== null) return end;
      }
    }
    failed.add(key);
    return null;
  };
  for (let index = 0; index < characters.length; index++) {
    const end = match(index, 0);
    if (end !== null) return [index, end];
  }
  return null;
}
