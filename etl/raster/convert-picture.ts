import { copyFile, open, rm, stat } from 'node:fs/promises';
import type { RasterPicture } from '../../layers/raster.ts';
import { Tiff, TiffError, type TiffLevel } from '../../server/db/tiff.ts';
import { isGeographic } from '../crs/transform.ts';
import { LoadError } from '../errors.ts';
import { type Gdal, type GdalRaster } from '../formats/gdal.ts';
import type { DetectedCrs } from '../steps/detect.ts';
import { cannotRead, type Picture } from './inspect-picture.ts';

/** Pixels along the side of a tile inside the published file. */
const BLOCK = 256;
/** A picture as large as this is shown without overviews. */
const SMALL = 512;
const METRES_PER_DEGREE = 111_319.49;
const INTEGERS = /^(Byte|U?Int(8|16|32))$/;

type Facts = Omit<RasterPicture, 'file' | 'source' | 'sha256' | 'time'>;

/**
 * Makes the file that is published of a picture: a Cloud Optimized GeoTIFF in EPSG:3857 or EPSG:4326. Values in one of
 * these grids stay as they are to the bit; others are brought to EPSG:3857. A file that is one already is copied.
 * Throws LoadError when the picture cannot be read to its end or holds no value.
 */
export async function convertPicture(gdal: Gdal, picture: Picture, crs: DetectedCrs, target: string): Promise<Facts> {
  try {
    if (await isReady(picture, crs)) {
      await copyFile(picture.path, target);
      try {
        return await factsOf(picture, target);
      } catch (error) {
        // Not quite what we read, or damaged: GDAL knows which.
        if (!(error instanceof TiffError)) throw error;
      }
    }
    await convert(gdal, picture, crs, target);
    return await factsOf(picture, target);
  } catch (error) {
    if (error instanceof TiffError) throw damaged(picture.name, error.message);
    throw cannotRead(picture.name, error);
  }
}

/** The grid of the picture, if it is one that is served: north up, nothing turned. */
function gridOf(crs: DetectedCrs, { transform }: Picture): 'EPSG:3857' | 'EPSG:4326' | null {
  const [, dx, rx, , ry, dy] = transform;
  if (rx !== 0 || ry !== 0 || dx <= 0 || dy >= 0) return null;
  const code = /EPSG:\d+/.exec(crs.name)?.[0] ?? '';
  if (code === 'EPSG:3857') return code;
  return isGeographic(code) ? 'EPSG:4326' : null;
}

/** True when a file is tiled, has overviews and is packed as the service reads it. */
async function isReady(picture: Picture, crs: DetectedCrs): Promise<boolean> {
  const { info, kind, bands, alpha, format, path } = picture;
  const { metadata = {}, size, driverShortName } = info;
  const structure = metadata['IMAGE_STRUCTURE'] ?? {};
  const isPlain = info.bands.every(
    ({ block, colorTable, scale, offset, mask, type }) =>
      block[0] === block[1] &&
      block[0] <= SMALL &&
      colorTable === undefined &&
      (scale ?? 1) === 1 &&
      (offset ?? 0) === 0 &&
      type === info.bands[0]?.type &&
      !(mask?.flags.includes('PER_DATASET') === true && !mask.flags.includes('ALPHA')),
  );
  const last = info.bands[0]?.overviews?.at(-1)?.size ?? size;
  const all = kind === 'colours' ? (alpha === null ? 3 : 4) : 1;
  return (
    format === 'geotiff' &&
    driverShortName === 'GTiff' &&
    isPlain &&
    structure['COMPRESSION'] === 'DEFLATE' &&
    (all === 1 || structure['INTERLEAVE'] === 'PIXEL') &&
    Math.max(...last) <= SMALL &&
    info.bands.length === all &&
    bands.every((band, i) => band === i + 1) &&
    (kind === 'values' || bands.length === 3) &&
    gridOf(crs, picture) === codeOf(picture) &&
    (await isLittleEndian(path))
  );
}

/** Code the file itself states: only a file that says so can be served as it is. */
function codeOf({ crs }: Picture): string | null {
  return /^EPSG:(3857|4326)$/.exec(crs?.crs ?? '')?.[0] ?? null;
}

async function isLittleEndian(path: string): Promise<boolean> {
  const handle = await open(path);
  try {
    const { buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return buffer.toString('latin1') === 'II';
  } finally {
    await handle.close();
  }
}

async function convert(gdal: Gdal, picture: Picture, crs: DetectedCrs, target: string): Promise<void> {
  const { info, kind, bands, alpha, path, name } = picture;
  const first = info.bands[(bands[0] as number) - 1] as GdalRaster['bands'][number];
  const grid = gridOf(crs, picture);
  const isPalette = kind === 'colours' && first.colorTable !== undefined;
  const isScaled = (first.scale ?? 1) !== 1 || (first.offset ?? 0) !== 0;
  const isWhole = INTEGERS.test(first.type) && !isScaled;
  const isMasked =
    (kind === 'values' && alpha !== null) ||
    (info.bands[0]?.mask?.flags.includes('PER_DATASET') === true && !info.bands[0].mask.flags.includes('ALPHA'));
  // An average of whole numbers would invent classes that nobody measured.
  const resampling = kind === 'values' && isWhole ? 'NEAREST' : 'AVERAGE';
  const creation = [
    'COMPRESS=DEFLATE',
    'PREDICTOR=YES',
    `BLOCKSIZE=${BLOCK}`,
    'BIGTIFF=IF_SAFER',
    'OVERVIEWS=IGNORE_EXISTING',
    `OVERVIEW_RESAMPLING=${resampling}`,
  ];
  const cog = ['-of', 'COG', ...creation.flatMap((option) => ['-co', option])];
  const scratch: string[] = [];
  const step = async (tool: 'translate' | 'warp', input: string, options: string[]): Promise<string> => {
    const made = await gdal.convertRaster(tool, input, options);
    scratch.push(made.path);
    assertRead(made.warnings, name);
    return made.path;
  };
  try {
    // The bands that are meant, as they are meant, in the CRS that was found.
    const select = bandArguments(picture, isPalette);
    if (kind === 'values' && isScaled) select.push('-unscale', '-ot', 'Float32');
    const code = grid ?? /EPSG:\d+/.exec(crs.name)?.[0];
    if (code !== undefined) select.push('-a_srs', code);
    if (grid !== null && !isMasked) {
      await copyFile(await step('translate', path, [...select, ...cog]), target);
      return;
    }
    if (kind === 'values' && alpha !== null) select.push('-mask', String(alpha));
    const plain = await step('translate', path, [...select, '-of', 'GTiff', '-co', 'BIGTIFF=IF_SAFER']);
    const warp = ['-t_srs', grid ?? 'EPSG:3857', '-r', kind === 'values' && isWhole ? 'near' : 'bilinear'];
    if (kind === 'colours' && !isPalette && alpha === null) warp.push('-dstalpha');
    if (kind === 'values' && first.noDataValue === undefined) warp.push(...emptyValue(first.type, isWhole));
    await copyFile(await step('warp', plain, [...warp, ...cog]), target);
  } finally {
    for (const file of scratch) await rm(file, { force: true });
  }
}

function bandArguments({ kind, bands, alpha }: Picture, isPalette: boolean): string[] {
  if (isPalette) return ['-expand', 'rgba'];
  const list = kind === 'colours' && alpha !== null ? [...bands, alpha] : [...bands];
  // Grey with opacity.
  const isGrey = kind === 'colours' && bands.length === 1;
  if (isGrey) list.unshift(bands[0] as number, bands[0] as number);
  return [
    ...list.flatMap((band) => ['-b', String(band)]),
    ...(kind === 'colours' ? ['-colorinterp', alpha === null ? 'red,green,blue' : 'red,green,blue,alpha'] : []),
  ];
}

/** A value that stands for none around a turned picture: one that the type of the pixels has beside all of theirs. */
function emptyValue(type: string, isWhole: boolean): string[] {
  if (!isWhole) return ['-dstnodata', 'nan'];
  if (/^(UInt16|U?Int32)$/.test(type)) return ['-ot', 'Float64', '-dstnodata', 'nan'];
  return ['-ot', 'Int16', '-dstnodata', '-32768'];
}

/** GDAL goes on after strips it cannot read, and leaves them empty: to us the file is damaged then. */
function assertRead(warnings: readonly string[], name: string): void {
  const bad = warnings.find((text) =>
    /IReadBlock|TIFFReadEncoded|TIFFFill(Tile|Strip)|read error|cannot read/i.test(text),
  );
  if (bad !== undefined) throw damaged(name, bad.slice(0, 200));
}

function damaged(name: string, why: string): LoadError {
  return new LoadError('TRUNCATED_ARCHIVE', {
    zh: `${name} 不完整或已损坏：${why}。请重新导出或重新传送。`,
    en: `${name} is cut short or damaged: ${why}. Export or send it again.`,
  });
}

/** What the published file holds. Every tile is unpacked once for it, by the reader that serves it: none turns out to be damaged later. */
async function factsOf({ name, kind, info, bands }: Picture, target: string): Promise<Facts> {
  const tiff = await Tiff.open(target);
  const { filled, range, quantiles } = await measure(tiff, kind);
  if (filled === 0) {
    throw new LoadError('NO_VALUES', {
      zh: `${name} 没有一个有效像素（全部为空值或 NaN）。请检查导出范围与空值设置后重新导出。`,
      en: `${name} has not a single valid pixel (all are nodata or NaN). Check the extent and the nodata value, and export it again.`,
    });
  }
  const { width, height } = tiff.levels[0] as TiffLevel;
  const isDegrees = tiff.crs === 'EPSG:4326';
  const at = (x: number, y: number): [number, number] => (isDegrees ? [x, y] : toDegrees(x, y));
  const [west, north] = at(tiff.west, tiff.north);
  const [east, south] = at(tiff.west + width * tiff.pixelWidth, tiff.north - height * tiff.pixelHeight);
  const shrink = Math.cos((((north + south) / 2) * Math.PI) / 180);
  return {
    width,
    height,
    kind,
    bands: tiff.bands,
    type: info.bands[(bands[0] as number) - 1]?.type ?? '',
    crs: tiff.crs,
    resolution: Number((tiff.pixelWidth * (isDegrees ? METRES_PER_DEGREE : 1) * shrink).toPrecision(4)),
    bbox: [west, south, east, north],
    empty: Number((1 - filled).toFixed(4)),
    range,
    quantiles,
    unit: kind === 'values' ? unitOf(info.bands[(bands[0] as number) - 1]?.unit) : null,
    bytes: (await stat(target)).size,
  };
}

function unitOf(text: string | undefined): string | null {
  const unit = text?.trim() ?? '';
  if (unit === '') return null;
  return /^(m|met(er|re)s?)$/i.test(unit) ? 'm' : unit.slice(0, 40);
}

interface Measured {
  /** Share of pixels with a value. */
  filled: number;
  range: [number, number] | null;
  quantiles: number[] | null;
}

/** Every so many of the values is kept to take the quantiles from: some ten thousand of a large picture. */
const KEPT = 10_000;

/** Pixels of a picture that is measured as a whole. */
const MANY = 1 << 20;

/** Pixels with a value, the smallest and largest of them, and how they are spread. */
async function measure(tiff: Tiff, kind: Picture['kind']): Promise<Measured> {
  let filled = 0;
  const kept: number[] = [];
  const { width, height } = tiff.levels[0] as TiffLevel;
  // No multiple of a row's length, or one column would stand for all.
  const every = Math.max(1, Math.floor((width * height) / KEPT) | 1);
  let [low, high] = [Infinity, -Infinity];
  // Opacity is measured on a small copy where there is one: a share needs no more.
  const counted =
    kind === 'values'
      ? 0
      : Math.max(
          0,
          tiff.levels.findIndex((level) => level.width * level.height <= MANY),
        );
  const file = await open(tiff.path);
  try {
    for (const [n, level] of tiff.levels.entries()) {
      for (let index = 0; index < level.offsets.length; index += 1) {
        if (n !== counted) {
          await tiff.unpack(file, level, index);
          continue;
        }
        const samples = await tiff.tile(file, level, index);
        if (samples === null) continue;
        const columns = Math.min(level.tileWidth, level.width - (index % level.across) * level.tileWidth);
        const rows = Math.min(level.tileHeight, level.height - Math.floor(index / level.across) * level.tileHeight);
        for (let y = 0; y < rows; y += 1) {
          const start = y * level.tileWidth * tiff.bands;
          const end = start + columns * tiff.bands;
          if (kind === 'colours') {
            if (tiff.bands === 3) filled += columns;
            else for (let i = start + 3; i < end; i += 4) if (samples[i] !== 0) filled += 1;
            continue;
          }
          for (let i = start; i < end; i += 1) {
            const value = samples[i] as number;
            if (tiff.isEmpty(value)) continue;
            filled += 1;
            if (filled % every === 0) kept.push(value);
            if (value < low) low = value;
            if (value > high) high = value;
          }
        }
      }
    }
  } finally {
    await file.close();
  }
  if (kind === 'colours') {
    const level = tiff.levels[counted] as TiffLevel;
    return { filled: filled / (level.width * level.height), range: null, quantiles: null };
  }
  if (filled === 0) return { filled, range: null, quantiles: null };
  kept.sort((a, b) => a - b);
  const at = (share: number): number => kept[Math.floor(share * kept.length)] ?? low;
  return { filled: filled / (width * height), range: [low, high], quantiles: [0.2, 0.4, 0.6, 0.8].map(at) };
}

const RADIUS = 6_378_137;

function toDegrees(x: number, y: number): [number, number] {
  return [((x / RADIUS) * 180) / Math.PI, (Math.atan(Math.sinh(y / RADIUS)) * 180) / Math.PI];
}
