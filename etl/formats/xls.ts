import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { read, utils, type WorkBook, type WorkSheet } from '@e965/xlsx';
import { LoadError } from '../errors.ts';
import { chooseLayer } from './choose-layer.ts';
import { sheetHeader, tableRows } from './sheet.ts';
import type { Batch, RecordSource } from './source.ts';
import { unsupported } from './unsupported.ts';

/** A sheet of this format has at most 65,536 rows; a larger file is mostly pictures. */
const MAX_BYTES = 256 << 20;
const BATCH = 2000;

/**
 * Opens a workbook of Excel 97-2003 (.xls) or older. The format can only be read as a whole; its 65,536 rows a sheet
 * bound what that takes.
 */
export async function openXls(path: string, layer?: string): Promise<RecordSource> {
  const { size } = await stat(path);
  if (size > MAX_BYTES) {
    throw new LoadError('UNREADABLE', {
      zh: `${basename(path)} 大于 ${MAX_BYTES >> 20} MB。请另存为 XLSX 或 CSV。`,
      en: `${basename(path)} is larger than ${MAX_BYTES >> 20} MB. Save it as XLSX or CSV.`,
    });
  }
  const book = parse(path, await readFile(path));
  const sheets = book.SheetNames.map((name) => ({ name, count: rowsOf(book.Sheets[name]).length }));
  const chosen = chooseLayer(sheets, layer, basename(path));
  const rows = rowsOf(book.Sheets[chosen.name]);
  const header = sheetHeader(rows);
  let done = 0;

  async function* batches(): AsyncGenerator<Batch> {
    for (let from = header.row + 1; from < rows.length; from += BATCH) {
      const part = rows.slice(from, from + BATCH);
      done = from + part.length;
      yield tableRows({ rows: part, lines: part.map((_, i) => from + i + 1) }, 0, header.columns.length);
    }
  }
  return {
    format: 'xls',
    columns: header.columns,
    encoding: 'utf-8',
    hasGeometry: false,
    crs: null,
    notes: header.notes,
    batches,
    progress: () => (rows.length === 0 ? 1 : done / rows.length),
    close: () => Promise.resolve(),
  };
}

function parse(path: string, bytes: Buffer): WorkBook {
  try {
    const book = read(bytes, { type: 'buffer', cellFormula: false, cellNF: true, cellHTML: false, cellDates: false });
    if (book.SheetNames.length > 0) return book;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    // Word and PowerPoint documents of the time are compound files too.
    if (/Cannot find Workbook stream/i.test(reason)) throw unsupported('document', basename(path));
    if (/password|encrypt/i.test(reason)) {
      throw new LoadError(
        'UNREADABLE',
        {
          zh: `${basename(path)} 有密码保护。请去掉密码后重新保存。`,
          en: `${basename(path)} is protected by a password. Save it again without one.`,
        },
        { cause },
      );
    }
    throw new LoadError(
      'UNREADABLE',
      {
        zh: `${basename(path)} 不是完好的 XLS：${reason}。请在 Excel 中另存为 XLSX。`,
        en: `${basename(path)} is not a sound XLS: ${reason}. Save it as XLSX in Excel.`,
      },
      { cause },
    );
  }
  throw unsupported('document', basename(path));
}

/** All rows of a sheet from its first line, with numbers as numbers and days as they are shown. */
function rowsOf(sheet: WorkSheet | undefined): unknown[][] {
  const area = sheet?.['!ref'];
  if (!sheet || area === undefined) return [];
  const range = utils.decode_range(area);
  const rows: unknown[][] = [];
  for (let r = 0; r <= range.e.r; r += 1) {
    const row: unknown[] = [];
    for (let c = 0; c <= range.e.c; c += 1) {
      const cell = sheet[utils.encode_cell({ r, c })] as { t: string; v?: unknown; w?: string; z?: string } | undefined;
      row.push(cell === undefined || cell.t === 'z' || cell.t === 'e' ? null : cellValue(cell));
    }
    rows.push(row);
  }
  return rows;
}

/** Days are numbers in this format; which numbers are days is said by how they are shown. */
function cellValue(cell: { t: string; v?: unknown; w?: string; z?: string }): unknown {
  if (cell.t !== 'n' || typeof cell.v !== 'number') return cell.v ?? null;
  const format = String(cell.z ?? '').replaceAll(/"[^"]*"|\[[^\]]*\]|\\./g, '');
  if (!/[ymdhs年月日]/i.test(format) || /^general$/i.test(format)) return cell.v;
  // Days since 1899-12-30; exact to the second.
  const seconds = Math.round(cell.v * 86_400);
  const text = new Date(Date.UTC(1899, 11, 30) + seconds * 1000).toISOString();
  return seconds % 86_400 === 0 ? text.slice(0, 10) : text.slice(0, 19).replace('T', ' ');
}
