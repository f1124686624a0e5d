import type { Mask } from './define.ts';

/** Two-character surnames in use. A name that starts with one keeps both characters. */
const COMPOUND_SURNAMES = new Set(
  (
    '欧阳 司马 上官 诸葛 司徒 夏侯 东方 皇甫 尉迟 公孙 慕容 令狐 长孙 宇文 轩辕 端木 百里 东郭 南宫 呼延 ' +
    '独孤 申屠 公冶 公羊 澹台 淳于 单于 太史 钟离 闻人 濮阳 赫连 拓跋 闾丘 宗政 司空 司寇 鲜于 完颜 第五 万俟 ' +
    '歐陽 司馬 諸葛 東方 尉遲 公孫 長孫 軒轅 東郭 南宮 獨孤 鍾離 聞人 濮陽 閭丘 鮮于'
  ).split(' '),
);

const graphemes = new Intl.Segmenter('zh', { granularity: 'grapheme' });

/** One code unit each: nearly every name and code, split 20 times faster than by the segmenter. */
const SIMPLE = /^[\x20-\x7e\u3400-\u9fff·]*$/;

/** Characters as people count them: rare characters outside the BMP and variation sequences are one each. */
function characters(text: string): string[] {
  if (SIMPLE.test(text)) return text.split('');
  return Array.from(graphemes.segment(text), (segment) => segment.segment);
}

function maskName(name: string): string {
  const chars = characters(name.trim());
  const surname = chars.length > 2 && COMPOUND_SURNAMES.has(chars.slice(0, 2).join('')) ? 2 : 1;
  // At most two stars: the length of a long given name would tell people apart.
  return chars.slice(0, surname).join('') + '*'.repeat(Math.min(2, Math.max(1, chars.length - surname)));
}

function maskCode(code: string): string {
  const chars = characters(code);
  const kept = Math.min(6, Math.floor(chars.length / 3));
  return chars.slice(0, kept).join('') + '*'.repeat(chars.length - kept);
}

function maskIdNo(idNo: string): string {
  const match = /^(\d{6})(?:\d{8}(\d{3}[\dXx])|\d{6}(\d{3}))$/.exec(idNo);
  if (match === null) return maskCode(idNo);
  return match[2] === undefined ? `${match[1]}******${match[3]}` : `${match[1]}********${match[2]}`;
}

function maskPhone(phone: string): string {
  const mobile = /^((?:\+?86[- ]?)?1\d{2})\d{4}(\d{4})$/.exec(phone);
  if (mobile !== null) return `${mobile[1]}****${mobile[2]}`;
  const landline = /^((?:\+?86[- ]?)?(?:\(?0\d{2,3}\)?[- ]?)?)\d{3,4}(\d{4})$/.exec(phone);
  if (landline !== null) return `${landline[1]}****${landline[2]}`;
  return maskCode(phone);
}

const BUILDING = /[0-9０-９A-Za-z一二三四五六七八九十甲乙丙丁]+(?:座|栋|幢|号楼)/;
const PLATE_NUMBER = /[0-9０-９一二三四五六七八九十百]+(?:[-－][0-9０-９]+)?号(?:之[0-9０-９一二三四五六七八九十]+)?/;
const ROAD = /^.*(?:大道|路|街|巷|里|坊|村)/;

/** Keeps an address up to the building; without a building up to the door plate, else up to the road. */
function maskAddress(address: string): string {
  const match = BUILDING.exec(address) ?? PLATE_NUMBER.exec(address) ?? ROAD.exec(address);
  return (match === null ? '' : address.slice(0, match.index + match[0].length)) + '***';
}

function maskBirthDate(value: unknown): string {
  const text = value instanceof Date ? String(value.getUTCFullYear()) : String(value);
  const year = /^\d{4}/.exec(text);
  return `${year === null ? '****' : year[0]}-**-**`;
}

/**
 * The value as shown to a caller who may see the row but not the person behind it (level 1: inside the government
 * network). Null and undefined stay null, so that a missing value is not mistaken for a hidden one.
 */
export function maskValue(mask: Mask, value: unknown): string | null {
  if (value === null || value === undefined) return null;
  const text = value instanceof Date ? value.toISOString() : String(value).trim();
  if (text === '') return '';
  switch (mask) {
    case 'name':
      return maskName(text);
    case 'id_no':
      return maskIdNo(text);
    case 'phone':
      return maskPhone(text);
    case 'address':
      return maskAddress(text);
    case 'birth_date':
      return maskBirthDate(value);
    case 'code':
      return maskCode(text);
    case 'plate': {
      const chars = characters(text);
      return chars.length < 6 ? maskCode(text) : [...chars.slice(0, 2), '***', ...chars.slice(-2)].join('');
    }
    case 'bank_card':
      return text.length < 8 ? maskCode(text) : '*'.repeat(text.length - 4) + text.slice(-4);
    case 'email':
      return text.includes('@') ? `${characters(text)[0]}***${text.slice(text.lastIndexOf('@'))}` : maskCode(text);
  }
}
