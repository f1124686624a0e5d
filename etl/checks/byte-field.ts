import type { Field } from '../../layers/define.ts';
import type { BinaryRows } from '../../server/db/copy-binary.ts';
import { decimalOf, integerOf, plainDayOf, plainInstantOf } from './byte-number.ts';
import { type ByteTest, compileBytePattern } from './byte-pattern.ts';
import { allowedSpellings, FALSE, TRUE } from './field-reader.ts';

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
  private readonly spellings: readonly Spelling[];
  private readonly low: number;
  private readonly high: number;
  /** Value read last. */
  private value = 0;
  private spelling: Spelling | null = null;

  private constructor(kind: Kind, field: Field, isRequired: boolean, test: ByteTest | null) {
    this.kind = kind;
    this.isRequired = isRequired;
    this.test = test;
    this.spellings = kind === 'coded' ? codeSpellings(field) : kind === 'bool' ? FLAGS : [];
    [this.low, this.high] = field.range ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  }

  /** Null for a field whose values are never certain without a text: a pattern that is more than classes in a row. */
  static of(field: Field, isRequired: boolean): ByteField | null {
    if (field.type !== 'string') return new ByteField(field.type, field, isRequired, null);
    if (field.values) return new ByteField('coded', field, isRequired, null);
    if (field.pattern === undefined) return new ByteField('text', field, isRequired, null);
    const test = compileBytePattern(field.pattern);
    return test && new ByteField('pattern', field, isRequired, test);
  }

  /** True for fields that hold nothing but ASCII when they are accepted. */
  get isAscii(): boolean {
    return this.kind === 'pattern';
  }

  /** True when the value is certain; `write` then stores it. */
  read(bytes: Uint8Array, start: number, end: number): boolean {
    switch (this.kind) {
      case 'pattern':
        return (this.test as ByteTest)(bytes, start, end);
      case 'text':
        return isPlainText(bytes, start, end);
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
        return this.value === this.value;
      case 'datetime':
        this.value = plainInstantOf(bytes, start, end);
        return this.value === this.value;
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
  for (let i = start; i < end; i += 1) if ((bytes[i] as number) < 32) return false;
  return true;
}

/** True where a blank, or a character that may be one, begins. */
function isBlankAt(bytes: Uint8Array, at: number): boolean {
  const lead = bytes[at] as number;
  if (lead <= 32 || lead === 0xc2 || lead === 0xe1 || lead === 0xe2) return true;
  if (lead === 0xe3) return bytes[at + 1] === 0x80 && bytes[at + 2] === 0x80;
  return lead === 0xef && bytes[at + 1] === 0xbb;
}
