import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import ExcelJS from 'exceljs';
import iconv from 'iconv-lite';
import { writeGpkg, writeZippedShapefile } from '../demo/files/gdal.ts';
import { delimiterOf } from './delimiter-of.ts';
import { cellText, type HandedRow, leadingColumns } from './handed-row.ts';
import type { PastLoad } from './past-load.ts';
import type { Rejects } from './read-rejects.ts';

/**
 * Writes rows that were set aside as a file of the format they came in, with line, code and reason in front. A format that
 * cannot be written becomes GeoJSON, or CSV where there are no shapes.
 * @returns the path of the file
 */
export async function writeRejects(folder: string, past: PastLoad, rejects: Rejects): Promise<string> {
  await mkdir(folder, { recursive: true });
  const stem = join(folder, `${past.layer.id}-${past.load}-rejects`);
  switch (past.format) {
    case 'csv':
      return writeCsv(`${stem}.csv`, past, rejects);
    case 'xlsx':
      return writeXlsx(`${stem}.xlsx`, past, rejects);
    case 'gpkg': {
      const path = `${stem}.gpkg`;
      await writeGpkg(
        await writeGeoJson(`${stem}.scratch.geojson`, past, rejects),
        path,
        past.layer,
        crsOf(past, rejects),
      );
      return path;
    }
    case 'shapefile': {
      const path = `${stem}.zip`;
      const scratch = await writeGeoJson(`${stem}.scratch.geojson`, past, rejects);
      const encoding = past.encoding === 'gb18030' ? 'gb18030' : 'utf-8';
      await writeZippedShapefile(
        scratch,
        path,
        { ...past.layer, source: { ...past.layer.source, encoding } },
        crsOf(past, rejects),
      );
      return path;
    }
    default:
      return rejects.hasGeometry
        ? writeGeoJson(`${stem}.geojson`, past, rejects)
        : writeCsv(`${stem}.csv`, past, rejects);
  }
}

function crsOf({ layer }: PastLoad, { crs }: Rejects): string {
  return crs?.crs ?? layer.source.crs;
}

function record({ columns }: Rejects, row: HandedRow): unknown[] {
  return [row.line, row.code, row.reason, ...columns.map((column) => row.cells.get(column) ?? null)];
}

async function writeCsv(path: string, past: PastLoad, rejects: Rejects): Promise<string> {
  const encoding = past.encoding !== null && iconv.encodingExists(past.encoding) ? past.encoding : 'utf-8';
  const delimiter = await delimiterOf(past.path, encoding);
  const header = [...leadingColumns('csv'), ...rejects.columns];
  const lines = [header, ...rejects.rows.map((row) => record(rejects, row))].map((cells) =>
    cells.map((cell) => quoted(cellText(cell), delimiter)).join(delimiter),
  );
  // Spreadsheets take UTF-8 for something else without the mark.
  await writeFile(path, iconv.encode(`${lines.join('\r\n')}\r\n`, encoding, { addBOM: encoding === 'utf-8' }));
  return path;
}

function quoted(text: string, delimiter: string): string {
  return text.includes(delimiter) || /["\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

async function writeXlsx(path: string, { layer }: PastLoad, rejects: Rejects): Promise<string> {
  const book = new ExcelJS.Workbook();
  const sheet = book.addWorksheet(layer.title.zh.replaceAll(/[*?:\\/[\]]/g, ' ').slice(0, 31));
  sheet.addRow([...leadingColumns('xlsx'), ...rejects.columns]);
  for (const row of rejects.rows) {
    sheet.addRow(record(rejects, row).map((cell) => (typeof cell === 'number' ? cell : cellText(cell))));
  }
  sheet.getRow(1).font = { bold: true };
  sheet.views = [{ state: 'frozen', ySplit: 1 }];
  await book.xlsx.writeFile(path);
  return path;
}

async function writeGeoJson(path: string, past: PastLoad, rejects: Rejects): Promise<string> {
  const [line, code, reason] = leadingColumns(past.format);
  const features = rejects.rows.map((row) =>
    JSON.stringify({
      type: 'Feature',
      properties: {
        [line]: row.line,
        [code]: row.code,
        [reason]: row.reason,
        ...Object.fromEntries(rejects.columns.map((column) => [column, row.cells.get(column) ?? null])),
      },
      geometry: row.geometry,
    }),
  );
  const { crs } = rejects;
  const named =
    crs?.from === 'crs member' ? `"crs":{"type":"name","properties":{"name":${JSON.stringify(crs.name)}}},` : '';
  await writeFile(
    path,
    `{"type":"FeatureCollection","name":"${past.layer.id}",${named}"features":[\n${features.join(',\n')}\n]}\n`,
  );
  return path;
}
