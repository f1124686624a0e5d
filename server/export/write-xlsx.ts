import { PassThrough, type Writable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import ExcelJS from 'exceljs';
import type { ExportColumn } from './columns.ts';
import type { RowWriter, Sink } from './row-writer.ts';
import { placeHeadings } from './write-csv.ts';

/** Longest text of a cell. */
const LONGEST = 32_767;
/** Bytes of the sheet that may wait to be compressed. */
const MOST_WAITING = 4 << 20;

/** One sheet. Text is text: a cell that begins with `=` holds that text and no formula. */
export function createXlsxWriter(
  columns: readonly ExportColumn[],
  title: string,
  isPoint: boolean,
  sink: Sink,
): RowWriter {
  const stream = new PassThrough({ highWaterMark: 1 << 16 });
  const book = new ExcelJS.stream.xlsx.WorkbookWriter({ stream, useSharedStrings: false });
  const sheet = book.addWorksheet(title.replaceAll(/[*?:\\/[\]]/g, ' ').slice(0, 31), {
    views: [{ state: 'frozen', ySplit: 1 }],
  });
  /** The library goes on however slowly the caller reads: what it has not handed on yet stands in the streams behind the sheet. */
  function waitingBytes(): number {
    const { pipes = [] } = (sheet as unknown as { stream: { pipes?: Writable[] } }).stream;
    return failure === null ? pipes.reduce((sum, { writableLength }) => sum + writableLength, 0) : 0;
  }

  let failure: unknown = null;
  const pumped = (async () => {
    for await (const chunk of stream) await sink(chunk as Buffer);
  })();
  pumped.catch((error: unknown) => (failure = error));
  return {
    begin: async () => {
      sheet.addRow([...columns.map(({ as }) => as), ...placeHeadings(isPoint)]).commit();
    },
    async write(rows) {
      for (const { cells, place } of rows) {
        const values: unknown[] = cells.map((cell) =>
          typeof cell === 'bigint' ? String(cell) : typeof cell === 'string' ? cell.slice(0, LONGEST) : cell,
        );
        if (Array.isArray(place)) values.push(...place);
        else if (place !== null) values.push(String(place).slice(0, LONGEST));
        sheet.addRow(values).commit();
      }
      if (failure !== null) throw failure;
      while (waitingBytes() > MOST_WAITING) await setTimeout(5);
    },
    async end() {
      sheet.commit();
      await book.commit();
      await pumped;
    },
  };
}
