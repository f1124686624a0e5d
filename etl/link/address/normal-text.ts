/** Traditional forms of the words an address is cut at. */
const TRADITIONAL: Readonly<Record<string, string>> = {
  號: '号',
  樓: '楼',
  層: '层',
  棟: '栋',
  單: '单',
  區: '区',
  縣: '县',
  鎮: '镇',
  鄉: '乡',
  鄰: '邻',
  裡: '里',
  臺: '台',
  門: '门',
  東: '东',
  廣: '广',
  園: '园',
};

const DIGITS = '零一二三四五六七八九';
const DIGIT: Readonly<Record<string, number>> = Object.fromEntries([
  ...[...DIGITS].map((character, value) => [character, value] as const),
  ['〇', 0],
  ['○', 0],
  ['Ｏ', 0],
  ['O', 0],
  ['两', 2],
  ['壹', 1],
  ['贰', 2],
  ['叁', 3],
]);

/** Chinese numerals in front of a word that counts. A lane is counted along its road; 东星二巷 is a name. */
const COUNTED =
  /([零〇○ＯO一二三四五六七八九十百两廿]+)(?=号|座|栋|幢|梯|单元|楼|层|房|室|段|邻|期)|(?<=[路街段道])([零〇○ＯO一二三四五六七八九十百]+)(?=巷|弄)/gu;
/** 之一, 之十二 behind a number. */
const SUFFIXED = /(之|附)([零〇一二三四五六七八九十]+)/gu;

/**
 * An address as the parser reads it: half-width letters and digits in upper case, simplified words, Arabic numerals where
 * something is counted (三座 is 3座, 之一 is 之1; 季华六路 stays), no blanks, no marks, without remarks in brackets.
 */
export function normalText(raw: string): string {
  if (isNormal(raw)) return raw;
  let text = PLAIN.test(raw) ? raw : plainText(raw);
  text = text.replaceAll(/[號樓層棟單區縣鎮鄉鄰裡臺門東廣園]/gu, (character) => TRADITIONAL[character] as string);
  text = text.replaceAll(COUNTED, (whole: string) => numberText(whole));
  // 之一22座: the two numbers stay two.
  return text.replaceAll(SUFFIXED, (_, mark: string, numerals: string) => `${mark}${numberText(numerals)}/`);
}

/** What a character may mean for the reading of an address; 0 where it has to be looked at closely. */
const PLAIN_CHARACTER = 1;
const NUMERAL = 2;
const COUNTED_WORD = 3;
const meanings = makeMeanings();

function makeMeanings(): Uint8Array {
  const made = new Uint8Array(0x10000);
  made.fill(PLAIN_CHARACTER, 0x4e00, 0x9fa6);
  const put = (characters: string, meaning: number): void => {
    for (const character of characters) made[character.charCodeAt(0)] = meaning;
  };
  put('0123456789ABCDEFGHIJKLMNPQRSTUVWXYZ-', PLAIN_CHARACTER);
  put('号座栋幢梯单楼层房室段邻期巷弄', COUNTED_WORD);
  put('零一二三四五六七八九十百两廿', NUMERAL);
  put(Object.keys(TRADITIONAL).join('') + '之附', 0);
  return made;
}

/** Certain to be read as it stands: plain characters, and no Chinese numeral in front of a word that counts. */
function isNormal(raw: string): boolean {
  let before = 0;
  for (let i = 0; i < raw.length; i += 1) {
    const meaning = meanings[raw.charCodeAt(i)] as number;
    if (meaning === 0 || (meaning === COUNTED_WORD && before === NUMERAL)) return false;
    before = meaning;
  }
  return true;
}

/** Most addresses have nothing but these characters, which mean what they are. */
const PLAIN = /^[\u4e00-\u9fa5\dA-Z-]*$/u;

/** Half-width, in upper case, without blanks, marks and remarks in brackets. */
function plainText(raw: string): string {
  const text = raw.normalize('NFKC').toUpperCase();
  return text
    .replaceAll(/[([【〔{][^)\]】〕}]*[)\]】〕}]?/gu, '')
    .replaceAll(/[\s,。、;:·'"“”．|]+/gu, '')
    .replaceAll(/[－—–﹣~～]/gu, '-');
}

/** 十五 is 15, 二八五 and 二八〇 digit by digit; what is no number stays. */
export function numberText(numerals: string): string {
  if (/^[O]+$/.test(numerals)) return numerals;
  const characters = [...numerals];
  if (!characters.some((character) => '十百廿'.includes(character))) {
    return characters.map((character) => DIGIT[character] ?? character).join('');
  }
  let total = 0;
  let digit: number | null = null;
  for (const character of characters) {
    if (character === '十' || character === '廿') {
      total += (character === '廿' ? 2 : (digit ?? 1)) * 10;
      digit = null;
    } else if (character === '百') {
      total += (digit ?? 1) * 100;
      digit = null;
    } else digit = DIGIT[character] ?? 0;
  }
  return String(total + (digit ?? 0));
}
