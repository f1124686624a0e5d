import { escapeXml } from './xml.ts';

export type Format = 'json' | 'xml';
/** A row of an answer of GeoReport v2; lists become elements with the name given. */
export type Row = Readonly<Record<string, unknown>>;

export const FORMAT_TYPES: Readonly<Record<Format, string>> = {
  json: 'application/json; charset=utf-8',
  xml: 'application/xml; charset=utf-8',
};

/** Names of elements inside lists. */
const ITEMS: Readonly<Record<string, string>> = {
  attributes: 'attribute',
  values: 'value',
  endpoints: 'endpoint',
  formats: 'format',
};

function xmlOf(name: string, value: unknown): string {
  if (Array.isArray(value)) {
    return `<${name}>${value.map((item) => xmlOf(ITEMS[name] ?? 'item', item)).join('')}</${name}>`;
  }
  if (typeof value === 'object' && value !== null) {
    return `<${name}>${Object.entries(value)
      .map(([key, member]) => xmlOf(key, member))
      .join('')}</${name}>`;
  }
  return value === null || value === undefined || value === ''
    ? `<${name}/>`
    : `<${name}>${escapeXml(String(value as string | number | boolean))}</${name}>`;
}

/** One document, e.g. the discovery. */
export function writeOne(format: Format, root: string, row: Row): string {
  return format === 'json' ? JSON.stringify(row) : `<?xml version="1.0" encoding="UTF-8"?>\n${xmlOf(root, row)}\n`;
}

/** A list: JSON has no name for it, XML two. */
export function writeList(format: Format, root: string, item: string, rows: readonly Row[]): string {
  if (format === 'json') return JSON.stringify(rows);
  const items = rows.map((row) => xmlOf(item, row)).join('');
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root}>${items}</${root}>\n`;
}

/** Failures of GeoReport v2, which have a shape of their own. */
export function writeErrors(format: Format, code: number, description: string): string {
  return writeList(format, 'errors', 'error', [{ code, description }]);
}
