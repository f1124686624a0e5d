import { isAscii, isUtf8 } from 'node:buffer';
import { type FileHandle, open } from 'node:fs/promises';
import { LoadError } from '../errors.ts';
import { utf8OfGb18030 } from './gb18030.ts';
import { Spares } from './spares.ts';
import type { EncodedRows } from '../steps/row-encoder.ts';
import { cutText, recordCount, type TextTable } from './text-table.ts';

/**
 * Bytes read at once; the first time less, because the first records are looked at before anything else happens, but enough for
 * the 2000 that a load looks at: then all others may be read ahead.
 */
const BLOCK = 1 << 20;
const FIRST_BLOCK = 1 << 19;
/** Longest record, in bytes. A longer one is a wrong delimiter, an unclosed quote, or not a table. */
export const MAX_LINE = 1 << 20;

export interface TextOptions {
  /** Label of the encoding; UTF-16 is not read here (it is transcoded first). */
  encoding: string;
  /** One ASCII character; found from the first line when absent. */
  delimiter?: string;
}

/** Where a reader goes on. */
export interface TextPosition {
  /** Byte of the file. */
  offset: number;
  /** Line that begins there, from 1. */
  line: number;
}

/** A run of records and how far the file has been read. */
export interface TextPiece {
  table: TextTable;
  /** Bytes of the file read up to the end of this piece. */
  end: number;
  /** The rows encoded, where it was asked for. */
  encoded?: EncodedRows;
  /** Gives the memory of all this back: nobody may look at it any more. */
  release?: () => void;
}

/** The memory of a piece, each buffer once. */
export function buffersOf({ table, encoded }: TextPiece): ArrayBuffer[] {
  const { bytes, starts, ends, records, lines } = table;
  const arrays = [bytes, starts, ends, records, lines, ...(encoded ? Object.values(encoded) : [])];
  return [...new Set(arrays.map((array: ArrayBufferView) => array.buffer as ArrayBuffer))];
}

/** Reads delimited text piece by piece; memory stays at a few MB whatever the size of the file. */
export class TextReader {
  private readonly file: FileHandle;
  private readonly decode: (bytes: Buffer, line: number, memory: Spares) => Buffer;
  private readonly memory: Spares;
  private delimiter: string | undefined;
  private block = FIRST_BLOCK;
  private offset: number;
  private line: number;
  /** Bytes of the file behind the last line break. */
  private carry: Buffer = Buffer.alloc(0);
  /** UTF-8 of a record that a quote has kept open. */
  private open: Buffer = Buffer.alloc(0);
  private isAtEnd = false;

  private constructor(file: FileHandle, options: TextOptions, from: TextPosition, memory: Spares) {
    this.file = file;
    this.memory = memory;
    this.decode = strictDecoder(options.encoding);
    this.delimiter = options.delimiter;
    this.offset = from.offset;
    this.line = from.line;
  }

  /** @param memory for what is read */
  static async open(
    path: string,
    options: TextOptions,
    from: TextPosition,
    memory: Spares = new Spares(),
  ): Promise<TextReader> {
    return new TextReader(await open(path), options, from, memory);
  }

  /** The next records, or null at the end of the file. Throws LoadError for bytes outside the encoding and endless lines. */
  async next(): Promise<TextPiece | null> {
    while (!this.isAtEnd) {
      const bytes = await this.readLines();
      if (bytes === null) continue;
      const text = this.open.length > 0 ? Buffer.concat([this.open, bytes]) : bytes;
      this.delimiter ??= findDelimiter(text);
      const { table, consumed, nextLine } = cutText(text, this.delimiter, this.line, this.isAtEnd, this.memory);
      this.open = Buffer.from(text.subarray(consumed));
      this.line = nextLine;
      if (this.open.length > MAX_LINE) throw lineTooLong(nextLine);
      if (recordCount(table) > 0) return { table, end: this.offset };
    }
    return null;
  }

  /** Where another reader of the same file goes on, or null where it cannot: inside a record. */
  get position(): (TextPosition & { delimiter: string }) | null {
    if (this.open.length > 0 || this.isAtEnd || this.delimiter === undefined) return null;
    return { offset: this.offset - this.carry.length, line: this.line, delimiter: this.delimiter };
  }

  close(): Promise<void> {
    return this.file.close();
  }

  /** Whole lines as UTF-8: the byte 0x0A is never part of a character in UTF-8, GB18030 or Big5. Null when there is none yet. */
  private async readLines(): Promise<Buffer | null> {
    const { carry, block: size, memory } = this;
    const block = Buffer.from(memory.take(carry.length + size), 0, carry.length + size);
    carry.copy(block);
    const { bytesRead } = await this.file.read(block, carry.length, size, this.offset);
    this.block = BLOCK;
    this.offset += bytesRead;
    this.isAtEnd = bytesRead === 0;
    const filled = block.subarray(0, carry.length + bytesRead);
    const cut = this.isAtEnd ? filled.length : filled.lastIndexOf(0x0a) + 1;
    if (cut === 0 && filled.length > MAX_LINE) throw lineTooLong(this.line);
    this.carry = Buffer.from(filled.subarray(cut));
    const text = cut > 0 || this.isAtEnd ? this.decode(filled.subarray(0, cut), this.line, memory) : null;
    if (text?.buffer !== block.buffer) memory.give(block.buffer);
    return text;
  }
}

/** Re-encodes whole lines as UTF-8; a byte that does not belong to the encoding is an error that names the line. */
function strictDecoder(encoding: string): (bytes: Buffer, line: number, memory: Spares) => Buffer {
  const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
  return (bytes, line, memory) => {
    if (isAscii(bytes) || (encoding === 'utf-8' && isUtf8(bytes))) return bytes;
    const utf8 = encoding === 'gb18030' ? utf8OfGb18030(bytes, memory) : null;
    if (utf8) return utf8;
    try {
      return Buffer.from(decoder.decode(bytes), 'utf8');
    } catch (cause) {
      const at = line + badLine(bytes, encoding);
      throw new LoadError(
        'UNKNOWN_ENCODING',
        {
          zh: `第 ${at} 行含有不属于 ${encoding} 的字节。请检查文件编码，或用 --encoding 指明。`,
          en: `line ${at} holds bytes that are not ${encoding}. Check the encoding of the file, or state it with --encoding.`,
        },
        { cause },
      );
    }
  };
}

/** Index of the first line that does not decode. */
function badLine(bytes: Buffer, encoding: string): number {
  const decoder = new TextDecoder(encoding, { fatal: true });
  let index = 0;
  for (let start = 0; start < bytes.length; index += 1) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline < 0 ? bytes.length : newline + 1;
    try {
      decoder.decode(bytes.subarray(start, end));
    } catch {
      return index;
    }
    start = end;
  }
  return index;
}

/** The delimiter that cuts the header into most fields, quotes respected: comma, tab, semicolon or bar. */
export function findDelimiter(text: Uint8Array): string {
  let best = ',';
  let most = 1;
  for (const delimiter of [',', '\t', ';', '|']) {
    const { table } = cutText(text.subarray(0, 65_536), delimiter, 1, true);
    const fields = table.quoted.get(0)?.length ?? (recordCount(table) > 0 ? (table.records[1] as number) : 0);
    if (fields > most) {
      best = delimiter;
      most = fields;
    }
  }
  return best;
}

function lineTooLong(line: number): LoadError {
  const limit = `${MAX_LINE >> 20} MB`;
  return new LoadError('LINE_TOO_LONG', {
    zh: `第 ${line} 行长于 ${limit}：可能是引号没有闭合，或这不是表格。`,
    en: `line ${line} is longer than ${limit}: an unclosed quote, or not a table.`,
  });
}
