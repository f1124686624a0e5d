import { writeFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';

/** A raster to write. */
export interface GeoTiff {
  width: number;
  height: number;
  /** 1 value a pixel, 3 colours, or 4 with opacity. */
  bands: number;
  /** Pixel by pixel, from the north-west. */
  samples: Uint8Array | Int16Array | Uint16Array | Float32Array;
  /** Code of a CRS; null writes none. */
  epsg: number | null;
  /** Upper left corner of the upper left pixel, and the size of a pixel; 0 writes no place at all. */
  west: number;
  north: number;
  pixelWidth: number;
  pixelHeight: number;
  noData?: number;
  /** Adds smaller copies, as a Cloud Optimized GeoTIFF has them. */
  overviews?: boolean;
  /** Turns the picture about its upper left corner, radians counter-clockwise. */
  rotation?: number;
}

/** Pixels along the side of a tile. */
const TILE = 256;
const ASCII = 2;
const SHORT = 3;
const LONG = 4;
const DOUBLE = 12;
const SIZES: Record<number, number> = { [ASCII]: 1, [SHORT]: 2, [LONG]: 4, [DOUBLE]: 8 };

interface Tag {
  tag: number;
  type: number;
  values: readonly number[] | string;
}

/** One size of the picture, cut into packed tiles. */
interface Level {
  width: number;
  height: number;
  tiles: Buffer[];
}

/**
 * Writes a tiled GeoTIFF packed by DEFLATE. Tables come first, then the tiles, so that a reader of ranges finds its way
 * with one look. The same raster gives the same bytes.
 */
export function writeGeoTiff(path: string, raster: GeoTiff): void {
  const levels: Level[] = [cut(raster)];
  let picture = raster;
  while (raster.overviews === true && Math.max(picture.width, picture.height) > TILE) {
    picture = halve(picture);
    levels.push(cut(picture));
  }
  const directories = levels.map((level, i) => tagsOf(raster, level, i > 0));
  const sizes = directories.map((tags) => directorySize(tags));
  let data = 8 + sizes.reduce((sum, size) => sum + size, 0);
  const parts: Buffer[] = [];
  // The smallest first: who reads the beginning of the file sees the whole picture.
  for (let i = levels.length - 1; i >= 0; i -= 1) {
    const offsets: number[] = [];
    for (const tile of (levels[i] as Level).tiles) {
      offsets.push(data);
      data += tile.length;
      parts.push(tile);
    }
    const tag = directories[i]?.find((one) => one.tag === 324) as Tag;
    tag.values = offsets;
  }
  const head = Buffer.alloc(8);
  head.write('II', 0, 'latin1');
  head.writeUInt16LE(42, 2);
  head.writeUInt32LE(8, 4);
  let at = 8;
  const tables = directories.map((tags, i) => {
    const start = at;
    at += sizes[i] as number;
    return directory(tags, start, i + 1 < directories.length ? at : 0, sizes[i] as number);
  });
  writeFileSync(path, Buffer.concat([head, ...tables, ...parts]));
}

function short(tag: number, ...values: number[]): Tag {
  return { tag, type: SHORT, values };
}

function tagsOf(raster: GeoTiff, { width, height, tiles }: Level, isOverview: boolean): Tag[] {
  const { samples, bands, epsg } = raster;
  const [bits, format] = sampleType(samples);
  const tags: Tag[] = [
    { tag: 254, type: LONG, values: [isOverview ? 1 : 0] },
    { tag: 256, type: LONG, values: [width] },
    { tag: 257, type: LONG, values: [height] },
    short(258, ...Array<number>(bands).fill(bits)),
    short(259, 8),
    short(262, bands >= 3 ? 2 : 1),
    short(277, bands),
    short(284, 1),
    short(317, format === 3 ? 1 : 2),
    short(322, TILE),
    short(323, TILE),
    { tag: 324, type: LONG, values: tiles.map(() => 0) },
    { tag: 325, type: LONG, values: tiles.map((tile) => tile.length) },
    ...(bands === 4 || bands === 2 ? [short(338, 2)] : []),
    short(339, ...Array<number>(bands).fill(format)),
  ];
  if (!isOverview) {
    tags.push(...placeOf(raster));
    if (epsg !== null) {
      const isDegrees = epsg >= 4000 && epsg < 5000 && !(epsg >= 4491 && epsg <= 4554);
      const keys = [
        [1024, 0, 1, isDegrees ? 2 : 1],
        [1025, 0, 1, 1],
        [isDegrees ? 2048 : 3072, 0, 1, epsg],
      ];
      tags.push(short(34_735, 1, 1, 0, keys.length, ...keys.flat()));
    }
  }
  if (raster.noData !== undefined) {
    tags.push({ tag: 42_113, type: ASCII, values: `${Number.isNaN(raster.noData) ? 'nan' : raster.noData}\0` });
  }
  return tags;
}

function placeOf({ west, north, pixelWidth, pixelHeight, rotation = 0 }: GeoTiff): Tag[] {
  if (pixelWidth === 0) return [];
  if (rotation === 0) {
    return [
      { tag: 33_550, type: DOUBLE, values: [pixelWidth, pixelHeight, 0] },
      { tag: 33_922, type: DOUBLE, values: [0, 0, 0, west, north, 0] },
    ];
  }
  const [cos, sin] = [Math.cos(rotation), Math.sin(rotation)];
  const rows = [
    [pixelWidth * cos, pixelHeight * sin, 0, west],
    [pixelWidth * sin, -pixelHeight * cos, 0, north],
    [0, 0, 0, 0],
    [0, 0, 0, 1],
  ];
  return [{ tag: 34_264, type: DOUBLE, values: rows.flat() }];
}

function sampleType(samples: GeoTiff['samples']): [bits: number, format: 1 | 2 | 3] {
  if (samples instanceof Uint8Array) return [8, 1];
  if (samples instanceof Uint16Array) return [16, 1];
  return samples instanceof Int16Array ? [16, 2] : [32, 3];
}

/** Bytes of a directory with the values that do not fit into it. */
function directorySize(tags: readonly Tag[]): number {
  let size = 2 + tags.length * 12 + 4;
  for (const { type, values } of tags) {
    const bytes = values.length * (SIZES[type] as number);
    if (bytes > 4) size += bytes + (bytes & 1);
  }
  return size + (size & 1);
}

function directory(tags: readonly Tag[], start: number, next: number, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  bytes.writeUInt16LE(tags.length, 0);
  let beyond = 2 + tags.length * 12 + 4;
  for (const [i, { tag, type, values }] of tags.entries()) {
    const at = 2 + i * 12;
    bytes.writeUInt16LE(tag, at);
    bytes.writeUInt16LE(type, at + 2);
    bytes.writeUInt32LE(values.length, at + 4);
    const length = values.length * (SIZES[type] as number);
    let to = at + 8;
    if (length > 4) {
      bytes.writeUInt32LE(start + beyond, at + 8);
      to = beyond;
      beyond += length + (length & 1);
    }
    if (typeof values === 'string') bytes.write(values, to, 'latin1');
    else {
      for (const [k, value] of values.entries()) {
        if (type === SHORT) bytes.writeUInt16LE(value, to + k * 2);
        else if (type === LONG) bytes.writeUInt32LE(value, to + k * 4);
        else bytes.writeDoubleLE(value, to + k * 8);
      }
    }
  }
  bytes.writeUInt32LE(next, 2 + tags.length * 12);
  return bytes;
}

function cut({ width, height, bands, samples, noData }: GeoTiff): Level {
  const tiles: Buffer[] = [];
  const row = TILE * bands;
  for (let top = 0; top < height; top += TILE) {
    for (let left = 0; left < width; left += TILE) {
      const tile = blank(samples, TILE * row, noData);
      const columns = Math.min(TILE, width - left);
      for (let y = 0; y < Math.min(TILE, height - top); y += 1) {
        const from = ((top + y) * width + left) * bands;
        tile.set(samples.subarray(from, from + columns * bands), y * row);
      }
      // Whole numbers are stored as what they differ from the one to the left.
      if (!(tile instanceof Float32Array)) {
        for (let end = row; end <= tile.length; end += row) {
          for (let i = end - 1; i >= end - row + bands; i -= 1) {
            tile[i] = (tile[i] as number) - (tile[i - bands] as number);
          }
        }
      }
      tiles.push(deflateSync(Buffer.from(tile.buffer, tile.byteOffset, tile.byteLength), { level: 2 }));
    }
  }
  return { width, height, tiles };
}

function blank(like: GeoTiff['samples'], length: number, fill = 0): GeoTiff['samples'] {
  const made =
    like instanceof Uint8Array
      ? new Uint8Array(length)
      : like instanceof Uint16Array
        ? new Uint16Array(length)
        : like instanceof Int16Array
          ? new Int16Array(length)
          : new Float32Array(length);
  return fill === 0 ? made : made.fill(fill);
}

/** Half the size: the mean of the pixels, of those that hold something. */
function halve(picture: GeoTiff): GeoTiff {
  const { width, height, bands, samples, noData } = picture;
  const [halfWidth, halfHeight] = [Math.ceil(width / 2), Math.ceil(height / 2)];
  const half = blank(samples, halfWidth * halfHeight * bands, noData);
  const hasOpacity = bands === 4;
  const colours = hasOpacity ? 3 : bands;
  const isWhole = !(samples instanceof Float32Array);
  for (let y = 0; y < halfHeight; y += 1) {
    // At the edge a row or a column stands for its neighbour that is not there.
    const upper = 2 * y * width;
    const lower = 2 * y + 1 < height ? upper + width : upper;
    for (let x = 0; x < halfWidth; x += 1) {
      const east = 2 * x + 1 < width ? 1 : 0;
      const a = (upper + 2 * x) * bands;
      const b = a + east * bands;
      const c = (lower + 2 * x) * bands;
      const d = c + east * bands;
      const to = (y * halfWidth + x) * bands;
      let [p, q, r, s] = [1, 1, 1, 1];
      if (hasOpacity) {
        p = samples[a + 3] as number;
        q = samples[b + 3] as number;
        r = samples[c + 3] as number;
        s = samples[d + 3] as number;
        half[to + 3] = Math.round((p + q + r + s) / 4);
      }
      for (let band = 0; band < colours; band += 1) {
        const [t, u, v, w] = [
          samples[a + band] as number,
          samples[b + band] as number,
          samples[c + band] as number,
          samples[d + band] as number,
        ];
        if (!hasOpacity) {
          p = t === noData || t !== t ? 0 : 1;
          q = u === noData || u !== u ? 0 : 1;
          r = v === noData || v !== v ? 0 : 1;
          s = w === noData || w !== w ? 0 : 1;
        }
        const weights = p + q + r + s;
        if (weights === 0) continue;
        const mean = ((p && p * t) + (q && q * u) + (r && r * v) + (s && s * w)) / weights;
        half[to + band] = isWhole ? Math.round(mean) : mean;
      }
    }
  }
  return { ...picture, width: halfWidth, height: halfHeight, samples: half };
}
