import { isAscii, isUtf8 } from 'node:buffer';
import { type FileHandle, open } from 'node:fs/promises';
import { LoadError } from '../errors.ts';
import { readRecords } from './csv-fields.ts';
import type { Batch, RecordSource } from './source.ts';

export interface CsvOptions {
  /** Label of the encoding; UTF-16 is not read here (it is transcoded first). */
  encoding: string;
  /** Bytes of the byte order mark to skip. */
  bom: number;
  /** Character between fields; found from the header line when absent. */
  delimiter?: string;
  /** Column names of a file without a header line. */
  columns?: readonly string[];
  /** Lines to skip after the header, e.g. a second header row. */
  skipAfterHeader?: number;
}

const BLOCK = 1 << 20;
/** Longest record, in bytes. A longer one is a wrong delimiter, an unclosed quote, or not a table. */
export const MAX_LINE = 1 << 20;

/** Opens delimited text. Memory stays at a few MB whatever the size of the file. */
export async function openCsv(path: string, options: CsvOptions): Promise<RecordSource> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const blocks = textBlocks(file, options);
    const first = await blocks.next();
    const head = first.value;
    if (!head || head.text.trim() === '') {
      throw new LoadError('EMPTY_FILE', { zh: '文件没有内容。', en: 'the file has no content.' });
    }
    const delimiter = options.delimiter ?? findDelimiter(head.text);
    const start = readRecords(head.text, delimiter, 1, head.isLast);
    const header = options.columns ?? start.rows[0]?.map((name) => name.trim());
    if (!header) {
      throw new LoadError('UNREADABLE', { zh: '读不到表头。', en: 'no header line could be read.' });
    }
    let read = head.end;
    const skip = (options.columns ? 0 : 1) + (options.skipAfterHeader ?? 0);

    async function* batches(): AsyncGenerator<Batch> {
      yield { rows: start.rows.slice(skip), lines: start.lines.slice(skip) };
      let rest = head?.text.slice(start.consumed) ?? '';
      let line = start.nextLine;
      for await (const block of blocks) {
        read = block.end;
        const records = readRecords(rest + block.text, delimiter, line, block.isLast);
        rest = (rest + block.text).slice(records.consumed);
        line = records.nextLine;
        if (rest.length > MAX_LINE) throw lineTooLong(line);
        if (records.rows.length > 0) yield { rows: records.rows, lines: records.lines };
      }
    }
    return {
      format: 'csv',
      columns: header,
      encoding: options.encoding,
      hasGeometry: false,
      crs: null,
      notes: [],
      batches,
      progress: () => (size === 0 ? 1 : read / size),
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

interface TextBlock {
  text: string;
  /** Bytes of the file read up to the end of this block. */
  end: number;
  isLast: boolean;
}

/** Decoded pieces that end at a line break: the byte 0x0A is never part of a character in UTF-8, GB18030 or Big5. */
async function* textBlocks(file: FileHandle, options: CsvOptions): AsyncGenerator<TextBlock, undefined> {
  const decode = strictDecoder(options.encoding);
  let line = 1;
  let position = options.bom;
  let carry = Buffer.alloc(0);
  for (;;) {
    const block = Buffer.allocUnsafe(carry.length + BLOCK);
    carry.copy(block);
    const { bytesRead } = await file.read(block, carry.length, BLOCK, position);
    position += bytesRead;
    const filled = block.subarray(0, carry.length + bytesRead);
    const isLast = bytesRead === 0;
    const cut = isLast ? filled.length : filled.lastIndexOf(0x0a) + 1;
    if (cut === 0 && filled.length > MAX_LINE) throw lineTooLong(line);
    if (cut > 0 || isLast) {
      const bytes = filled.subarray(0, cut);
      const text = decode(bytes, line);
      yield { text, end: position, isLast };
      line += countNewlines(bytes);
    }
    if (isLast) return undefined;
    carry = Buffer.from(filled.subarray(cut));
  }
}

/** Decodes whole lines; a byte that does not belong to the encoding is an error that names the line. */
function strictDecoder(encoding: string): (bytes: Buffer, line: number) => string {
  const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
  return (bytes, line) => {
    // An ASCII piece becomes a one-byte string, on which everything after this is twice as fast.
    if (isAscii(bytes)) return bytes.toString('latin1');
    if (encoding === 'utf-8' && isUtf8(bytes)) return bytes.toString('utf8');
    try {
      return decoder.decode(bytes);
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

function countNewlines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) count += 1;
  return count;
}

/** The delimiter that cuts the header into most fields, quotes respected: comma, tab, semicolon or bar. */
export function findDelimiter(text: string): string {
  let best = ',';
  let most = 1;
  for (const delimiter of [',', '\t', ';', '|']) {
    const fields = readRecords(text.slice(0, 65_536), delimiter, 1, true).rows[0]?.length ?? 0;
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
