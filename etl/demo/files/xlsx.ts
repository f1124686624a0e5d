import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import ExcelJS from 'exceljs';
import { type Layer, sourceFields } from '../../../layers/define.ts';
import { codeTitles } from './csv.ts';
import { projectionTo } from './projection.ts';
import type { RowWriter } from './row.ts';

/** One sheet with a header row; numbers as numbers, dates as text, 是/否 for truth values. */
export function xlsxWriter(layer: Layer, path: string): RowWriter {
  mkdirSync(dirname(path), { recursive: true });
  const { source } = layer;
  const stamp = new Date('2026-11-01T00:00:00Z');
  const book = new ExcelJS.stream.xlsx.WorkbookWriter({ filename: path, useSharedStrings: false });
  book.created = stamp;
  book.modified = stamp;
  const sheet = book.addWorksheet(layer.title.zh);
  const fields = sourceFields(layer);
  const { coordinates } = source;
  const header = fields.map((field) => source.columns?.[field] ?? field);
  if (coordinates) header.push(coordinates.x, coordinates.y);
  sheet.addRow(header).commit();
  const project = projectionTo(source.crs);
  const titles = codeTitles(layer);
  return {
    write({ values, shape, damage }) {
      const cells: (string | number | null)[] = fields.map((field) => {
        const value = titles.get(field)?.get(values[field] ?? null) ?? values[field] ?? null;
        return typeof value === 'boolean' ? (value ? '是' : '否') : value;
      });
      if (coordinates) {
        if (damage?.coordinates) cells.push(...damage.coordinates);
        else if (shape?.type === 'Point') {
          const [x, y] = project(shape.at);
          cells.push(...(damage?.isSwapped ? [y, x] : [x, y]));
        } else cells.push(null, null);
      }
      sheet.addRow(cells).commit();
    },
    async finish() {
      sheet.commit();
      await book.commit();
    },
  };
}
