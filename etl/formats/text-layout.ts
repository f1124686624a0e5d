import { open } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { LoadError } from '../errors.ts';
import { cutText, readRecord } from './text-table.ts';
import { unsupported } from './unsupported.ts';

/** How a text file is laid out. */
export interface TextLayout {
  delimiter: string;
  /** Names made up for a file whose first line is a record already. */
  columns?: string[];
  notes: string[];
}

const SAMPLE = 1 << 18;
const ROWS = 500;
/** Names under which tables of text go; other text must look like a table from end to end. */
const TABLE_NAMES = ['.csv', '.tsv', '.tab', '.txt', '.psv', '.pipe', '.dsv', '.dat', '.asc', ''];

/**
 * Finds delimiter and header of a text nobody has described. Throws UNSUPPORTED when it is no table: prose, program
 * text and reports would otherwise become layers of nonsense.
 * @param encoding label of the encoding, none of UTF-16
 * @param file name of the file as people know it
 */
export async function findLayout(
  path: string,
  encoding: string,
  bom: number,
  file = basename(path),
): Promise<TextLayout> {
  const text = await readSample(path, encoding, bom);
  const extension = extname(file).toLowerCase();
  const nul = text.indexOf('\0');
  if (nul >= 0) {
    const line = text.slice(0, nul).split('\n').length;
    throw new LoadError('UNREADABLE', {
      zh: `${file} 第 ${line} 行含有空字符（NUL），不是文本。请检查它是什么文件，或重新导出。`,
      en: `line ${line} of ${file} holds a NUL character: this is no text. See what kind of file it is, or export it again.`,
    });
  }
  const isNamedTable = TABLE_NAMES.includes(extension);
  const layouts = [',', '\t', ';', '|'].map((delimiter) => ({ delimiter, ...regularity(text, delimiter) }));
  const best = layouts
    .filter(({ width }) => width > 1)
    .toSorted((a, b) => Math.round(b.share * 10) - Math.round(a.share * 10) || b.width - a.width)[0];
  if (best && best.share >= (isNamedTable ? 0.5 : 0.95) && (isNamedTable || best.rows >= 3))
    return layoutOf(text, best.delimiter);
  const blank = regularity(text, ' ');
  if (isNamedTable && extension !== '.csv' && blank.width > 1 && blank.share >= 0.98 && blank.rows >= 3)
    return layoutOf(text, ' ');
  // One column: a list of short lines.
  const lines = text.split(/\r?\n/, ROWS).filter((line) => line.trim() !== '');
  const isList = lines.length > 1 && lines.every((line) => line.length <= 200) && (lines[0] as string).length <= 60;
  if (
    isNamedTable &&
    extension !== '' &&
    best === undefined &&
    (isList || (lines.length === 1 && extension === '.csv'))
  )
    return layoutOf(text, ',');
  throw unsupported('no-table', file);
}

async function readSample(path: string, encoding: string, bom: number): Promise<string> {
  const handle = await open(path);
  try {
    const buffer = Buffer.alloc(SAMPLE);
    const { bytesRead } = await handle.read(buffer, 0, SAMPLE, bom);
    const bytes = buffer.subarray(0, bytesRead);
    const whole = bytesRead < SAMPLE ? bytes : bytes.subarray(0, bytes.lastIndexOf(0x0a) + 1);
    const text = new TextDecoder(encoding, { ignoreBOM: true }).decode(whole.length > 0 ? whole : bytes);
    if (text.trim() === '') throw new LoadError('EMPTY_FILE', { zh: '文件没有内容。', en: 'the file has no content.' });
    return text;
  } finally {
    await handle.close();
  }
}

/** How many of the rows have as many fields as the first. */
function regularity(text: string, delimiter: string): { width: number; share: number; rows: number } {
  const rows = rowsOf(text, delimiter, ROWS);
  const width = rows[0]?.length ?? 0;
  const body = rows.slice(1);
  const same = body.filter((row) => row.length === width).length;
  return { width, share: body.length === 0 ? 1 : same / body.length, rows: rows.length };
}

function layoutOf(text: string, delimiter: string): TextLayout {
  const first = rowsOf(text, delimiter, 1)[0] ?? [];
  // A name may be a year, but not a number with a fraction.
  const isRecord = first.some((cell) => /^\s*[-+]?\d+\.\d+\s*$/.test(cell));
  if (!isRecord) return { delimiter, notes: [] };
  const columns = first.map((_, i) => `column_${i + 1}`);
  return { delimiter, columns, notes: [`no header line: the columns are called ${columns.join(', ')}`] };
}

function rowsOf(text: string, delimiter: string, count: number): string[][] {
  const { table } = cutText(Buffer.from(text), delimiter, 1, true);
  return Array.from(table.lines.subarray(0, count), (_, index) => readRecord(table, index));
}
