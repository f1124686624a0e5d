import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { chooseLayer } from './choose-layer.ts';
import type { Batch, RecordSource } from './source.ts';
import { unsupported } from './unsupported.ts';
import { readXml, type XmlElement } from './xml-stream.ts';

const BATCH = 1000;

/**
 * Opens XML that is a list of records: elements of one name that come again and again under the same parent and hold
 * texts. What they hold becomes columns; parts of parts are named `part.subpart`.
 */
export async function openXmlTable(path: string, layer?: string): Promise<RecordSource> {
  const { size } = await stat(path);
  const record = await findRecords(path, layer);
  const columns = new Set<string>();
  for await (const rows of readRecords(path, record)) {
    for (const row of rows) for (const name of row.keys()) columns.add(name);
  }
  const names = [...columns];
  let read = 0;

  async function* batches(): AsyncGenerator<Batch> {
    let number = 0;
    for await (const rows of readRecords(path, record, (position) => (read = position))) {
      yield {
        rows: rows.map((row) => names.map((name) => row.get(name) ?? null)),
        lines: rows.map(() => (number += 1)),
      };
    }
  }
  return {
    format: 'xml',
    columns: names,
    encoding: 'utf-8',
    hasGeometry: false,
    crs: null,
    notes: [`records are the elements ${record}`],
    batches,
    progress: () => read / size,
    close: () => Promise.resolve(),
  };
}

/** Path of the element that is the record. */
async function findRecords(path: string, wanted: string | undefined): Promise<string> {
  const counts = new Map<string, number>();
  const parents = new Set<string>();
  for await (const _ of readXml(path, {
    open: (name, attributes, around) => {
      const own = [...around, name].join('/');
      if (counts.size < 10_000) counts.set(own, (counts.get(own) ?? 0) + 1);
      parents.add(around.join('/'));
      if (Object.keys(attributes).length > 0) parents.add(own);
      return false;
    },
    element: () => {},
  }));
  // The outermost elements that come again and hold something: their parts come again only with them.
  const repeated = [...counts].filter(([name, count]) => count > 1 && parents.has(name));
  const outermost = repeated.filter(([name]) => !repeated.some(([other]) => name.startsWith(`${other}/`)));
  if (outermost.length === 0) throw unsupported('no-rows', basename(path));
  return chooseLayer(
    outermost.map(([name, count]) => ({ name, count })),
    wanted,
    basename(path),
  ).name;
}

async function* readRecords(
  path: string,
  record: string,
  onRead?: (position: number) => void,
): AsyncGenerator<Map<string, string>[]> {
  let ready: Map<string, string>[] = [];
  const reading = readXml(path, {
    open: (name, _attributes, around) => [...around, name].join('/') === record,
    element: (element) => {
      const row = new Map<string, string>();
      flatten(element, '', row);
      ready.push(row);
    },
  });
  for await (const position of reading) {
    onRead?.(position);
    if (ready.length >= BATCH) {
      yield ready;
      ready = [];
    }
  }
  if (ready.length > 0) yield ready;
}

function flatten(element: XmlElement, prefix: string, into: Map<string, string>): void {
  for (const [name, value] of Object.entries(element.attributes)) add(into, `${prefix}${name}`, value);
  for (const part of element.children) {
    const name = `${prefix}${part.name}`;
    if (part.children.length === 0) add(into, name, part.text.trim());
    flatten(part, `${name}.`, into);
  }
  if (prefix === '' && element.children.length === 0 && element.text.trim() !== '')
    add(into, 'text', element.text.trim());
}

/** A part that comes twice in one record is not lost: its values stand one after the other. */
function add(into: Map<string, string>, name: string, value: string): void {
  const before = into.get(name);
  into.set(name, before === undefined || before === '' ? value : value === '' ? before : `${before}; ${value}`);
}
