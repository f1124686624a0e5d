import { type FileHandle, open } from 'node:fs/promises';
import type { Feature, Geometry } from 'geojson';
import { LoadError } from '../errors.ts';
import { FeatureCutter, RECORD_SEPARATOR } from './json-features.ts';
import type { Batch, DeclaredCrs, RecordSource } from './source.ts';

const BLOCK = 1 << 20;
const BATCH = 2000;
/** Largest single feature, in bytes: more than a million vertices. */
export const MAX_FEATURE = 64 << 20;

export interface GeoJsonOptions {
  /** Property names to read. When absent the file is read once more, before, to collect them all. */
  columns?: readonly string[];
  bom?: number;
  /** A GeoJSON that GDAL wrote for us: its CRS and format are those of the original file. */
  origin?: Pick<RecordSource, 'format' | 'crs' | 'encoding' | 'notes'>;
}

/** Opens a GeoJSON file of any size. Only one batch of features is in memory at a time. */
export async function openGeoJson(path: string, options: GeoJsonOptions = {}): Promise<RecordSource> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const head = await readHead(file, options.bom ?? 0);
    const columns = options.columns ?? (await collectColumns(file, options.bom ?? 0, head.isCollection));
    const crs = options.origin ? options.origin.crs : declaredCrs(head.envelope);
    const progress = { read: 0 };

    async function* batches(): AsyncGenerator<Batch> {
      let batch = emptyBatch();
      let number = 0;
      for await (const features of readFeatures(file, options.bom ?? 0, head.isCollection, progress, (envelope) => {
        if (!options.origin) assertSameCrs(crs, declaredCrs(envelope));
      })) {
        for (const feature of features) {
          number += 1;
          const properties = feature.properties ?? {};
          batch.rows.push(columns.map((name) => properties[name] ?? null));
          batch.lines.push(number);
          batch.geometries.push(feature.geometry ?? null);
        }
        if (batch.rows.length >= BATCH) {
          yield batch;
          batch = emptyBatch();
        }
      }
      if (batch.rows.length > 0) yield batch;
    }
    return {
      format: options.origin?.format ?? 'geojson',
      columns,
      encoding: options.origin?.encoding ?? 'utf-8',
      hasGeometry: true,
      crs,
      notes: options.origin?.notes ?? [],
      batches,
      progress: () => (size === 0 ? 1 : progress.read / size),
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

interface Head {
  envelope: string;
  isCollection: boolean;
}

async function readHead(file: FileHandle, bom: number): Promise<Head> {
  const buffer = Buffer.allocUnsafe(BLOCK);
  const { bytesRead } = await file.read(buffer, 0, BLOCK, bom);
  const bytes = buffer.subarray(0, bytesRead);
  const first = bytes.toString('latin1').replaceAll(RECORD_SEPARATOR, '').trimStart()[0];
  if (first === undefined) throw new LoadError('EMPTY_FILE', { zh: '文件没有内容。', en: 'the file has no content.' });
  if (first !== '{') {
    throw new LoadError('UNREADABLE', {
      zh: `这不是 GeoJSON：应以 { 开头，实际是 ${JSON.stringify(first)}。`,
      en: `this is not GeoJSON: it should begin with {, but begins with ${JSON.stringify(first)}.`,
    });
  }
  const cutter = new FeatureCutter(() => {}, MAX_FEATURE);
  cutter.push(bytes);
  return { envelope: cutter.envelope, isCollection: cutter.isCollection };
}

async function collectColumns(file: FileHandle, bom: number, isCollection: boolean): Promise<string[]> {
  const names = new Set<string>();
  for await (const features of readFeatures(file, bom, isCollection, { read: 0 }, () => {})) {
    for (const feature of features) for (const name of Object.keys(feature.properties ?? {})) names.add(name);
  }
  return [...names];
}

async function* readFeatures(
  file: FileHandle,
  bom: number,
  isCollection: boolean,
  progress: { read: number },
  onEnvelope: (envelope: string) => void,
): AsyncGenerator<Feature<Geometry | null>[]> {
  let ready: Feature<Geometry | null>[] = [];
  let number = 0;
  const cutter = new FeatureCutter((json) => {
    number += 1;
    ready.push(parseFeature(json, number));
  }, MAX_FEATURE);
  if (!isCollection) cutter.readSequence();
  const buffer = Buffer.allocUnsafe(BLOCK);
  for (let position = bom; ;) {
    const { bytesRead } = await file.read(buffer, 0, BLOCK, position);
    if (bytesRead === 0) break;
    try {
      cutter.push(buffer.subarray(0, bytesRead));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new LoadError('LINE_TOO_LONG', {
        zh: `第 ${number + 1} 个要素大于 ${MAX_FEATURE >> 20} MB。`,
        en: `feature ${number + 1} is larger than ${MAX_FEATURE >> 20} MB.`,
      });
    }
    position += bytesRead;
    progress.read = position;
    if (ready.length > 0) {
      yield ready;
      ready = [];
    }
  }
  if (cutter.isUnfinished) {
    throw new LoadError('UNREADABLE', {
      zh: `文件在第 ${number} 个要素之后中断：JSON 没有结束。`,
      en: `the file breaks off after feature ${number}: the JSON does not end.`,
    });
  }
  if (isCollection) onEnvelope(cutter.envelope);
}

function parseFeature(json: Buffer, number: number): Feature<Geometry | null> {
  const text = json.toString('utf8');
  let feature: Feature<Geometry | null>;
  try {
    feature = JSON.parse(text) as Feature<Geometry | null>;
  } catch (cause) {
    throw notJson(text, number, cause);
  }
  if (feature.type !== 'Feature') {
    const found = JSON.stringify(feature.type) ?? 'nothing';
    throw new LoadError('UNREADABLE', {
      zh: `第 ${number} 个对象的 type 是 ${found}，应为 "Feature"。`,
      en: `object ${number} has type ${found}, expected "Feature".`,
    });
  }
  return feature;
}

/** NaN and Infinity are what exporters write for missing numbers; JSON has neither. Says where. */
function notJson(text: string, number: number, cause: unknown): LoadError {
  const withoutStrings = text.replace(/"(?:[^"\\]|\\.)*"/g, (quoted) => ' '.repeat(quoted.length));
  const bad = /-?\b(?:NaN|nan|Infinity|inf)\b/.exec(withoutStrings);
  if (bad) {
    const before = text.slice(Math.max(0, bad.index - 40), bad.index).replaceAll(/\s+/g, ' ');
    return new LoadError(
      'UNREADABLE',
      {
        zh: `第 ${number} 个要素的第 ${bad.index + 1} 个字符是 ${bad[0]}，JSON 没有这种数值（前文：${before}）。请改为 null 或真实数值。`,
        en: `feature ${number}, character ${bad.index + 1}: ${bad[0]} is not a JSON number (after: ${before}). Write null or the real number.`,
      },
      { cause },
    );
  }
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new LoadError(
    'UNREADABLE',
    { zh: `第 ${number} 个要素不是合法的 JSON：${reason}`, en: `feature ${number} is not valid JSON: ${reason}` },
    { cause },
  );
}

/** The `crs` member of GeoJSON 2008, or the WGS 84 of RFC 7946. */
export function declaredCrs(envelope: string): DeclaredCrs {
  const named = /"crs"\s*:\s*\{[^{}]*"properties"\s*:\s*\{[^{}]*"name"\s*:\s*"([^"]+)"/.exec(envelope)?.[1];
  if (named === undefined) return { crs: 'EPSG:4326', name: 'EPSG:4326', from: 'RFC 7946' };
  const code = /CRS84/i.test(named) ? '4326' : /EPSG:(?:[\d.]*:)?(\d+)$/i.exec(named)?.[1];
  return code === undefined
    ? { crs: named, name: named, from: 'crs member' }
    : { crs: `EPSG:${code}`, name: `EPSG:${code}`, from: 'crs member' };
}

function assertSameCrs(first: DeclaredCrs | null, last: DeclaredCrs): void {
  if (first?.crs === last.crs) return;
  throw new LoadError('WRONG_CRS', {
    zh: `文件末尾的 crs 成员是 ${last.name}，读取时按 ${first?.name}。请用 --crs ${last.name} 指明。`,
    en: `the crs member at the end of the file says ${last.name}, but it was read as ${first?.name}. State it with --crs ${last.name}.`,
  });
}

function emptyBatch(): { rows: unknown[][]; lines: number[]; geometries: NonNullable<Batch['geometries']> } {
  return { rows: [], lines: [], geometries: [] };
}
