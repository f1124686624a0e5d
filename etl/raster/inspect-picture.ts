import { stat } from 'node:fs/promises';
import type { Text } from '../../layers/define.ts';
import { crsOfWkt } from '../crs/names.ts';
import { LoadError } from '../errors.ts';
import { type Gdal, GdalError, type GdalRaster } from '../formats/gdal.ts';
import type { DeclaredCrs } from '../formats/source.ts';
import { unsupported } from '../formats/unsupported.ts';
import type { FoundPicture } from './find-pictures.ts';

/** A picture before it is converted: what GDAL says of it, and how it is understood. */
export interface Picture extends FoundPicture {
  info: GdalRaster;
  crs: DeclaredCrs | null;
  /** From pixels (column, row) to source coordinates, as GDAL has it. */
  transform: readonly [number, number, number, number, number, number];
  kind: 'values' | 'colours';
  /** Bands that are read, from 1; a palette and grey with opacity become colours. */
  bands: readonly number[];
  alpha: number | null;
  notes: string[];
}

/** Largest picture: 46 000 pixels each way, a district at half a metre. */
const MOST_PIXELS = 2 ** 31;
const MOST_SIDE = 200_000;
/** A file that claims this many times its own bytes was made to fill disks: no measured picture compresses so far. */
const MOST_GROWTH = 2000;
const VALUES = new Set(['Byte', 'Int8', 'UInt16', 'Int16', 'UInt32', 'Int32', 'Float32', 'Float64']);
const BYTES: Record<string, number> = { Byte: 1, Int8: 1, UInt16: 2, Int16: 2, Float64: 8 };

/**
 * Looks at a picture and decides how it is read.
 * @param wanted bands that the person chose: one for values, three for red, green and blue
 * Throws LoadError for what cannot be a layer, with what to do.
 */
export async function inspectPicture(gdal: Gdal, found: FoundPicture, wanted?: string): Promise<Picture> {
  const { name, path } = found;
  let info: GdalRaster;
  try {
    info = await gdal.raster(path);
  } catch (error) {
    throw cannotRead(name, error);
  }
  await assertSize(found, info);
  const notes: string[] = [];
  const chosen = chooseBands(name, info, wanted, notes);
  return { ...found, info, crs: declaredCrs(info), transform: transformOf(name, info), notes, ...chosen };
}

export function cannotRead(name: string, error: unknown): unknown {
  if (!(error instanceof GdalError)) return error;
  const isCut = /read error|cannot read|TIFFFetch|TIFFRead|TIFFFill|unexpected end|seek|IReadBlock/i.test(
    error.message,
  );
  const why = error.message.replaceAll(/\/(input|output)\/\S*?([^/\s]+)/g, '$2').slice(0, 300);
  return new LoadError(
    isCut ? 'TRUNCATED_ARCHIVE' : 'UNREADABLE',
    isCut
      ? {
          zh: `${name} 不完整或已损坏：${why}。请重新导出或重新传送。`,
          en: `${name} is cut short or damaged: ${why}. Export or send it again.`,
        }
      : {
          zh: `GDAL 无法读取 ${name}：${why}。请检查文件是否完整，或重新导出。`,
          en: `GDAL cannot read ${name}: ${why}. See whether the file is whole, or export it again.`,
        },
    { cause: error },
  );
}

async function assertSize({ name, path }: FoundPicture, { size: [width, height], bands }: GdalRaster): Promise<void> {
  const pixels = width * height;
  const { size } = await stat(path);
  const bytes = bands.reduce((sum, { type }) => sum + pixels * (BYTES[type] ?? 4), 0);
  const isBomb = bytes > 1 << 28 && bytes / size > MOST_GROWTH;
  if (pixels <= MOST_PIXELS && Math.max(width, height) <= MOST_SIDE && !isBomb) return;
  const claim = `${width} × ${height}`;
  throw new LoadError(
    'TOO_LARGE',
    isBomb
      ? {
          zh: `${name} 声称有 ${claim} 像素，文件却只有 ${size} 字节。文件已损坏或并非真实数据；请重新导出。`,
          en: `${name} claims ${claim} pixels, yet the file has ${size} bytes. It is damaged or no measured data; export it again.`,
        }
      : {
          zh: `${name} 有 ${claim} 像素，最多 ${MOST_PIXELS}。请裁切到辖区范围，或降低分辨率（gdal_translate -outsize）。`,
          en: `${name} has ${claim} pixels, at most ${MOST_PIXELS} are taken. Cut it to the district, or make it coarser (gdal_translate -outsize).`,
        },
  );
}

function declaredCrs({ coordinateSystem }: GdalRaster): DeclaredCrs | null {
  const wkt = coordinateSystem?.wkt;
  if (!wkt || /Undefined (geographic|Cartesian|engineering)|^ENGCRS|^LOCAL_CS|"unknown"\s*,\s*ENGINEERING/i.test(wkt))
    return null;
  return { ...crsOfWkt(wkt), from: 'GeoTIFF' };
}

function transformOf(name: string, { geoTransform, gcps }: GdalRaster): Picture['transform'] {
  if (geoTransform && Math.abs(geoTransform[1] * geoTransform[5] - geoTransform[2] * geoTransform[4]) > 0) {
    return geoTransform;
  }
  const why: Text = gcps
    ? { zh: '只有控制点，没有纠正', en: 'has control points only and is not rectified' }
    : { zh: '没有地理参考', en: 'has no georeference' };
  const how: Text = gcps
    ? { zh: '请先纠正（gdalwarp）', en: 'Rectify it first (gdalwarp)' }
    : { zh: '请导出为带坐标的 GeoTIFF，或附上 .tfw', en: 'Export it as GeoTIFF with coordinates, or add its .tfw' };
  throw new LoadError('NO_CRS', { zh: `${name} ${why.zh}。${how.zh}。`, en: `${name} ${why.en}. ${how.en}.` });
}

type Chosen = Pick<Picture, 'kind' | 'bands' | 'alpha'>;

function chooseBands(name: string, info: GdalRaster, wanted: string | undefined, notes: string[]): Chosen {
  const { bands } = info;
  const types = [...new Set(bands.map(({ type }) => type))];
  const alpha = bands.find(({ colorInterpretation }) => colorInterpretation === 'Alpha')?.band ?? null;
  const data = bands.filter(({ band }) => band !== alpha);
  const asked = wanted === undefined ? null : askedBands(name, wanted, bands.length);
  const numbers = asked ?? data.map(({ band }) => band);
  const isByte = numbers.every((n) => bands[n - 1]?.type === 'Byte');
  if (numbers.length === 1) {
    const [only] = numbers as [number];
    const band = bands[only - 1];
    if (band?.colorTable !== undefined) return { kind: 'colours', bands: [only], alpha: null };
    if (!VALUES.has(band?.type ?? '')) throw badType(name, band?.type ?? '');
    // Grey with opacity is a photograph; the opacity of measured values is their mask.
    const opacity = asked === null ? alpha : null;
    return { kind: opacity !== null && isByte ? 'colours' : 'values', bands: [only], alpha: opacity };
  }
  // Red, green, blue and, as from many satellites, near infrared.
  const looksLikePhoto = numbers.length === 3 || (numbers.length === 4 && isByte);
  if (!looksLikePhoto) {
    throw new LoadError('UNSUPPORTED', {
      zh: `${name} 有 ${bands.length} 个波段。图层为单波段（数值）或红绿蓝（影像）：请用 --layer 选定波段，例如 --layer 1 或 --layer ${bands.length > 3 ? '4,3,2' : '1'}。`,
      en: `${name} has ${bands.length} bands. A layer has one (values) or red, green and blue (a picture): choose them with --layer, e.g. --layer 1${bands.length > 3 ? ' or --layer 4,3,2' : ''}.`,
    });
  }
  if (!isByte) {
    throw new LoadError('UNSUPPORTED', {
      zh: `${name} 的影像波段为 ${types.join('、')}。影像须为 8 位：请先拉伸（gdal_translate -ot Byte -scale），或用 --layer 1 选一个波段作数值。`,
      en: `${name} has colours of type ${types.join(', ')}. A picture has 8 bits a band: stretch it first (gdal_translate -ot Byte -scale), or take one band as values with --layer 1.`,
    });
  }
  const colours = numbers.slice(0, 3);
  const left = data.map(({ band }) => band).filter((band) => !colours.includes(band));
  if (left.length > 0)
    notes.push(`bands ${colours.join(', ')} were read as red, green, blue; left out: ${left.join(', ')}`);
  return { kind: 'colours', bands: colours, alpha: asked === null ? alpha : null };
}

function badType(name: string, type: string): LoadError {
  return unsupported('raster-type', name, type);
}

function askedBands(name: string, wanted: string, count: number): number[] {
  const numbers = wanted.split(',').map((part) => (/^\s*\d{1,4}\s*$/.test(part) ? Number(part) : Number.NaN));
  const isRight = (numbers.length === 1 || numbers.length === 3) && numbers.every((n) => n >= 1 && n <= count);
  if (isRight) return numbers;
  throw new LoadError('CHOOSE_LAYER', {
    zh: `${name} 有波段 1 至 ${count}。--layer 应写一个波段，或红、绿、蓝三个（如 4,3,2），实为 ${wanted}。`,
    en: `${name} has bands 1 to ${count}. --layer names one of them, or three for red, green and blue (like 4,3,2), not ${wanted}.`,
  });
}
