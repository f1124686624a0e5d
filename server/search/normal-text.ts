const DIGITS = '零一二三四五六七八九';

/** Numerals in front of a word that counts: 三栋 is 3栋. Roads (季华六路) and lanes (东星二巷) are names and stay. */
const COUNTED = /[零〇一二三四五六七八九十百]+(?=号|栋|单元|层|楼|室)/gu;

/** Words for the same thing in addresses, and the one they are compared by. */
const SAME: readonly [RegExp, string][] = [
  [/號/gu, '号'],
  [/(?<=\d)号楼/gu, '栋'],
  [/[幢棟]/gu, '栋'],
  [/(?<=[\da-z])座/gu, '栋'],
  [/(?<=\d)[房#]/gu, '室'],
];

/** Neither letters nor digits nor characters. */
const MARKS = /[^\p{L}\p{N}]+/gu;

/** 十五 is 15, 一百二十 is 120, 二〇一 digit by digit. */
export function numeralValue(numerals: string): string {
  if (!/[十百]/u.test(numerals)) {
    return Array.from(numerals, (character) => (character === '〇' ? 0 : DIGITS.indexOf(character))).join('');
  }
  let total = 0;
  let digit: number | null = null;
  for (const character of numerals) {
    if (character === '十' || character === '百') {
      total += (digit ?? 1) * (character === '十' ? 10 : 100);
      digit = null;
    } else digit = character === '〇' ? 0 : DIGITS.indexOf(character);
  }
  return String(total + (digit ?? 0));
}

/**
 * A text as it is searched: half-width letters in lower case, Arabic numerals where something is counted, one word for
 * building and one for room, no blanks and no marks.
 */
export function normalText(raw: string): string {
  let text = raw.normalize('NFKC').toLowerCase();
  if (/[號幢棟栋号楼单层室座房#]/u.test(text)) {
    // Buildings first, so that their numerals are counted.
    text = text.replaceAll(/(?<=[零〇一二三四五六七八九十百])[座幢]/gu, '栋').replaceAll(COUNTED, numeralValue);
    for (const [pattern, word] of SAME) text = text.replaceAll(pattern, word);
  }
  return text.replaceAll(MARKS, '');
}
