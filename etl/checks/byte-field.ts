import type { Field } from '../../layers/define.ts';
import type { BinaryRows } from '../../server/db/copy-binary.ts';
import { decimalOf, integerOf, plainDayOf, plainInstantOf } from './byte-number.ts';
import { type ByteTest, compileBytePattern } from './byte-pattern.ts';
import { byteChecksum } from './byte-checksum.ts';
import { allowedSpellings, FALSE, LONGEST_TEXT, TRUE } from './field-reader.ts';

/** One spelling of a coded or yes/no value. */
interface Spelling {
  bytes: Uint8Array;
  /** What is stored: the code as UTF-8, or yes or no. */
  code: Uint8Array;
  flag: boolean;
}

/** A text of a file that was accepted is stored as it stands; anything that would have to be changed is not accepted here. */
type Kind = 'text' | 'pattern' | 'coded' | 'bool' | 'int' | 'number' | 'date' | 'datetime';

/**
 * Reads values of one field in the forms that nearly all rows have, straight from the bytes of the file into those of COPY.
 * It never says what is wrong with a value: what it does not accept is read again by a `FieldReader`, which decides. What it
 * accepts, that one stores as the same value.
 */
export class ByteField {
  readonly isRequired: boolean;
  private readonly kind: Kind;
  private readonly test: ByteTest | null;
  private checksum: ByteTest | null = null;
  private readonly spellings: readonly Spelling[];
  private readonly low: number;
  private readonly high: number;
  /** Most bytes of a text that is certain to be short enough. */
  private readonly longest: number;
  private readonly latest: number;
  /** Value read last; for dates, times and numbers. */
  value = 0;
  private spelling: Spelling | null = null;

  private constructor(kind: Kind, field: Field, isRequired: boolean, test: ByteTest | null, latest: number) {
    this.longest = field.maxLength ?? LONGEST_TEXT;
    this.latest = latest;
    this.kind = kind;
    this.isRequired = isRequired;
    this.test = test;
    this.spellings = kind === 'coded' ? codeSpellings(field) : kind === 'bool' ? FLAGS : [];
    [this.low, this.high] = field.range ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  }

  /** Null for a field whose values are never certain without a text: a pattern that is more than classes in a row. */
  static of(field: Field, isRequired: boolean, latest = Number.POSITIVE_INFINITY): ByteField | null {
    if (field.type !== 'string') return new ByteField(field.type, field, isRequired, null, latest);
    if (field.values) return new ByteField('coded', field, isRequired, null, latest);
    const checksum = field.format === undefined ? null : byteChecksum(field.format);
    if (field.pattern === undefined) return checksum ? null : new ByteField('text', field, isRequired, null, latest);
    const test = compileBytePattern(field.pattern);
    if (!test) return null;
    const pattern = new ByteField('pattern', field, isRequired, test, latest);
    pattern.checksum = checksum;
    return pattern;
  }

  /** True for fields that hold nothing but ASCII when they are accepted. */
  get isAscii(): boolean {
    return this.kind === 'pattern';
  }

  /** True when the value is certain; `write` then stores it. */
  read(bytes: Uint8Array, start: number, end: number): boolean {
    switch (this.kind) {
      case 'pattern':
        return (
          end - start <= this.longest &&
          (this.test as ByteTest)(bytes, start, end) &&
          (this.checksum === null || this.checksum(bytes, start, end))
        );
      case 'text':
        return end - start <= this.longest && isPlainText(bytes, start, end);
      case 'coded':
      case 'bool':
        return this.readSpelling(bytes, start, end);
      case 'int':
        this.value = integerOf(bytes, start, end);
        return this.value >= this.low && this.value <= this.high;
      case 'number':
        this.value = decimalOf(bytes, start, end);
        return this.value >= this.low && this.value <= this.high;
      case 'date':
        this.value = plainDayOf(bytes, start, end);
        return this.value <= this.latest;
      case 'datetime':
        this.value = plainInstantOf(bytes, start, end);
        return this.value <= this.latest;
    }
  }

  /** Writes the value read last, which stands in the same bytes. */
  write(rows: BinaryRows, bytes: Uint8Array, start: number, end: number): void {
    switch (this.kind) {
      case 'pattern':
      case 'text':
        return rows.utf8Text(bytes, start, end);
      case 'coded': {
        const { code } = this.spelling as Spelling;
        return rows.utf8Text(code, 0, code.length);
      }
      case 'bool':
        return rows.bool((this.spelling as Spelling).flag);
      case 'int':
      case 'date':
        return rows.int4(this.value);
      case 'number':
        return rows.float8(this.value);
      case 'datetime':
        return rows.int8(this.value);
    }
  }

  private readSpelling(bytes: Uint8Array, start: number, end: number): boolean {
    // The same value often comes several times in a row.
    if (this.spelling && isSame(this.spelling.bytes, bytes, start, end)) return true;
    for (const spelling of this.spellings) {
      if (!isSame(spelling.bytes, bytes, start, end)) continue;
      this.spelling = spelling;
      return true;
    }
    return false;
  }
}

const FLAGS: readonly Spelling[] = [...TRUE, ...FALSE].map((text) => ({
  bytes: Buffer.from(text),
  code: Buffer.alloc(0),
  flag: TRUE.has(text),
}));

function codeSpellings(field: Field): Spelling[] {
  return [...allowedSpellings(field.values ?? {})].map(([text, code]) => ({
    bytes: Buffer.from(text),
    code: Buffer.from(code),
    flag: false,
  }));
}

function isSame(text: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let i = 0; i < text.length; i += 1) if (text[i] !== bytes[start + i]) return false;
  return true;
}

/**
 * True for a text that is stored as it stands: no control character in it, and no blank at its ends. The blanks of Unicode
 * begin with the bytes C2, E1, E2, E3 and EF in UTF-8; a text that begins or ends with a character of these is left to others,
 * but for the Chinese characters and punctuation that begin with E3 or EF.
 */
function isPlainText(bytes: Uint8Array, start: number, end: number): boolean {
  if (isBlankAt(bytes, start) || (bytes[end - 1] as number) <= 32) return false;
  let last = end - 1;
  while (last > start && ((bytes[last] as number) & 0xc0) === 0x80) last -= 1;
  if (isBlankAt(bytes, last)) return false;
  for (let i = start; i < end; i += 1) {
    if (SUSPECT[bytes[i] as number] === 1 && isSuspect(bytes, i)) return false;
  }
  return true;
}

/** Bytes with which something begins that does not belong into a text: control and invisible characters, traces of a wrong encoding. */
const SUSPECT = new Uint8Array(256);
for (let byte = 0; byte < 32; byte += 1) SUSPECT[byte] = 1;
// C2, C3: Latin letters that Chinese text read wrongly is full of; E2: invisible characters; E5 to E9: 屯, 拷, 斤, 烫, 锟; EF: U+FFFD.
for (const byte of [0x7f, 0xc2, 0xc3, 0xe2, 0xe5, 0xe6, 0xe7, 0xe9, 0xef]) SUSPECT[byte] = 1;

function isSuspect(bytes: Uint8Array, at: number): boolean {
  const second = bytes[at + 1] as number;
  const third = bytes[at + 2] as number;
  switch (bytes[at]) {
    case 0xe2:
      return second === 0x81 || (second === 0x80 && (third < 0x90 || third > 0xa7 || third === 0x9e));
    case 0xe5:
      return second === 0xb1 && third === 0xaf;
    case 0xe6:
      return (second === 0x96 && third === 0xa4) || (second === 0x8b && third === 0xb7);
    case 0xe7:
      return second === 0x83 && third === 0xab;
    case 0xe9:
      return second === 0x94 && third === 0x9f;
    case 0xef:
      return (second === 0xbf && third === 0xbd) || (second === 0xbb && third === 0xbf);
    default:
      return true;
  }
}

/** True where a blank, or a character that may be one, begins. */
function isBlankAt(bytes: Uint8Array, at: number): boolean {
  const lead = bytes[at] as number;
  if (lead <= 32 || lead === 0xc2 || lead === 0xe1 || lead === 0xe2) return true;
  if (lead === 0xe3) return bytes[at + 1] === 0x80 && bytes[at + 2] === 0x80;
  return lead === 0xef && bytes[at + 1] === 0xbb;
}
