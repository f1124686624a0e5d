import { type Layer, sourceFields } from '../../../layers/define.ts';
import { projectionTo } from './projection.ts';
import type { Row, RowWriter, Value } from './row.ts';
import { TextFile } from './text-file.ts';

/** Text of a value as departments write it: 是/否, no thousands separators. */
export function cellText(value: Value | undefined): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'boolean') return value ? '是' : '否';
  return String(value);
}

/** Departments that hand in GB18030 or workbooks write a code's title, 男 for M; the others write the code. */
export function codeTitles(layer: Layer): ReadonlyMap<string, ReadonlyMap<Value, string>> {
  const { format, encoding } = layer.source;
  const titles = new Map<string, Map<Value, string>>();
  if (format !== 'xlsx' && encoding !== 'gb18030') return titles;
  for (const [field, { values }] of Object.entries(layer.fields)) {
    if (values) titles.set(field, new Map(Object.entries(values).map(([code, title]) => [code, title.zh])));
  }
  return titles;
}

function quote(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Cells of a line that was just written; those of damaged rows hold no line break. */
function plainCells(line: string): string[] {
  return Array.from(line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g), ([, quoted, plain]) =>
    quoted === undefined ? (plain as string) : quoted.replaceAll('""', '"'),
  );
}

/** CSV with a header line, CRLF line ends, and a byte order mark when the encoding is UTF-8. */
export function csvWriter(layer: Layer, path: string): RowWriter {
  const { source } = layer;
  const file = new TextFile(path, source.encoding ?? 'utf-8');
  const fields = sourceFields(layer);
  const header = fields.map((field) => source.columns?.[field] ?? field);
  const titles = codeTitles(layer);
  const titlesOf = fields.map((field) => titles.get(field));
  const { coordinates } = source;
  if (coordinates) header.push(coordinates.x, coordinates.y);
  const project = projectionTo(source.crs);
  file.write(`${source.encoding === 'gb18030' ? '' : '\uFEFF'}${header.map(quote).join(',')}\r\n`);
  return {
    write(row: Row) {
      let line = '';
      for (let i = 0; i < fields.length; i++) {
        if (i > 0) line += ',';
        const value = row.values[fields[i] as string] ?? null;
        line += titlesOf[i]?.get(value) ?? quote(cellText(value));
      }
      if (coordinates) {
        const { shape, damage } = row;
        if (damage?.coordinates) line += `,${damage.coordinates.map(quote).join(',')}`;
        else if (shape?.type === 'Point') {
          const [x, y] = project(shape.at);
          line += damage?.isSwapped ? `,${y},${x}` : `,${x},${y}`;
        } else line += ',,';
      }
      if (row.damage?.cells) line = row.damage.cells(plainCells(line)).map(quote).join(',');
      if (row.damage?.isTooLong) line += ',备注:见附件';
      file.write(`${line}\r\n`);
    },
    async finish() {
      file.close();
    },
  };
}
