import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { SourceFormat } from '../../layers/define.ts';
import { LoadError } from '../errors.ts';
import { type UnpackedFile, unpackArchive } from './archive.ts';
import { chooseLayer } from './choose-layer.ts';
import { areAlike, concatenate } from './concatenate.ts';
import { type CsvOptions, openCsv } from './csv.ts';
import { detectFormat } from './detect-format.ts';
import { detectFileEncoding, encodingLabel } from './encoding.ts';
import type { Gdal } from './gdal.ts';
import { openWithGdal } from './gdal-formats.ts';
import { openGpkg, openWorkbook } from './gdal-source.ts';
import { openJson } from './json-table.ts';
import { openKml } from './kml.ts';
import { openParquet } from './parquet.ts';
import { openShapefile } from './shapefile.ts';
import type { RecordSource } from './source.ts';
import type { TextAhead } from './text-ahead.ts';
import { findLayout } from './text-layout.ts';
import { unsupported } from './unsupported.ts';
import { transcode } from './transcode.ts';
import { openXls } from './xls.ts';
import { openXmlTable } from './xml-table.ts';

export { detectFormat } from './detect-format.ts';

export interface OpenOptions {
  /** Starts GDAL when a format needs it, and the scratch folder when a member has to be unpacked. */
  gdal: () => Promise<Gdal>;
  /** Format the layer states; found from the file otherwise. */
  format?: SourceFormat;
  /** Encoding the person or the layer states. */
  encoding?: string;
  /** GeoJSON properties to read; all of them otherwise. */
  columns?: readonly string[];
  /** Layer, sheet, list or file to read, where there are several. */
  layer?: string;
  csv?: Pick<CsvOptions, 'skipAfterHeader' | 'delimiter'>;
  /** The thread that reads text files ahead, or null where it is not worth it. */
  ahead?: (bytes: number) => TextAhead | null;
}

export interface OpenedFile {
  source: RecordSource;
  /** 0..1, and why the encoding was taken. */
  encoding: { confidence: number; reasons: string[] };
  reasons: string[];
}

/** Least confidence with which an encoding is taken without being asked. */
const MIN_ENCODING = 0.6;
/** Largest file that is unpacked from gzip, against archives that grow without end. */
const MAX_UNPACKED = 8 * 1024 ** 3;
const UTF8 = { confidence: 1, reasons: ['the format is always UTF-8'] };

/** Opens a file of any supported format. Throws LoadError with a code that says what is wrong with it. */
export async function openFile(path: string, options: OpenOptions): Promise<OpenedFile> {
  // One GDAL for one file: what was unpacked lies in its folder.
  let started: Promise<Gdal> | null = null;
  const opened = await openAny(path, { ...options, gdal: () => (started ??= options.gdal()) });
  const { format } = opened.source;
  if (options.format && options.format !== format) {
    await opened.source.close();
    throw new LoadError('UNREADABLE', {
      zh: `应为 ${options.format}，内容却是 ${format}（${opened.reasons.join('；')}）。请按约定的格式重新导出。`,
      en: `expected ${options.format}, but the content is ${format} (${opened.reasons.join('; ')}). Export it in the form that was agreed.`,
    });
  }
  return { ...opened, source: withUniqueColumns(opened.source) };
}

async function openAny(path: string, options: OpenOptions, unpacked?: UnpackedFile): Promise<OpenedFile> {
  const found = await stat(path);
  const file = basename(unpacked?.name ?? path);
  if (found.isFile() && found.size === 0)
    throw new LoadError('EMPTY_FILE', { zh: `${file} 是 0 字节。`, en: `${file} has 0 bytes.` });
  const { format, reason } = await detectFormat(path, file);
  const reasons = [reason];
  const { layer, gdal } = options;
  const named = { file, ...(layer === undefined ? {} : { layer }), isUnpacked: unpacked !== undefined };
  const stated = statedEncoding(options.encoding);
  const encoding = stated === undefined ? {} : { encoding: stated };
  const isExpected = (candidate: SourceFormat): boolean => options.format === undefined || options.format === candidate;
  switch (format) {
    case 'geotiff':
    case 'hgt':
      throw unsupported('raster-for-rows', file);
    case 'zip':
      return openZipped(path, options);
    case 'gzip':
      return openAny(await gunzip(path, await gdal()), options, {
        path,
        name: file.replace(/\.gz$/i, ''),
        kind: 'file',
      });
    case 'shapefile':
    case 'dbf': {
      const source = await openShapefile(path, await gdal(), { ...encoding, ...named });
      return { source, encoding: confident(source.choice), reasons };
    }
    case 'gpkg':
      return { source: await openGpkg(path, await gdal(), layer), encoding: UTF8, reasons };
    case 'xlsx':
    case 'ods':
      return { source: await openWorkbook(path, await gdal(), format, layer), encoding: UTF8, reasons };
    case 'xls':
      return { source: await openXls(path, layer), encoding: UTF8, reasons };
    case 'parquet':
      return { source: await openParquet(path), encoding: UTF8, reasons };
    case 'kml':
      return { source: await openKml(path), encoding: { confidence: 1, reasons: ['as the XML declares'] }, reasons };
    case 'xml':
      return {
        source: await openXmlTable(path, layer),
        encoding: { confidence: 1, reasons: ['as the XML declares'] },
        reasons,
      };
    case 'text':
    case 'csv':
      return openText(path, file, options, isExpected('csv') && options.format !== undefined, reasons);
    case 'json-text':
    case 'geojson':
    case 'json':
      return openJsonText(path, file, options, reasons);
    default: {
      const source = await openWithGdal(path, format, await gdal(), { ...named, ...encoding });
      return { source, encoding: { confidence: 1, reasons: ['as the format states'] }, reasons };
    }
  }
}

/** @param isAgreed the layer says that this is CSV: the header line decides on the delimiter, whatever follows */
async function openText(
  path: string,
  file: string,
  options: OpenOptions,
  isAgreed: boolean,
  reasons: string[],
): Promise<OpenedFile> {
  const verdict = await textEncoding(path, statedEncoding(options.encoding));
  // Lines are cut by bytes, which UTF-16 does not allow; Windows-1252 is read rightly by Node 20 only as a stream.
  const mustConvert = verdict.encoding.startsWith('utf-16') || verdict.encoding === 'windows-1252';
  const text = await readableText(path, verdict, options, mustConvert);
  const layout = isAgreed ? null : await findLayout(text.file, text.encoding, text.bom, file);
  const { columns, notes = [], delimiter } = layout ?? {};
  const source = await openCsv(text.file, {
    encoding: text.encoding,
    bom: text.bom,
    ...(delimiter === undefined ? {} : { delimiter }),
    ...(columns === undefined ? {} : { columns }),
    ...options.csv,
    ...(options.ahead === undefined ? {} : { ahead: options.ahead }),
  });
  source.notes.push(...notes);
  source.encoding = verdict.encoding;
  return { source, encoding: verdict, reasons };
}

async function openJsonText(path: string, file: string, options: OpenOptions, reasons: string[]): Promise<OpenedFile> {
  const verdict = await textEncoding(path, statedEncoding(options.encoding));
  // The readers cut bytes at quotes and braces, which only works where these are bytes of their own.
  const text = await readableText(path, verdict, options, verdict.encoding !== 'utf-8');
  const source = await openJson(text.file, {
    bom: text.bom,
    file,
    isGeoJson: options.format === 'geojson',
    // An import reads all there is; its definition was made from it.
    ...(options.columns && options.format ? { columns: options.columns } : {}),
    ...(options.layer === undefined ? {} : { layer: options.layer }),
  });
  source.encoding = verdict.encoding;
  return { source, encoding: verdict, reasons };
}

/** The file itself, or a copy in UTF-8. */
async function readableText(
  path: string,
  verdict: { encoding: string; bom: number },
  options: OpenOptions,
  mustConvert: boolean,
): Promise<{ file: string; encoding: string; bom: number }> {
  if (!mustConvert) return { file: path, encoding: verdict.encoding, bom: verdict.bom };
  const file = join(await (await options.gdal()).newFolder(), `text${extname(path).toLowerCase()}`);
  await transcode(path, verdict.encoding, verdict.bom, file);
  return { file, encoding: 'utf-8', bom: 0 };
}

async function openZipped(path: string, options: OpenOptions): Promise<OpenedFile> {
  const gdal = await options.gdal();
  const { kind, files, layer, notes } = await unpackArchive(path, gdal, options.layer);
  const { layer: _asked, ...rest } = options;
  const inner: OpenOptions = layer === undefined ? rest : { ...rest, layer };
  if (kind === 'xlsx')
    return {
      source: await openWorkbook(path, gdal, 'xlsx', layer),
      encoding: UTF8,
      reasons: ['zip archive with a workbook'],
    };
  if (kind === 'gtfs') {
    const source = await openWithGdal(path, 'gtfs', gdal, {
      file: basename(path),
      ...(layer === undefined ? {} : { layer }),
    });
    return { source, encoding: UTF8, reasons: ['zip archive with the files of a transit feed'] };
  }
  const [only] = files;
  if (only && files.length === 1) {
    const opened = await openAny(only.path, inner, only);
    opened.source.notes.push(...notes);
    opened.reasons.unshift(`zip archive; read: ${only.name}`);
    return opened;
  }
  return openSeveral(path, files, inner);
}

/** Files of one form make one layer together; of others one must be chosen. */
async function openSeveral(path: string, files: readonly UnpackedFile[], options: OpenOptions): Promise<OpenedFile> {
  const choices = files.map(({ name }) => ({ name, count: null }));
  if (options.layer !== undefined) chooseLayer(choices, options.layer, basename(path));
  const opened: OpenedFile[] = [];
  const closeAll = async (): Promise<void> => {
    for (const { source } of opened) await source.close();
  };
  try {
    for (const file of files) opened.push(await openAny(file.path, options, file));
  } catch (error) {
    await closeAll();
    // What is wrong with one of them does not matter to who wants another.
    if (error instanceof LoadError) chooseLayer(choices, undefined, basename(path));
    throw error;
  }
  const sources = opened.map(({ source }) => source);
  if (!areAlike(sources)) {
    await closeAll();
    chooseLayer(choices, undefined, basename(path));
  }
  const source = concatenate(sources);
  source.notes.push(
    `${files.length} files with the same columns make one layer: ${files.map(({ name }) => name).join(', ')}`,
  );
  const least = opened.reduce((low, next) => (next.encoding.confidence < low.encoding.confidence ? next : low));
  return { source, encoding: least.encoding, reasons: [`zip archive with ${files.length} files of one form`] };
}

/** Unpacks a gzip file under the name it has without `.gz`. */
async function gunzip(path: string, gdal: Gdal): Promise<string> {
  const name = basename(path).replace(/\.gz$/i, '').toLowerCase();
  const target = join(await gdal.newFolder(), `data${extname(name)}`);
  let size = 0;
  try {
    await pipeline(
      createReadStream(path, { highWaterMark: 1 << 20 }),
      createGunzip(),
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          size += chunk.length;
          if (size > MAX_UNPACKED) throw new Error(`larger than ${MAX_UNPACKED / 1024 ** 3} GB when unpacked`);
          yield chunk;
        }
      },
      createWriteStream(target),
    );
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LoadError(
      'TRUNCATED_ARCHIVE',
      {
        zh: `${basename(path)} 不是完好的 gzip：${reason}。请重新导出或重新传送。`,
        en: `${basename(path)} is not sound gzip: ${reason}. Export or send it again.`,
      },
      { cause },
    );
  }
  return target;
}

/** Columns without a name or with one that occurred before get one of their own: two of a name would both read the first. */
function withUniqueColumns(source: RecordSource): RecordSource {
  const taken = new Set<string>();
  const renamed: string[] = [];
  const columns = source.columns.map((column, i) => {
    const base = column.trim() === '' ? `column_${i + 1}` : column;
    let name = base;
    for (let n = 2; taken.has(name) || (name !== column && source.columns.includes(name)); n += 1)
      name = `${base}_${n}`;
    taken.add(name);
    if (name !== column) renamed.push(`${JSON.stringify(column)} → ${name}`);
    return name;
  });
  const bad = columns.find((name) => name.includes('\0'));
  if (bad !== undefined) {
    throw new LoadError('UNREADABLE', {
      zh: `列名 ${JSON.stringify(bad.slice(0, 60))} 含有空字符（NUL）。这不是文本表格，或文件已损坏；请重新导出。`,
      en: `the column name ${JSON.stringify(bad.slice(0, 60))} holds a NUL character: this is no table of text, or it is damaged. Export it again.`,
    });
  }
  if (renamed.length === 0) return source;
  source.notes.push(`columns renamed: ${renamed.slice(0, 20).join(', ')}`);
  return { ...source, columns };
}

function statedEncoding(name: string | undefined): string | undefined {
  if (name === undefined) return undefined;
  const label = encodingLabel(name);
  if (label !== null) return label;
  throw new LoadError('UNKNOWN_ENCODING', {
    zh: `没有名为 ${name} 的编码。`,
    en: `there is no encoding named ${name}.`,
  });
}

async function textEncoding(
  path: string,
  stated: string | undefined,
): Promise<{ encoding: string; bom: number; confidence: number; reasons: string[] }> {
  const verdict = await detectFileEncoding(path);
  if (stated === undefined) return { ...verdict, ...confident(verdict) };
  const isAscii = verdict.reasons[0] === 'only ASCII characters';
  const isCertain = verdict.confidence >= 0.9 && !isAscii;
  if (
    isCertain &&
    verdict.encoding !== stated &&
    (stated === 'utf-8' || verdict.encoding === 'utf-8' || verdict.bom > 0)
  ) {
    throw new LoadError('UNKNOWN_ENCODING', {
      zh: `约定编码为 ${stated}，但文件是 ${verdict.encoding}（${verdict.reasons.join('；')}）。`,
      en: `the encoding is stated as ${stated}, but the file is ${verdict.encoding} (${verdict.reasons.join('; ')}).`,
    });
  }
  return {
    encoding: stated,
    bom: verdict.bom,
    confidence: 1,
    reasons: ['stated', ...(isAscii ? ['only ASCII characters'] : [])],
  };
}

function confident(verdict: { encoding: string; confidence: number; reasons: string[] }): {
  confidence: number;
  reasons: string[];
} {
  if (verdict.confidence >= MIN_ENCODING) return verdict;
  // Chinese texts would have been told; this one reads any bytes.
  const guess = verdict.confidence >= 0.2 ? verdict.encoding : 'windows-1252';
  throw new LoadError('UNKNOWN_ENCODING', {
    zh: `无法确定字符编码（${verdict.reasons.join('；')}）。请用 --encoding 指明，例如 --encoding ${guess}。`,
    en: `the character encoding cannot be told (${verdict.reasons.join('; ')}). State it, e.g. --encoding ${guess}.`,
  });
}
