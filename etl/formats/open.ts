import { open, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import type { SourceFormat } from '../../layers/define.ts';
import { LoadError } from '../errors.ts';
import { type CsvOptions, openCsv } from './csv.ts';
import { detectFileEncoding, encodingLabel } from './encoding.ts';
import type { Gdal } from './gdal.ts';
import { openGpkg, openXlsx } from './gdal-source.ts';
import { openGeoJson } from './geojson.ts';
import { RECORD_SEPARATOR } from './json-features.ts';
import { openShapefile } from './shapefile.ts';
import type { RecordSource } from './source.ts';
import { transcode } from './transcode.ts';
import { openZip } from './zip.ts';

export interface OpenOptions {
  /** Starts GDAL when a format needs it, and the scratch folder when a member has to be unpacked. */
  gdal: () => Promise<Gdal>;
  /** Format the layer states; found from the file otherwise. */
  format?: SourceFormat;
  /** Encoding the person or the layer states. */
  encoding?: string;
  /** GeoJSON properties to read; all of them otherwise. */
  columns?: readonly string[];
  /** Layer inside a GeoPackage or sheet of a workbook. */
  layer?: string;
  csv?: Pick<CsvOptions, 'skipAfterHeader' | 'delimiter'>;
}

export interface OpenedFile {
  source: RecordSource;
  /** 0..1, and why the encoding was taken. */
  encoding: { confidence: number; reasons: string[] };
  reasons: string[];
}

/** Least confidence with which an encoding is taken without being asked. */
const MIN_ENCODING = 0.6;

/** Opens a file of any supported format. Throws LoadError with a code that says what is wrong with it. */
export async function openFile(path: string, options: OpenOptions): Promise<OpenedFile> {
  const { size } = await stat(path);
  if (size === 0)
    throw new LoadError('EMPTY_FILE', { zh: `${basename(path)} 是 0 字节。`, en: `${basename(path)} has 0 bytes.` });
  const format = await detectFormat(path);
  if (
    options.format &&
    options.format !== format.format &&
    !(options.format === 'shapefile' && format.format === 'zip')
  ) {
    throw new LoadError('UNREADABLE', {
      zh: `应为 ${options.format}，内容却是 ${format.format}（${format.reason}）。`,
      en: `expected ${options.format}, but the content is ${format.format} (${format.reason}).`,
    });
  }
  const stated = statedEncoding(options.encoding);
  const known = { confidence: 1, reasons: ['the format is always UTF-8'] };
  const reasons = [format.reason];
  switch (format.format) {
    case 'zip':
      return openZipped(path, options);
    case 'shapefile': {
      const source = await openShapefile(path, await options.gdal(), stated);
      return { source, encoding: confident(source.choice), reasons };
    }
    case 'gpkg':
      return { source: await openGpkg(path, await options.gdal(), options.layer), encoding: known, reasons };
    case 'xlsx':
      return { source: await openXlsx(path, await options.gdal(), options.layer), encoding: known, reasons };
    case 'geojson':
    case 'csv': {
      const verdict = await textEncoding(path, stated);
      let { encoding, bom } = verdict;
      let file = path;
      // The readers cut bytes at line breaks and quotes, which only works where these are bytes of their own.
      if (encoding.startsWith('utf-16') || (format.format === 'geojson' && encoding !== 'utf-8')) {
        file = join((await options.gdal()).folder, `text${Date.now()}${extname(path)}`);
        await transcode(path, encoding, bom, file);
        bom = 0;
        encoding = 'utf-8';
      }
      const source =
        format.format === 'csv'
          ? await openCsv(file, { encoding, bom, ...options.csv })
          : await openGeoJson(file, { bom, ...(options.columns ? { columns: options.columns } : {}) });
      source.encoding = verdict.encoding;
      return { source, encoding: verdict, reasons };
    }
  }
}

async function openZipped(path: string, options: OpenOptions): Promise<OpenedFile> {
  const zip = await openZip(path);
  try {
    const isShapefile = zip.members.some(({ name }) => name.toLowerCase().endsWith('.shp'));
    const single = zip.members.filter(({ name }) => /\.(csv|txt|geojson|json|gpkg|xlsx)$/i.test(name));
    if (isShapefile || single.length === 0) {
      const source = await openShapefile(path, await options.gdal(), statedEncoding(options.encoding));
      return { source, encoding: confident(source.choice), reasons: ['zip archive with a .shp'] };
    }
    const member = single[0] as (typeof single)[number];
    const target = join((await options.gdal()).folder, `member${Date.now()}${extname(member.name).toLowerCase()}`);
    await member.extract(target);
    const opened = await openFile(target, options);
    opened.reasons.unshift(`zip archive; read: ${member.name}`);
    return opened;
  } finally {
    zip.close();
  }
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
  throw new LoadError('UNKNOWN_ENCODING', {
    zh: `无法确定字符编码（${verdict.reasons.join('；')}）。请用 --encoding 指明，例如 --encoding gb18030。`,
    en: `the character encoding cannot be told (${verdict.reasons.join('; ')}). State it, e.g. --encoding gb18030.`,
  });
}

type FoundFormat = { format: RecordSource['format'] | 'zip'; reason: string };

/** The format by content first, by name where the content does not say. */
export async function detectFormat(path: string): Promise<FoundFormat> {
  const file = await open(path);
  const head = Buffer.alloc(4096);
  try {
    const { bytesRead } = await file.read(head, 0, head.length, 0);
    const extension = extname(path).toLowerCase();
    const text = head.toString('latin1', 0, bytesRead);
    if (text.startsWith('PK')) {
      if (extension === '.xlsx' || text.includes('[Content_Types].xml'))
        return { format: 'xlsx', reason: 'zip archive named .xlsx' };
      return { format: 'zip', reason: 'begins as a zip archive' };
    }
    if (text.startsWith('SQLite format 3')) return { format: 'gpkg', reason: 'begins as a SQLite database' };
    if (head.readUInt32BE(0) === 9994) return { format: 'shapefile', reason: 'begins as a .shp' };
    if (extension === '.zip' || extension === '.xlsx') {
      throw new LoadError('TRUNCATED_ARCHIVE', {
        zh: `${basename(path)} 不是 zip 压缩包（开头不是 PK）。`,
        en: `${basename(path)} is not a zip archive (it does not begin with PK).`,
      });
    }
    if (extension === '.gpkg') {
      throw new LoadError('UNREADABLE', {
        zh: '这不是 GeoPackage（不是 SQLite 文件）。',
        en: 'this is not a GeoPackage (not a SQLite file).',
      });
    }
    if (extension === '.shp')
      throw new LoadError('UNREADABLE', { zh: '这不是 Shapefile。', en: 'this is not a Shapefile.' });
    const start = text
      .replaceAll('\0', '')
      .replace(/^(\u00ef\u00bb\u00bf|\u00ff\u00fe|\u00fe\u00ff)/, '')
      .replaceAll(RECORD_SEPARATOR, '')
      .trimStart();
    if (start.startsWith('{') || extension === '.geojson' || extension === '.json')
      return { format: 'geojson', reason: 'text that begins with {' };
    return { format: 'csv', reason: 'delimited text' };
  } finally {
    await file.close();
  }
}
