import { copyFile, readFile, readdir } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { crsOfWkt } from '../crs/names.ts';
import { LoadError } from '../errors.ts';
import { readDbfText } from './dbf.ts';
import { detectEncoding, encodingLabel, encodingOfLdid } from './encoding.ts';
import type { Gdal } from './gdal.ts';
import { openGdalLayer } from './gdal-source.ts';
import type { DeclaredCrs, RecordSource } from './source.ts';

export interface EncodingChoice {
  encoding: string;
  confidence: number;
  reasons: string[];
}

export interface ShapefileOptions {
  /** Label the person or the layer states; otherwise found from .cpg, language driver id and bytes. */
  encoding?: string;
  /** Name of the file as people know it. */
  file?: string;
  /** The parts are `data.*` in a scratch folder already. */
  isUnpacked?: boolean;
}

/**
 * Opens a Shapefile lying beside its companions, or a dBASE table alone. GDAL reads the texts as Latin-1, which keeps
 * every byte, and they are decoded here: GDAL's own tables lack GB18030.
 */
export async function openShapefile(
  path: string,
  gdal: Gdal,
  options: ShapefileOptions = {},
): Promise<RecordSource & { choice: EncodingChoice }> {
  const isTable = extname(path).toLowerCase() === '.dbf';
  const folder = options.isUnpacked
    ? dirname(path)
    : await copyCompanions(path, gdal, isTable ? ['.dbf', '.cpg'] : SHAPEFILE_PARTS);
  const notes: string[] = [];
  const parts = await readdir(folder);
  if (!parts.includes('data.dbf')) notes.push('no .dbf: the features have no attributes');
  const choice = await chooseEncoding(folder, parts, options.encoding);
  const source = await openGdalLayer(join(folder, isTable ? 'data.dbf' : 'data.shp'), gdal, {
    format: isTable ? 'dbf' : 'shapefile',
    openOptions: ['ENCODING=ISO-8859-1'],
    crs: await projection(folder, parts),
    notes,
    file: options.file ?? basename(path),
    encoding: choice.encoding,
    decode: latin1Decoder(choice.encoding),
  });
  return Object.assign(source, { choice });
}

/** What belongs to one Shapefile. */
export const SHAPEFILE_PARTS = ['.shp', '.shx', '.dbf', '.prj', '.cpg'];

/**
 * Copies a file and those of the same name beside it into a scratch folder, as `data.*`: names may be in any encoding and
 * case, and GDAL writes indexes beside what it reads.
 * @returns the folder
 */
export async function copyCompanions(path: string, gdal: Gdal, extensions: readonly string[]): Promise<string> {
  const folder = await gdal.newFolder();
  const stem = basename(path, extname(path)).toLowerCase();
  for (const name of await readdir(dirname(path))) {
    const extension = extname(name).toLowerCase();
    if (extensions.includes(extension) && basename(name, extname(name)).toLowerCase() === stem) {
      await copyFile(join(dirname(path), name), join(folder, `data${extension}`));
    }
  }
  return folder;
}

async function projection(folder: string, parts: string[]): Promise<DeclaredCrs | null> {
  if (!parts.includes('data.prj')) return null;
  const wkt = (await readFile(join(folder, 'data.prj'), 'utf8')).trim();
  return wkt === '' ? null : { ...crsOfWkt(wkt), from: '.prj' };
}

async function chooseEncoding(folder: string, parts: string[], stated?: string): Promise<EncodingChoice> {
  if (!parts.includes('data.dbf')) return { encoding: 'utf-8', confidence: 1, reasons: ['no attributes'] };
  const text = await readDbfText(join(folder, 'data.dbf'));
  const found = detectEncoding(text.sample);
  if (stated) {
    // UTF-8 with Chinese characters almost never comes about by chance.
    if (
      text.sample.length > 0 &&
      found.encoding === 'utf-8' &&
      found.confidence > 0.9 &&
      found.reasons[0] !== 'only ASCII characters' &&
      stated !== 'utf-8'
    ) {
      throw new LoadError('UNKNOWN_ENCODING', {
        zh: `约定编码为 ${stated}，但属性表是 UTF-8。`,
        en: `the encoding is stated as ${stated}, but the attribute table is UTF-8.`,
      });
    }
    return { encoding: stated, confidence: 1, reasons: ['stated'] };
  }
  if (parts.includes('data.cpg')) {
    const cpg = (await readFile(join(folder, 'data.cpg'), 'latin1')).trim();
    const label = encodingLabel(cpg) ?? encodingLabel(`cp${cpg}`);
    if (label) return { encoding: label, confidence: 0.95, reasons: [`.cpg says ${cpg}`] };
  }
  const byId = encodingOfLdid(text.ldid);
  const id = `0x${text.ldid.toString(16).padStart(2, '0')}`;
  // 1252 is what ArcGIS writes by default, whatever the texts are; the bytes know better.
  const isDefault = byId === null || byId === 'windows-1252';
  if (!isDefault) return { encoding: byId, confidence: 0.95, reasons: [`dBASE language driver ${id}`] };
  if (found.confidence >= 0.6 || byId === null) return found;
  return { encoding: byId, confidence: 0.7, reasons: [`dBASE language driver ${id}`] };
}

/** Characters that Windows-1252 has at 0x80 to 0x9F, with their bytes. */
const WINDOWS = new Map(
  Array.from(
    new TextDecoder('windows-1252').decode(
      Uint8Array.from({ length: 32 }, (_, i) => 0x80 + i),
      { stream: true },
    ),
    (char, i) => [char.charCodeAt(0), 0x80 + i],
  ),
);

/**
 * Decodes text that was carried through GDAL as Latin-1, or as Windows-1252 by formats that know no other Latin.
 * Fixed-width fields may end inside a character: that one is cut.
 */
export function latin1Decoder(encoding: string): (text: string) => string {
  const decoder = new TextDecoder(encoding);
  // Node 20 takes Windows-1252 for Latin-1 unless it decodes a stream; a single-byte encoding keeps nothing for the next call.
  const options = encoding === 'windows-1252' ? { stream: true } : {};
  return (text) => {
    // oxlint-disable-next-line eslint/no-control-regex
    if (/^[\u0000-\u007f]*$/.test(text)) return text;
    const bytes = Buffer.alloc(text.length);
    for (let i = 0; i < text.length; i += 1) {
      const code = text.charCodeAt(i);
      bytes[i] = code < 0x100 ? code : (WINDOWS.get(code) ?? 0x3f);
    }
    return decoder.decode(bytes, options).replace(/\ufffd+$/, '');
  };
}
