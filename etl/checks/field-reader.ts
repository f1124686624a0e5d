import type { Field, FieldType } from '../../layers/define.ts';
import { type ActiveChecks, ALL_CHECKS } from './active-checks.ts';
import { civilDays } from './byte-number.ts';
import { hasRightChecksum } from './checksum.ts';
import type { RejectCode, RepairCode } from './codes.ts';
import { cleanText, isGarbled, MENDINGS, needsCleaning } from './mend-text.ts';

/** A value as it is stored: date = days, datetime = microseconds, both since 2000-01-01 (UTC). */
export type Value = string | number | boolean | null;

/** What is wrong with a value. */
export interface Fault {
  code: RejectCode;
  field: string | null;
  value: string | null;
  message: string;
}

/** Stands for a value that failed; what failed is in the reader's `fault`. */
export const INVALID = Symbol('invalid');

/** A message in both languages, as it is stored with a rejected row. */
export function bilingual(zh: string, en: string): string {
  return `${zh} | ${en}`;
}

/** Spellings of yes and no, in lower case. */
export const TRUE: ReadonlySet<string> = new Set(['true', 't', '1', 'yes', 'y', '是', '有', '真']);
export const FALSE: ReadonlySet<string> = new Set(['false', 'f', '0', 'no', 'n', '否', '无', '假']);
const INT4 = 2_147_483_647;

/** What was put right in a value or shape. */
export interface Repair {
  code: RepairCode;
  message: string;
}

/** Most characters of a text, where the definition says nothing. */
export const LONGEST_TEXT = 2000;

/** Reads and checks the values of one field. */
export class FieldReader {
  readonly name: string;
  readonly isRequired: boolean;
  /** Set when `read` returned INVALID. */
  fault: Fault | null = null;
  /** Set when `read` had to put the value right. */
  repair: Repair | null = null;
  /** Latest day or instant allowed. */
  private readonly latest: number;
  private readonly checks: ActiveChecks;
  private readonly longest: number;
  private readonly type: FieldType;
  private readonly values: ReadonlyMap<string, string> | null;
  private readonly range: readonly [number, number] | null;
  private readonly pattern: RegExp | null;
  private readonly field: Field;

  /** @param latest the latest day or instant allowed, as it is stored */
  constructor(name: string, field: Field, isRequired: boolean, checks = ALL_CHECKS, latest = Number.POSITIVE_INFINITY) {
    this.name = name;
    this.checks = checks;
    this.latest = latest;
    this.longest = field.maxLength ?? LONGEST_TEXT;
    this.field = field;
    this.type = field.type;
    this.isRequired = isRequired;
    this.values = field.values ? allowedSpellings(field.values) : null;
    this.range = field.range ?? null;
    this.pattern = field.pattern === undefined ? null : new RegExp(`^(?:${field.pattern})$`, 'u');
  }

  /** True when values can be refused: a field of free text takes nearly anything. */
  get isTelling(): boolean {
    return this.type !== 'string' || this.values !== null || this.pattern !== null;
  }

  /** The value, null when it is empty, or INVALID with `fault` set. */
  read(raw: unknown): Value | typeof INVALID {
    this.repair = null;
    const value = this.readPlain(raw);
    return value === INVALID && typeof raw === 'string' ? this.readMended(raw) : value;
  }

  /** The value as it would be without what people and spreadsheets add to it; INVALID with the first fault if that is no help. */
  private readMended(raw: string): Value | typeof INVALID {
    const { fault } = this;
    let text = raw;
    for (const { code, mend } of MENDINGS) {
      const mended = this.checks.has(code) ? mend(text, this.field) : text;
      if (mended === text) continue;
      text = mended;
      const value = this.readPlain(text);
      if (value === INVALID) continue;
      this.repair = { code, message: `${this.name}: ${raw} → ${text}`.slice(0, 500) };
      this.fault = null;
      return value;
    }
    this.fault = fault;
    return INVALID;
  }

  private readPlain(raw: unknown): Value | typeof INVALID {
    if (raw === null || raw === undefined || raw === '') return this.empty();
    switch (this.type) {
      case 'string':
        return this.readText(raw);
      case 'int':
      case 'number':
        return this.readNumber(raw);
      case 'bool':
        return this.readBool(raw);
      case 'date':
        return this.readDay(raw);
      case 'datetime':
        return this.readInstant(raw);
    }
  }

  private empty(): Value | typeof INVALID {
    if (!this.isRequired) return null;
    const { zh, en } = this.field.title;
    return this.fail('MISSING_REQUIRED', null, `缺少${zh}`, `${en} is missing`);
  }

  private readText(raw: unknown): Value | typeof INVALID {
    let text = typeof raw === 'string' ? trimmed(raw) : typeof raw === 'object' ? JSON.stringify(raw) : String(raw);
    if (text === '') return this.empty();
    if (this.values) {
      const code = this.values.get(text);
      if (code === undefined) {
        const allowed = Object.entries(this.field.values ?? {});
        const zh = allowed.map(([value, title]) => `${value} ${title.zh}`).join('、');
        const en = allowed.map(([value, title]) => `${value} ${title.en}`).join(', ');
        return this.fail('BAD_VALUE', text, `应为：${zh}`, `expected one of: ${en}`, text);
      }
      return code;
    }
    if (this.pattern && !this.pattern.test(text)) {
      if (this.checks.has('SCIENTIFIC_NOTATION') && /^\d(\.\d+)?E\+?\d{1,2}$/iu.test(text)) {
        return this.fail('SCIENTIFIC_NOTATION', text, '末位数字已丢失', 'the last digits are lost');
      }
      return this.fail(
        'BAD_PATTERN',
        text,
        `格式应为 ${this.pattern.source}`,
        `should match ${this.pattern.source}`,
        text,
      );
    }
    if (this.field.format !== undefined && !hasRightChecksum(this.field.format, text)) {
      const standard = this.field.format === 'uscc' ? 'GB 32100' : 'GB 11643';
      const failed = this.fail('BAD_CHECKSUM', text, `不符合 ${standard}`, `does not follow ${standard}`);
      if (failed === INVALID) return failed;
    }
    if (text.length > this.longest) {
      const failed = this.fail('TEXT_TOO_LONG', text, `超过 ${this.longest} 个字`, `is longer than ${this.longest}`);
      if (failed === INVALID) return failed;
    }
    if (this.pattern === null) {
      if (isGarbled(text)) {
        const failed = this.fail('MOJIBAKE', text, '字符编码不对', 'the encoding is wrong');
        if (failed === INVALID) return failed;
      }
      if (needsCleaning(text) && this.checks.has('TEXT_CLEANED')) {
        text = cleanText(text);
        if (text === '') return this.empty();
        this.repair = { code: 'TEXT_CLEANED', message: `${this.name}: ${text}`.slice(0, 500) };
      }
    }
    // PostgreSQL stores no NUL character.
    return text.includes('\0')
      ? this.fail('BAD_TYPE', text.replaceAll('\0', '␀'), '含有空字符', 'holds a NUL character')
      : text;
  }

  private readNumber(raw: unknown): Value | typeof INVALID {
    const text = typeof raw === 'string' ? trimmed(raw) : raw;
    if (text === '') return this.empty();
    const value =
      typeof text === 'number' ? text : typeof text === 'string' && isDecimal(text) ? Number(text) : Number.NaN;
    if (!Number.isFinite(value)) return this.fail('BAD_TYPE', raw, '不是数值', 'is not a number');
    if (this.type === 'int') {
      if (!Number.isInteger(value)) return this.fail('BAD_TYPE', raw, '不是整数', 'is not a whole number');
      if (Math.abs(value) > INT4) return this.fail('OUT_OF_RANGE', raw, '超出 32 位整数', 'does not fit 32 bits');
    }
    if (this.range && (value < this.range[0] || value > this.range[1])) {
      const [low, high] = this.range;
      return this.fail(
        'OUT_OF_RANGE',
        raw,
        `应在 ${low} 至 ${high} 之间`,
        `should be between ${low} and ${high}`,
        value,
      );
    }
    return value;
  }

  private readBool(raw: unknown): Value | typeof INVALID {
    if (typeof raw === 'boolean') return raw;
    const text = String(raw).trim().toLowerCase();
    if (TRUE.has(text)) return true;
    if (FALSE.has(text)) return false;
    return text === '' ? this.empty() : this.fail('BAD_TYPE', raw, '不是“是/否”', 'is not yes or no');
  }

  private readDay(raw: unknown): Value | typeof INVALID {
    const text = String(raw).trim();
    if (text === '') return this.empty();
    const days = plainDay(text) ?? parseDay(text);
    if (days !== null && days > this.latest) {
      return this.fail('FUTURE_DATE', raw, '晚于今天', 'is later than today', days);
    }
    return days ?? this.fail('BAD_TYPE', raw, '不是日期（应为 2026-01-31）', 'is not a date (expected 2026-01-31)');
  }

  private readInstant(raw: unknown): Value | typeof INVALID {
    const text = String(raw).trim();
    if (text === '') return this.empty();
    const micros = parseInstant(text);
    if (micros !== null && !Number.isSafeInteger(micros)) {
      return this.fail('OUT_OF_RANGE', raw, '应在 1715 年至 2285 年之间', 'should be between the years 1715 and 2285');
    }
    if (micros !== null && micros > this.latest) {
      return this.fail('FUTURE_DATE', raw, '晚于现在', 'is later than now', micros);
    }
    return (
      micros ??
      this.fail('BAD_TYPE', raw, '不是时间（应为 2026-01-31 08:30:00）', 'is not a time (expected 2026-01-31 08:30:00)')
    );
  }

  /** @param instead the value if the check is not made */
  private fail(
    code: RejectCode,
    value: unknown,
    zh: string,
    en: string,
    instead: Value = null,
  ): Value | typeof INVALID {
    if (!this.checks.has(code)) return instead;
    this.fault = {
      code,
      field: this.name,
      value: value === null ? null : String(value).slice(0, 500),
      message: bilingual(zh, en),
    };
    return INVALID;
  }
}

/** Codes and their titles: departments write either. */
export function allowedSpellings(values: NonNullable<Field['values']>): Map<string, string> {
  const spellings = new Map<string, string>();
  for (const [code, title] of Object.entries(values))
    for (const text of [title.zh, title.en]) spellings.set(text, code);
  for (const code of Object.keys(values)) spellings.set(code, code);
  return spellings;
}

function trimmed(text: string): string {
  const first = text.charCodeAt(0);
  const last = text.charCodeAt(text.length - 1);
  // Most values have no blanks around them; 0x3000 is the full-width blank.
  return first <= 32 || last <= 32 || first >= 0x3000 || last >= 0x3000 || first === 0xa0 || last === 0xa0
    ? text.trim()
    : text;
}

function isDecimal(text: string): boolean {
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text);
}

const EPOCH_DAYS = 10_957; // 2000-01-01 in days since 1970-01-01
const DAY =
  /^(\d{4})(?:-(\d{1,2})-(\d{1,2})|\/(\d{1,2})\/(\d{1,2})|\.(\d{1,2})\.(\d{1,2})|(\d{2})(\d{2})|年(\d{1,2})月(\d{1,2})日)$/;

/** Days since 2000-01-01 of `2026-01-31`, `2026/1/31`, `2026.1.31`, `20260131` or `2026年1月31日`; null when it is no such day. */
export function parseDay(text: string): number | null {
  // A spreadsheet writes a day as midnight.
  const match = DAY.exec(text.length > 10 ? text.replace(/[ T]0{1,2}:00(:00(\.0+)?)?$/, '') : text);
  if (!match) return null;
  const year = Number(match[1]);
  const month = Number(match[2] ?? match[4] ?? match[6] ?? match[8] ?? match[10]);
  const day = Number(match[3] ?? match[5] ?? match[7] ?? match[9] ?? match[11]);
  return daysOf(year, month, day);
}

const NO_DIGIT = Number.MIN_SAFE_INTEGER;

/** Days since 2000-01-01 of the usual `YYYY-MM-DD` without a regular expression; null when it is not that, or no such day. */
function plainDay(text: string): number | null {
  if (text.length !== 10 || text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45) return null;
  const year = digitPair(text, 0) * 100 + digitPair(text, 2);
  const month = digitPair(text, 5);
  const day = digitPair(text, 8);
  if (!(year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= 28)) return null;
  return civilDays(year, month, day);
}

function digitPair(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48;
  const ones = text.charCodeAt(at + 1) - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NO_DIGIT;
}

function daysOf(year: number, month: number, day: number): number | null {
  if (month < 1 || month > 12 || day < 1 || day > 31 || year < 1) return null;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCDate() === day ? Math.round(date.getTime() / 86_400_000) - EPOCH_DAYS : null;
}

const INSTANT = /^(\S+?)(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?\s*(Z|[+-]\d{2}(?::?\d{2})?)?$/;

/** Microseconds since 2000-01-01 UTC. A time without zone is local: China Standard Time, +08:00. */
export function parseInstant(text: string): number | null {
  const match = INSTANT.exec(text);
  if (!match) return null;
  const days = parseDay(match[1] as string);
  if (days === null) return null;
  const [hours, minutes, seconds] = [Number(match[2] ?? 0), Number(match[3] ?? 0), Number(match[4] ?? 0)];
  if (hours > 23 || minutes > 59 || seconds > 59) return null;
  const micros = Number((match[5] ?? '').slice(0, 6).padEnd(6, '0'));
  const zone = match[6] ?? '+08:00';
  let offset = 0;
  if (zone !== 'Z') {
    const digits = zone.slice(1).replace(':', '').padEnd(4, '0');
    offset = (zone[0] === '-' ? -1 : 1) * (Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2)));
  }
  return (days * 86_400 + hours * 3600 + minutes * 60 + seconds - offset * 60) * 1e6 + micros;
}
