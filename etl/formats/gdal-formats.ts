import { copyFile, readFile, rename, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import type { Geometry, Position } from 'geojson';
import { encodingLabel } from './encoding.ts';
import type { Gdal, GdalLayer } from './gdal.ts';
import { openGdalLayer } from './gdal-source.ts';
import { copyCompanions, latin1Decoder } from './shapefile.ts';
import type { Batch, RecordSource } from './source.ts';
import { transcode } from './transcode.ts';

/** Formats that GDAL reads as they are, or after their texts were brought into an encoding it knows. */
export type GdalFormat = 'gml' | 'georss' | 'gpx' | 'filegdb' | 'dxf' | 'mapinfo' | 'flatgeobuf' | 'gtfs' | 'osm';

export const MAPINFO_PARTS = ['.tab', '.dat', '.map', '.id', '.ind', '.mif', '.mid'];

export interface GdalFormatOptions {
  layer?: string;
  /** Label of the encoding a person stated, for formats without one of their own. */
  encoding?: string;
  file?: string;
  isUnpacked?: boolean;
}

/** Opens a file of a format that GDAL reads. */
export async function openWithGdal(
  path: string,
  format: GdalFormat,
  gdal: Gdal,
  options: GdalFormatOptions = {},
): Promise<RecordSource> {
  const base = {
    format,
    file: options.file ?? basename(path),
    ...(options.layer === undefined ? {} : { layer: options.layer }),
  };
  switch (format) {
    case 'gml':
      return withAxesInOrder(await openGdalLayer(await xmlCopy(path, gdal, format), gdal, base));
    case 'georss':
    case 'gpx':
      return openGdalLayer(await xmlCopy(path, gdal, format), gdal, {
        ...base,
        layers: format === 'gpx' ? gpxLayers : same,
      });
    case 'dxf':
      return openDxf(path, gdal, options, base);
    case 'mapinfo':
      return openMapInfo(path, gdal, options, base);
    case 'osm':
      return openGdalLayer(await namedCopy(path, gdal, isXml(path) ? 'data.osm' : 'data.osm.pbf'), gdal, {
        ...base,
        layers: (found) => found.map((layer) => ({ ...layer, featureCount: -1 })),
      });
    case 'gtfs':
    case 'filegdb':
    case 'flatgeobuf':
      return openGdalLayer(path, gdal, { ...base, layers: same });
  }
}

/**
 * Services write latitude first under the name EPSG:4326, or last; which one is only seen by the numbers. A second
 * coordinate beyond 90 degrees can be no latitude.
 */
function withAxesInOrder(source: RecordSource): RecordSource {
  if (source.crs?.crs !== 'EPSG:4326') return source;
  async function* batches(): AsyncGenerator<Batch> {
    let isSwapped: boolean | null = null;
    for await (const batch of source.batches()) {
      if (isSwapped === null) {
        const places = (batch.geometries ?? []).flatMap(positionsOf);
        isSwapped =
          places.some(([, y]) => Math.abs(y as number) > 90.001) &&
          places.every(([x]) => Math.abs(x as number) <= 90.001);
        if (isSwapped) source.notes.push('latitude stands first in this file: x and y were exchanged');
      }
      if (isSwapped) for (const position of (batch.geometries ?? []).flatMap(positionsOf)) position.reverse();
      yield batch;
    }
  }
  return { ...source, batches };
}

/** All positions of a geometry, in two dimensions. */
function positionsOf(geometry: Geometry | null): Position[] {
  if (!geometry) return [];
  if (geometry.type === 'GeometryCollection') return geometry.geometries.flatMap(positionsOf);
  const { coordinates } = geometry as { coordinates: unknown };
  let lists = [coordinates] as unknown[];
  while (Array.isArray(lists[0]) && Array.isArray((lists[0] as unknown[])[0])) lists = (lists as unknown[][]).flat();
  return lists as Position[];
}

function same(layers: GdalLayer[]): GdalLayer[] {
  return layers;
}

/** Points of routes and tracks are those of the lines once more. */
function gpxLayers(layers: GdalLayer[]): GdalLayer[] {
  const lines = layers.filter(({ name, featureCount }) => /^(routes|tracks)$/.test(name) && featureCount > 0);
  return lines.length > 0 ? layers.filter(({ name }) => !name.endsWith('_points')) : layers;
}

function isXml(path: string): boolean {
  return extname(path).toLowerCase() === '.osm';
}

/** A copy under another name: GDAL goes by it, and writes companions beside what it reads. */
async function namedCopy(path: string, gdal: Gdal, name: string): Promise<string> {
  const target = join(await gdal.newFolder(), name);
  await copyFile(path, target);
  return target;
}

/** XML in UTF-8: GDAL's parser knows only that, UTF-16 and Latin-1. */
async function xmlCopy(path: string, gdal: Gdal, format: string): Promise<string> {
  const target = await namedCopy(path, gdal, `data.${format === 'georss' ? 'xml' : format}`);
  const head = (await readFile(target)).subarray(0, 1024).toString('latin1');
  const stated = /^\s*<\?xml[^>]*\sencoding\s*=\s*["']([\w.:-]+)["']/.exec(head)?.[1];
  const label = stated === undefined ? null : encodingLabel(stated);
  if (label === null || /^(utf-|iso-8859-1$|windows-1252$)/.test(label)) return target;
  const converted = `${target}.utf8`;
  await transcode(target, label, 0, converted);
  const text = await readFile(converted, 'utf8');
  await writeFile(target, text.replace(/(<\?xml[^>]*\sencoding\s*=\s*["'])[\w.:-]+/, '$1UTF-8'));
  return target;
}

type Base = { format: GdalFormat; file: string; layer?: string };

/** Texts of a drawing before AutoCAD 2007 are in the code page it names; they are carried through as Latin-1. */
async function openDxf(path: string, gdal: Gdal, options: GdalFormatOptions, base: Base): Promise<RecordSource> {
  const target = await namedCopy(path, gdal, 'data.dxf');
  const bytes = await readFile(target);
  const head = bytes.toString('latin1', 0, 65_536);
  const isUnicode = Number(/\$ACADVER\s+1\s+AC(\d+)/.exec(head)?.[1] ?? 0) >= 1021;
  const page = /\$DWGCODEPAGE\s+3\s+(\S+)/.exec(head)?.[1] ?? '';
  const number = /(\d{3,4})$/.exec(page)?.[1];
  const named = number === undefined ? null : encodingLabel(CODE_PAGES[number] ?? `windows-${number}`);
  const encoding = options.encoding ?? (isUnicode ? 'utf-8' : (named ?? 'windows-1252'));
  const isCarried = encoding !== 'utf-8' && !/^(windows-1252|iso-8859-1)$/.test(encoding);
  if (isCarried) {
    const neutral = bytes.toString('latin1').replace(/(\$DWGCODEPAGE\s+3\s+)\S+/, '$1ANSI_1252');
    await writeFile(target, neutral, 'latin1');
  }
  return openGdalLayer(target, gdal, {
    ...base,
    crs: null,
    encoding,
    ...(isCarried ? { decode: latin1Decoder(encoding) } : {}),
  });
}

const CODE_PAGES: Record<string, string> = { 936: 'gb18030', 950: 'big5', 932: 'shift_jis', 949: 'euc-kr' };
const CHARSETS: Record<string, string> = {
  windowssimpchinese: 'gb18030',
  windowstradchinese: 'big5',
  windowsjapanese: 'shift_jis',
  windowskorean: 'euc-kr',
  windowslatin2: 'windows-1250',
  windowscyrillic: 'windows-1251',
  windowsgreek: 'windows-1253',
  windowsturkish: 'windows-1254',
};

/** A MapInfo table names its character set; its texts are carried through as Latin-1, too. */
async function openMapInfo(path: string, gdal: Gdal, options: GdalFormatOptions, base: Base): Promise<RecordSource> {
  const folder = options.isUnpacked ? dirname(path) : await copyCompanions(path, gdal, MAPINFO_PARTS);
  const extension = extname(path).toLowerCase() === '.mif' ? '.mif' : '.tab';
  const main = join(folder, `data${extension}`);
  const text = await readFile(main, 'latin1');
  const charset = /(?:!charset|charset)\s+"?(\w[\w-]*)"?/i.exec(text.slice(0, 4096))?.[1]?.toLowerCase() ?? '';
  const encoding = options.encoding ?? CHARSETS[charset] ?? (charset === 'utf-8' ? 'utf-8' : 'windows-1252');
  if (encoding === 'utf-8') return openGdalLayer(main, gdal, { ...base, encoding });
  const changed = `${main}.new`;
  await writeFile(changed, text.replace(/((?:!charset|charset)\s+"?)[\w-]+/i, '$1WindowsLatin1'), 'latin1');
  await rename(changed, main);
  return openGdalLayer(main, gdal, { ...base, encoding, decode: latin1Decoder(encoding) });
}
