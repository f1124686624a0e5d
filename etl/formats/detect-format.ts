/* oxlint-disable eslint/no-control-regex -- the marks of binary formats are control characters */
import { open, readdir, stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { LoadError } from '../errors.ts';
import { RECORD_SEPARATOR } from './json-features.ts';
import type { RasterFormat } from '../../layers/define.ts';
import type { FileFormat } from './source.ts';
import { unsupported } from './unsupported.ts';

/** What a file turned out to be: a format, or a wrapping around files that have one. */
export type FoundFormat = { format: FileFormat | RasterFormat | 'zip' | 'gzip' | 'text' | 'json-text'; reason: string };

const HEAD = 8192;

/**
 * The format by content first, by name where the content does not say. Text and JSON are looked into later.
 * @param file name of the file as people know it
 */
export async function detectFormat(path: string, file = basename(path)): Promise<FoundFormat> {
  if ((await stat(path)).isDirectory()) return detectFolder(path);
  const handle = await open(path);
  try {
    const buffer = Buffer.alloc(HEAD);
    const { bytesRead } = await handle.read(buffer, 0, HEAD, 0);
    const head = buffer.subarray(0, bytesRead);
    const { size } = await handle.stat();
    const tail = Buffer.alloc(Math.min(8, size));
    await handle.read(tail, 0, tail.length, size - tail.length);
    return detectBinary(file, head, tail, size) ?? detectText(file, head);
  } finally {
    await handle.close();
  }
}

async function detectFolder(path: string): Promise<FoundFormat> {
  const names = await readdir(path);
  if (names.some((name) => /^a0000000\d\.gdbtable$/i.test(name))) {
    return { format: 'filegdb', reason: 'folder with tables of a file geodatabase' };
  }
  throw new LoadError('UNREADABLE', {
    zh: `${basename(path)} 是文件夹。只有文件地理数据库（.gdb）可以按文件夹导入；其他请写明文件或打成 zip，或用 watch 监视文件夹。`,
    en: `${basename(path)} is a folder. Only a file geodatabase (.gdb) is loaded as a folder; name a file or pack it as zip otherwise, or use watch for a folder of deliveries.`,
  });
}

/** Marks that formats put at the beginning (or end) of a file. */
function detectBinary(file: string, head: Buffer, tail: Buffer, size: number): FoundFormat | null {
  const extension = extname(file).toLowerCase();
  const text = head.toString('latin1');
  if (text.startsWith('PK')) {
    if (text.includes('mimetypeapplication/vnd.oasis.opendocument.spreadsheet'))
      return { format: 'ods', reason: 'zip archive that names itself an OpenDocument spreadsheet' };
    if (extension === '.xlsx' || extension === '.xlsm') return { format: 'xlsx', reason: 'zip archive named .xlsx' };
    return { format: 'zip', reason: 'begins as a zip archive' };
  }
  if (text.startsWith('SQLite format 3')) return { format: 'gpkg', reason: 'begins as a SQLite database' };
  if (text.startsWith('PAR1') && tail.toString('latin1').endsWith('PAR1'))
    return { format: 'parquet', reason: 'begins and ends as Parquet' };
  if (text.startsWith('PAR1')) throw cutShort(file, 'Parquet');
  if (text.startsWith('fgb')) return { format: 'flatgeobuf', reason: 'begins as FlatGeobuf' };
  if (head[0] === 0x1f && head[1] === 0x8b) return { format: 'gzip', reason: 'begins as gzip' };
  if (size >= 100 && head.readUInt32BE(0) === 9994 && head.readUInt32LE(28) === 1000) {
    if (extension === '.shx') throw unsupported('shapefile-part', file);
    return { format: 'shapefile', reason: 'begins as a .shp' };
  }
  if (/^[\0-\xff]{4}\n\tOSMHeader/.test(text)) return { format: 'osm', reason: 'begins as an OSM PBF' };
  if (text.startsWith('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'))
    return { format: 'xls', reason: 'compound file of Office 97-2003' };
  // BIFF2 to BIFF5 outside a compound file.
  if (/^\x09[\x00\x02\x04\x08][\x04\x06\x08]\x00/.test(text))
    return { format: 'xls', reason: 'begins as a BIFF worksheet' };
  if (/^!table\s/i.test(text.trimStart()) || /^version\s+\d+\s+charset\s/i.test(text.trimStart()))
    return { format: 'mapinfo', reason: 'begins as a MapInfo table' };
  if (text.startsWith('AutoCAD Binary DXF') || /^\s*(999\s[^\n]*\n\s*)*0\s*\r?\n\s*SECTION\b/.test(text))
    return { format: 'dxf', reason: 'begins as DXF' };
  if (/^(II\*\0|MM\0\*|II\+\0|MM\0\+)/.test(text)) return { format: 'geotiff', reason: 'begins as a TIFF' };
  if (extension === '.hgt' && HGT_BYTES.includes(size))
    return { format: 'hgt', reason: 'an SRTM height tile by its size' };
  const refused = KNOWN_OTHERS.find(([pattern]) => pattern.test(text));
  if (refused) throw unsupported(refused[1], file);
  if (/^\.(mvt|pbf)$/.test(extension)) throw unsupported('vector-tile', file);
  if (extension === '.dbf' && isDbf(head)) return { format: 'dbf', reason: 'a dBASE table' };
  assertNamedRightly(file, extension);
  return null;
}

/** One degree in 3 seconds, in 1 second, and in 1 by 2 seconds, 16 bits each. */
const HGT_BYTES = [1201 * 1201 * 2, 3601 * 3601 * 2, 1801 * 3601 * 2];

/** Marks of what is recognised but not loaded. */
const KNOWN_OTHERS: readonly (readonly [RegExp, Parameters<typeof unsupported>[0]])[] = [
  [/^(\x89PNG|\xff\xd8\xff|GIF8|BM[\0-\xff]{4}\0\0\0\0)/, 'picture'],
  [/^%PDF/, 'pdf'],
  [/^(Rar!|7z\xbc\xaf)/, 'archive'],
  [/^AC10\d\d/, 'dwg'],
  [/^(\x89HDF|CDF[\x01\x02])/, 'raster'],
];

function isDbf(head: Buffer): boolean {
  const size = head.length >= 32 ? head.readUInt16LE(8) : 0;
  return [0x03, 0x30, 0x31, 0x83, 0x8b, 0xf5].includes(head[0] ?? 0) && size > 32 && size % 32 <= 8;
}

/** The name promises something that the content is not. */
function assertNamedRightly(file: string, extension: string): void {
  switch (extension) {
    case '.zip':
    case '.xlsx':
    case '.kmz':
    case '.ods':
      throw new LoadError('TRUNCATED_ARCHIVE', {
        zh: `${file} 不是 zip 压缩包（开头不是 PK）。请重新导出或重新传送。`,
        en: `${file} is not a zip archive (it does not begin with PK). Export or send it again.`,
      });
    case '.gpkg':
      throw new LoadError('UNREADABLE', {
        zh: '这不是 GeoPackage（不是 SQLite 文件）。请重新导出。',
        en: 'this is not a GeoPackage (not a SQLite file). Export it again.',
      });
    case '.shp':
      throw new LoadError('UNREADABLE', {
        zh: '这不是 Shapefile（开头不是 9994）。请重新导出。',
        en: 'this is not a Shapefile (it does not begin with 9994). Export it again.',
      });
    case '.dbf':
      throw new LoadError('UNREADABLE', {
        zh: '这不是 dBASE 表。请重新导出。',
        en: 'this is not a dBASE table. Export it again.',
      });
    case '.parquet':
    case '.geoparquet':
    case '.fgb':
    case '.xls':
      throw new LoadError('UNREADABLE', {
        zh: `${file} 的内容不是 ${extension.slice(1)}。请重新导出或重新传送。`,
        en: `the content of ${file} is not ${extension.slice(1)}. Export or send it again.`,
      });
    case '.hgt':
    case '.tif':
    case '.tiff':
      throw new LoadError('UNREADABLE', {
        zh: `${file} 的内容不是${extension === '.hgt' ? '完整的 SRTM 高程块（大小不符）' : ' TIFF'}。请重新导出或重新传送。`,
        en: `the content of ${file} is no ${extension === '.hgt' ? 'whole SRTM height tile (its size is none of those)' : 'TIFF'}. Export or send it again.`,
      });
    case '.shx':
    case '.sbn':
    case '.sbx':
    case '.prj':
    case '.cpg':
    case '.qix':
    case '.gfs':
      throw unsupported('shapefile-part', file);
    default:
  }
}

function detectText(file: string, head: Buffer): FoundFormat {
  const extension = extname(file).toLowerCase();
  const start = head
    .toString('latin1')
    .replaceAll('\0', '')
    .replace(/^(\u00ef\u00bb\u00bf|\u00ff\u00fe|\u00fe\u00ff)/, '')
    .replaceAll(RECORD_SEPARATOR, '')
    .trimStart();
  if (/^[[{]/.test(start) || extension === '.geojson' || extension === '.json')
    return { format: 'json-text', reason: start.startsWith('{') ? 'text that begins with {' : 'JSON' };
  if (start.startsWith('<')) return { format: xmlFormat(start, file), reason: 'XML' };
  return { format: 'text', reason: 'delimited text' };
}

/** The kind of an XML document, by its outermost element. */
function xmlFormat(start: string, file: string): FileFormat {
  const body = start.replace(/^(<\?[^>]*>|<!--[\s\S]*?-->|<!DOCTYPE[^>]*>|\s)+/, '');
  const root = /^<([\w.:-]+)([^>]*)/.exec(body);
  const name = root?.[1]?.replace(/^.*:/, '').toLowerCase() ?? '';
  const extension = extname(file).toLowerCase();
  if (name === 'html' || /^<!doctype html/i.test(start)) throw unsupported('html', file);
  if (name === 'kml' || extension === '.kml') return 'kml';
  if (name === 'gpx') return 'gpx';
  if (name === 'osm') return 'osm';
  if (
    (name === 'rss' || name === 'feed' || name === 'rdf') &&
    /georss|w3\.org\/2003\/01\/geo|<(georss|geo):/i.test(start)
  )
    return 'georss';
  if (name === 'svg') throw unsupported('picture', file);
  if (name === 'exceptionreport' || name === 'serviceexceptionreport') {
    const said = start
      .replaceAll(/<[^>]*>/g, ' ')
      .replaceAll(/\s+/g, ' ')
      .trim()
      .slice(0, 300);
    throw new LoadError('UNREADABLE', {
      zh: `这是地图服务的错误答复，不是数据：${said}。请更正请求后重新取得。`,
      en: `this is a map service's error answer, not data: ${said}. Correct the request and get it again.`,
    });
  }
  if (name === 'workbook') throw unsupported('xml-spreadsheet', file);
  if (extension === '.gml' || /opengis\.net\/gml|<gml:/.test(start)) return 'gml';
  return 'xml';
}

function cutShort(file: string, what: string): LoadError {
  return new LoadError('TRUNCATED_ARCHIVE', {
    zh: `${file} 不完整：${what} 的结尾缺失。请重新导出或重新传送。`,
    en: `${file} is cut short: the end of the ${what} is missing. Export or send it again.`,
  });
}
