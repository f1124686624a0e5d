import { LoadError } from '../errors.ts';
import type { Batch } from './source.ts';

/** Where the table begins in a sheet, and its columns. */
export interface SheetHeader {
  row: number;
  columns: string[];
  notes: string[];
}

/** Finds the header in the first rows of a sheet: the first row that is filled like the rows below it. */
export function sheetHeader(rows: unknown[][]): SheetHeader {
  const row = findHeader(rows);
  if (row < 0) throw new LoadError('EMPTY_FILE', { zh: '工作表没有内容。', en: 'the sheet has no content.' });
  const header = rows[row] as unknown[];
  const width = header.reduce<number>((last, cell, i) => (isFilled(cell) ? i + 1 : last), 0);
  return {
    row,
    columns: header.slice(0, width).map((cell, i) => (isFilled(cell) ? String(cell).trim() : `column_${i + 1}`)),
    notes: row > 0 ? [`rows 1-${row} stand above the header and were skipped`] : [],
  };
}

/** Rows of a sheet as records of a table `width` columns wide; rows without any content are left out. */
export function tableRows(batch: Batch, from: number, width: number): Batch {
  const rows: unknown[][] = [];
  const lines: number[] = [];
  for (let i = from; i < batch.rows.length; i += 1) {
    const row = batch.rows[i] as unknown[];
    // Cells beside the table count only when something stands in them: the row then has the wrong shape.
    const record = row.slice(width).some(isFilled) ? row : row.slice(0, width);
    if (!record.some(isFilled)) continue;
    while (record.length < width) record.push(null);
    rows.push(record);
    lines.push(batch.lines[i] as number);
  }
  return { rows, lines };
}

/** Index of the first row with at least two filled cells (or as many as its neighbours); -1 when all are empty. */
function findHeader(rows: unknown[][]): number {
  const filled = rows.slice(0, 50).map((row) => row.filter(isFilled).length);
  const most = Math.max(0, ...filled);
  if (most === 0) return -1;
  return filled.findIndex((count) => count >= Math.max(1, Math.ceil(most * 0.6)));
}

function isFilled(cell: unknown): boolean {
  return cell !== null && cell !== undefined && String(cell).trim() !== '';
}
