import type { ExportColumn } from './columns.ts';
import type { Cell, ExportRow } from './read-rows.ts';
import type { RowWriter, Sink } from './row-writer.ts';

/** What a spreadsheet takes for a formula when a cell begins with it. */
const FORMULA = /^[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/;

/**
 * Text as a spreadsheet may safely open it: an apostrophe in front of what it would run as a formula. Numbers are numbers
 * and stay.
 */
export function harmless(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function cellText(cell: Cell): string {
  if (cell === null) return '';
  return typeof cell === 'string' ? quoted(harmless(cell)) : String(cell);
}

/** Names of the columns that hold the place. */
export function placeHeadings(isPoint: boolean): string[] {
  return isPoint ? ['lon', 'lat'] : ['wkt'];
}

/** CSV as spreadsheets read it: UTF-8 with a mark, CR LF, points as `lon` and `lat`, other shapes as `wkt`. */
export function createCsvWriter(columns: readonly ExportColumn[], isPoint: boolean, sink: Sink): RowWriter {
  const headings = [...columns.map(({ as }) => quoted(harmless(as))), ...placeHeadings(isPoint)];
  return {
    begin: () => sink(Buffer.from(`\uFEFF${headings.join(',')}\r\n`)),
    write(rows: readonly ExportRow[]) {
      let text = '';
      for (const { cells, place } of rows) {
        for (const cell of cells) text += `${cellText(cell)},`;
        if (!isPoint) text += quoted((place as string | null) ?? '');
        else text += place === null ? ',' : `${place[0]},${place[1]}`;
        text += '\r\n';
      }
      return sink(Buffer.from(text));
    },
    end: async () => {},
  };
}
