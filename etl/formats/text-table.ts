import { parseQuotedRecord } from './quoted-record.ts';
import { Spares } from './spares.ts';

const NEWLINE = 10;
const CARRIAGE_RETURN = 13;
const QUOTE = 34;

/**
 * Records of delimited text, left in the bytes they came in: where each field begins and ends is known, and a text is
 * only made of one when somebody asks for it. A load of a million rows makes no strings of the rows that pass.
 */
export interface TextTable {
  /** UTF-8. */
  bytes: Uint8Array;
  /** First byte of each field, and the byte after its last. */
  starts: Uint32Array;
  ends: Uint32Array;
  /** Index of each record's first field, and one entry more: the end of the last record. */
  records: Uint32Array;
  /** Line of the file on which each record begins. */
  lines: Uint32Array;
  /** Records with quoted fields, which do not stand in the bytes as they are, by the record's index. */
  quoted: Map<number, string[]>;
}

/** A piece of text, cut into the records that are complete in it. */
export interface CutText {
  table: TextTable;
  /** Bytes used up; the rest begins an unfinished record. */
  consumed: number;
  /** Line number of the byte at `consumed`. */
  nextLine: number;
}

/**
 * Cuts UTF-8 text into records. LF or CRLF ends a record, empty lines are skipped, a record is never joined to another, quotes
 * are special only at the start of a field. The usual libraries report no line numbers and read a short row on into the
 * next one without a word.
 * @param delimiter one ASCII character
 * @param isLast the text ends the file, so that its last record needs no line break
 * @param memory for the arrays of the table
 */
export function cutText(
  bytes: Uint8Array,
  delimiter: string,
  firstLine: number,
  isLast: boolean,
  memory: Spares = new Spares(),
): CutText {
  const separator = delimiter.charCodeAt(0);
  // A guess of ten bytes a field and five fields a record is enlarged where it falls short.
  let starts = memory.words(Math.max(64, bytes.length >> 3));
  let ends = memory.words(starts.length);
  let records = memory.words(Math.max(16, starts.length >> 2));
  let lines = memory.words(records.length);
  const quoted = new Map<number, string[]>();
  let fieldCount = 0;
  let recordCount = 0;
  let line = firstLine;
  let start = 0;
  let nextQuote = bytes.indexOf(QUOTE);
  let latin1: string | null = null;
  while (start < bytes.length) {
    if (recordCount + 1 >= records.length) {
      records = enlarged(records, memory);
      lines = enlarged(lines, memory);
    }
    records[recordCount] = fieldCount;
    lines[recordCount] = line;
    let fieldStart = start;
    let at = start;
    for (; ; at += 1) {
      const byte = at < bytes.length ? (bytes[at] as number) : NEWLINE;
      if (byte !== separator && byte !== NEWLINE) continue;
      if (fieldCount >= starts.length) {
        starts = enlarged(starts, memory);
        ends = enlarged(ends, memory);
      }
      starts[fieldCount] = fieldStart;
      ends[fieldCount] = at;
      fieldCount += 1;
      fieldStart = at + 1;
      if (byte === NEWLINE) break;
    }
    if (nextQuote >= 0 && nextQuote < start) nextQuote = bytes.indexOf(QUOTE, start);
    const firstField = records[recordCount] as number;
    if (nextQuote >= 0 && nextQuote < at) {
      // Every byte as a character: quotes, delimiters and line breaks are ASCII, and positions stay those of the bytes.
      latin1 ??= Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
      const record = parseQuotedRecord(latin1, start, delimiter, isLast);
      fieldCount = firstField;
      if (record === null) break;
      quoted.set(
        recordCount,
        record.fields.map((field) => Buffer.from(field, 'latin1').toString('utf8')),
      );
      start = record.end;
      line += record.newlines;
      recordCount += 1;
      continue;
    }
    if (at >= bytes.length && !isLast) {
      fieldCount = firstField;
      break;
    }
    const lastField = fieldCount - 1;
    const end = ends[lastField] as number;
    if (end > (starts[lastField] as number) && bytes[end - 1] === CARRIAGE_RETURN) ends[lastField] = end - 1;
    line += 1;
    start = at + 1;
    // An empty line is no record.
    if (lastField === firstField && ends[lastField] === starts[lastField]) fieldCount = firstField;
    else recordCount += 1;
  }
  records[recordCount] = fieldCount;
  return {
    table: {
      bytes,
      starts: starts.subarray(0, fieldCount),
      ends: ends.subarray(0, fieldCount),
      records: records.subarray(0, recordCount + 1),
      lines: lines.subarray(0, recordCount),
      quoted,
    },
    consumed: Math.min(start, bytes.length),
    nextLine: line,
  };
}

/** Number of records. */
export function recordCount(table: TextTable): number {
  return table.lines.length;
}

/** One record as texts. */
export function readRecord(table: TextTable, index: number): string[] {
  const quoted = table.quoted.get(index);
  if (quoted) return quoted;
  const { bytes, starts, ends } = table;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const fields: string[] = [];
  const last = table.records[index + 1] as number;
  for (let i = table.records[index] as number; i < last; i += 1) {
    fields.push(buffer.toString('utf8', starts[i], ends[i]));
  }
  return fields;
}

/** One field of a record as a text; undefined where the record has none in that column. */
export function readField(table: TextTable, index: number, column: number): string | undefined {
  const quoted = table.quoted.get(index);
  if (quoted) return quoted[column];
  const at = (table.records[index] as number) + column;
  if (column < 0 || at >= (table.records[index + 1] as number)) return undefined;
  const { bytes, starts, ends } = table;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8', starts[at], ends[at]);
}

/** The table without its first records. */
export function dropRecords(table: TextTable, count: number): TextTable {
  if (count === 0) return table;
  const quoted = new Map<number, string[]>();
  for (const [index, fields] of table.quoted) if (index >= count) quoted.set(index - count, fields);
  return { ...table, records: table.records.subarray(count), lines: table.lines.subarray(count), quoted };
}

function enlarged(array: Uint32Array<ArrayBuffer>, memory: Spares): Uint32Array<ArrayBuffer> {
  const larger = memory.words(array.length * 2);
  larger.set(array);
  memory.give(array.buffer);
  return larger;
}
