import type { Field } from '../../layers/define.ts';
import type { RepairCode } from './codes.ts';

/** A way to put a value right that leaves no doubt: the text as it should be, or the same text. */
interface Mending {
  code: RepairCode;
  mend: (text: string, field: Field) => string;
}

/** Characters nobody sees, and control characters: they come with copied text. Line breaks and tabs of remarks stay. */
// eslint-disable-next-line no-control-regex
const INVISIBLE = /[\u0001-\u0008\u000b\u000c\u000e-\u001f\u007f\u00ad\u200b-\u200f\u2028-\u202e\u2060\ufeff]/gu;
const PLACEHOLDER = /^(?:[-—–_/\\]+|无|暂无|不详|未知|待补|N\/?A|#N\/A|#REF!|#VALUE!|NULL|NONE)$/iu;
const GROUPED = /^([+-]?\d{1,3}(?:[,，]\d{3})+)(\.\d+)?/u;

/** Chinese and other spellings of units; a number followed by its own unit is that number. */
const UNITS: Readonly<Record<string, readonly string[]>> = {
  m: ['米', 'M'],
  'm²': ['平方米', '㎡', 'm2', '平米', 'M2'],
  'm³': ['立方米', 'm3'],
  cm: ['厘米', 'CM'],
  mm: ['毫米', 'MM'],
  km: ['公里', '千米', 'KM'],
  'km²': ['平方公里', '平方千米', 'km2'],
  'km/h': ['公里/小时', '千米/时', 'KM/H'],
  ha: ['公顷'],
  '%': ['％', '百分比'],
  '°C': ['℃', '度'],
  kW: ['千瓦', 'KW'],
  t: ['吨'],
  h: ['小时', '时'],
  min: ['分钟', '分'],
};
/** What numbers without a unit are counted in. */
const COUNTED = /^(?:个|人|层|户|间|套|座|栋|辆|台|条|块|岁|年|次|名|根|株|处)$/u;

function withoutUnit(text: string, field: Field): string {
  const match = /^([+-]?[\d.,，]+)\s*([^\d\s.,，].{0,7})$/u.exec(text);
  if (!match) return text;
  const [, number, unit] = match as unknown as [string, string, string];
  const isOwn =
    field.unit === undefined ? COUNTED.test(unit) : unit === field.unit || UNITS[field.unit]?.includes(unit);
  return isOwn ? number : text;
}

/** 45231 is 2023-11-01 in a spreadsheet. */
function excelDay(text: string): string {
  const serial = /^(\d{5})(?:\.0+)?$/u.exec(text)?.[1];
  const days = Number(serial ?? Number.NaN);
  if (!(days >= 10_000 && days < 60_000)) return text;
  return new Date((days - 25_569) * 86_400_000).toISOString().slice(0, 10);
}

function isNumber(field: Field): boolean {
  return field.type === 'int' || field.type === 'number';
}

/** In the order in which they are tried, one on top of the other, on a value that was refused as it stood. */
export const MENDINGS: readonly Mending[] = [
  { code: 'FULL_WIDTH', mend: (text) => text.normalize('NFKC') },
  {
    code: 'TEXT_CLEANED',
    mend: (text, field) => {
      const plain = text
        .replaceAll(INVISIBLE, '')
        .trim()
        .replace(/^['’"“]+|['’"”]+$/gu, '');
      // Numbers and codes have no blanks in them, and letters of codes are capitals.
      if (field.type === 'string')
        return field.pattern === undefined ? plain : plain.replaceAll(/\s/gu, '').toUpperCase();
      return isNumber(field) ? plain.replaceAll(/\s/gu, '') : plain;
    },
  },
  { code: 'PLACEHOLDER_EMPTIED', mend: (text) => (PLACEHOLDER.test(text) ? '' : text) },
  {
    code: 'NUMBER_CLEANED',
    mend: (text, field) => {
      if (!isNumber(field)) return text;
      const bare = withoutUnit(text, field);
      return GROUPED.test(bare) ? bare.replaceAll(/[,，]/gu, '') : bare;
    },
  },
  { code: 'EXCEL_DATE', mend: (text, field) => (field.type === 'date' ? excelDay(text) : text) },
];

/** A text without what does not belong to it: for fields of free text, which are never refused for it. */
export function cleanText(text: string): string {
  return text.replaceAll(INVISIBLE, '').trim();
}

export function needsCleaning(text: string): boolean {
  INVISIBLE.lastIndex = 0;
  return INVISIBLE.test(text);
}

/** Traces of text that was read by another encoding than it was written in. */
const GARBLED = /\ufffd|锟斤|斤拷|烫烫|屯屯|[ÃÂ][\u0080-\u00bf]|[äåæçèé][\u0080-\u00bf]{2}|â€/u;

export function isGarbled(text: string): boolean {
  return GARBLED.test(text);
}

/** A coordinate as people write it: full-width, with a degree sign, or in degrees, minutes and seconds. */
export function mendCoordinate(raw: unknown): number {
  if (typeof raw !== 'string') return Number.NaN;
  const text = raw.normalize('NFKC').replaceAll(INVISIBLE, '').replaceAll(/\s/gu, '').replace(/[EN]$/iu, '');
  const parts = /^(\d{1,3})[°º](\d{1,2})['′’](\d{1,2}(?:\.\d+)?)(?:["″”]|['′’]{2})?$/u.exec(text);
  if (parts) {
    const [degrees, minutes, seconds] = parts.slice(1).map(Number) as [number, number, number];
    return minutes < 60 && seconds < 60 ? degrees + minutes / 60 + seconds / 3600 : Number.NaN;
  }
  const plain = text.replace(/°$/u, '').replace(/^'/u, '');
  return /^[+-]?\d+(\.\d+)?$/u.test(plain) ? Number(plain) : Number.NaN;
}
