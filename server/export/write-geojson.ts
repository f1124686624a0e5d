import type { ExportColumn } from './columns.ts';
import type { ExportRow } from './read-rows.ts';
import type { RowWriter, Sink } from './row-writer.ts';

/** RFC 7946, or one feature a line (`isSequence`). The number of rows stands behind the features: a cut file lacks it. */
export function createGeoJsonWriter(
  columns: readonly ExportColumn[],
  name: string,
  isSequence: boolean,
  sink: Sink,
): RowWriter {
  const keys = columns.map(({ as }) => JSON.stringify(as));
  let count = 0;

  function feature({ cells, place }: ExportRow): string {
    const properties = cells.map((cell, index) => `${keys[index]}:${JSON.stringify(cell)}`).join(',');
    // The first column is the number of the row. The geometry comes from the database as text already.
    return `{"type":"Feature","id":${String(cells[0])},"properties":{${properties}},"geometry":${(place as string | null) ?? 'null'}}`;
  }

  return {
    begin: async () => {
      if (!isSequence)
        await sink(Buffer.from(`{"type":"FeatureCollection","name":${JSON.stringify(name)},"features":[\n`));
    },
    write(rows) {
      let text = '';
      for (const row of rows) {
        if (!isSequence && count > 0) text += ',\n';
        text += feature(row);
        if (isSequence) text += '\n';
        count++;
      }
      return sink(Buffer.from(text));
    },
    end: async () => {
      if (!isSequence) await sink(Buffer.from(`\n],"numberReturned":${count}}\n`));
    },
  };
}
