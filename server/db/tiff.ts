import { open, type FileHandle } from 'node:fs/promises';
import { promisify } from 'node:util';
import { inflate } from 'node:zlib';

const inflated = promisify(inflate);

/** Samples of a picture, band by band within each pixel. */
export type Samples =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;

/** A picture in one of its sizes: the full one, or an overview. */
export interface TiffLevel {
  width: number;
  height: number;
  tileWidth: number;
  tileHeight: number;
  /** Tiles in a row. */
  across: number;
  offsets: readonly number[];
  counts: readonly number[];
  compression: number;
  predictor: number;
}

/** A part of a level, as plain samples. */
export interface TiffWindow {
  left: number;
  top: number;
  width: number;
  height: number;
  samples: Samples;
}

/** A file that is no TIFF that we can serve, or not whole. */
export class TiffError extends Error {
  override readonly name = 'TiffError';
}

/** Bytes of a value by its TIFF type. */
const SIZE: Record<number, number> = {
  1: 1,
  2: 1,
  3: 2,
  4: 4,
  6: 1,
  8: 2,
  9: 4,
  11: 4,
  12: 8,
  13: 4,
  16: 8,
  17: 8,
  18: 8,
};
const HEAD = 32_768;
const MOST_LEVELS = 32;
/** Largest table a tag may have: the tiles of 2^31 pixels. */
const MOST_VALUES = 1 << 20;
const LARGEST_TILE = 64 << 20;

const TAG = {
  kind: 254,
  width: 256,
  height: 257,
  bits: 258,
  compression: 259,
  bands: 277,
  planar: 284,
  predictor: 317,
  tileWidth: 322,
  tileHeight: 323,
  offsets: 324,
  counts: 325,
  format: 339,
  scale: 33_550,
  tiepoint: 33_922,
  geoKeys: 34_735,
  noData: 42_113,
} as const;

type Tags = Map<number, number[] | string>;

/**
 * A tiled GeoTIFF as loads publish it: little-endian, one band or pixel by pixel, packed by DEFLATE or not at all. Only
 * its tables are kept; pixels are read from the file by ranges, tile by tile.
 */
export class Tiff {
  readonly path: string;
  /** The full picture first, then its overviews, each smaller than the one before. */
  readonly levels: readonly TiffLevel[];
  readonly bands: number;
  /** Of a sample: bits, and 1 unsigned, 2 signed, 3 floating point. */
  readonly bits: number;
  readonly format: number;
  /** Value that stands for none; undefined where every value is one. May be NaN. */
  readonly noData: number | undefined;
  readonly crs: 'EPSG:3857' | 'EPSG:4326';
  /** Upper left corner of the upper left pixel, and the size of a pixel, in units of the CRS. */
  readonly west: number;
  readonly north: number;
  readonly pixelWidth: number;
  readonly pixelHeight: number;

  private constructor(path: string, images: readonly Tags[]) {
    this.path = path;
    const [first] = images;
    if (first === undefined) throw new TiffError('it holds no picture');
    const number = (tag: number, fallback: number): number => (first.get(tag) as number[] | undefined)?.[0] ?? fallback;
    this.bands = number(TAG.bands, 1);
    this.bits = number(TAG.bits, 1);
    this.format = number(TAG.format, 1);
    if (this.bands > 1 && number(TAG.planar, 1) !== 1) throw new TiffError('its bands lie one after the other');
    const isKnown = this.format === 3 ? [32, 64].includes(this.bits) : [8, 16, 32].includes(this.bits);
    if (!isKnown || this.format < 1 || this.format > 3) {
      throw new TiffError(`samples of ${this.bits} bits, format ${this.format}`);
    }
    const text = first.get(TAG.noData);
    const stated = typeof text === 'string' ? text.replaceAll('\0', '').trim() : '';
    this.noData = stated === '' ? undefined : Number(stated.replace(/^[-+]?nan$/i, 'NaN'));
    const { crs, isPoint } = geoKeys(first.get(TAG.geoKeys) as number[] | undefined);
    this.crs = crs;
    const [dx = 0, dy = 0] = (first.get(TAG.scale) as number[] | undefined) ?? [];
    const tie = (first.get(TAG.tiepoint) as number[] | undefined) ?? [];
    if (!(dx > 0 && dy > 0) || tie.length < 6) throw new TiffError('it has no place on the map');
    this.pixelWidth = dx;
    this.pixelHeight = dy;
    const [column = 0, row = 0, , x = 0, y = 0] = tie;
    this.west = x - (column + (isPoint ? 0.5 : 0)) * dx;
    this.north = y + (row + (isPoint ? 0.5 : 0)) * dy;
    // Masks (4) are for pictures without opacity; loads make opacity of them.
    this.levels = images
      .filter((tags, i) => i === 0 || (tags.get(TAG.kind) as number[] | undefined)?.[0] === 1)
      .map(levelOf)
      .toSorted((a, b) => b.width - a.width);
  }

  /** Reads the tables. Throws TiffError. */
  static async open(path: string): Promise<Tiff> {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      const tiff = new Tiff(path, await readDirectories(file, size));
      for (const { offsets, counts } of tiff.levels) {
        const last = offsets.findIndex((offset, i) => offset + (counts[i] as number) > size);
        if (last >= 0) throw new TiffError(`tile ${last} lies beyond the end of the file`);
      }
      return tiff;
    } finally {
      await file.close();
    }
  }

  /** Samples of a tile, all its pixels, also those beyond the edge; null for a tile that was left out of the file. */
  async tile(file: FileHandle, level: TiffLevel, index: number): Promise<Samples | null> {
    const bytes = await this.unpack(file, level, index);
    if (bytes === null) return null;
    const size = level.tileWidth * level.tileHeight * this.bands * (this.bits / 8);
    if (level.predictor === 3) joinFloats(bytes, level.tileWidth, this.bands, this.bits / 8);
    if (level.predictor === 2) {
      if (this.bits === 64) throw new TiffError('doubles as differences of whole numbers');
      const whole = view(bytes, size, this.bits, this.format === 3 ? 1 : this.format);
      addUp(whole, level.tileWidth * this.bands, this.bands);
      return this.format === 3 ? new Float32Array(whole.buffer, whole.byteOffset, whole.length) : whole;
    }
    return view(bytes, size, this.bits, this.format);
  }

  /** Bytes of a tile as they were packed: enough to know that it is whole. */
  async unpack(file: FileHandle, level: TiffLevel, index: number): Promise<Buffer | null> {
    const count = level.counts[index] as number;
    if (count === 0) return null;
    const packed = Buffer.alloc(count);
    const { bytesRead } = await file.read(packed, 0, count, level.offsets[index] as number);
    if (bytesRead < count) throw new TiffError(`tile ${index} is cut short`);
    const size = level.tileWidth * level.tileHeight * this.bands * (this.bits / 8);
    let bytes: Buffer;
    try {
      bytes = level.compression === 1 ? packed : await inflated(packed, { maxOutputLength: size });
    } catch (cause) {
      throw new TiffError(`tile ${index} cannot be unpacked`, { cause });
    }
    if (bytes.length < size) throw new TiffError(`tile ${index} has ${bytes.length} of ${size} bytes`);
    return bytes;
  }

  /**
   * A part of a level. What lies outside the level is left out: the window that comes back may be smaller; null when
   * nothing of it lies inside. `tile` reads a tile, from a cache perhaps.
   */
  async window(
    level: TiffLevel,
    [left, top, right, bottom]: readonly [number, number, number, number],
    tile: (index: number) => Promise<Samples | null>,
  ): Promise<TiffWindow | null> {
    const x0 = Math.max(0, left);
    const y0 = Math.max(0, top);
    const width = Math.min(level.width, right) - x0;
    const height = Math.min(level.height, bottom) - y0;
    if (!(width > 0 && height > 0)) return null;
    const { bands } = this;
    const samples = this.blank(width * height * bands);
    const { tileWidth, tileHeight, across } = level;
    for (let row = Math.floor(y0 / tileHeight); row * tileHeight < y0 + height; row += 1) {
      for (let column = Math.floor(x0 / tileWidth); column * tileWidth < x0 + width; column += 1) {
        const source = await tile(row * across + column);
        if (source === null) continue;
        const fromX = Math.max(x0, column * tileWidth);
        const toX = Math.min(x0 + width, (column + 1) * tileWidth);
        const toY = Math.min(y0 + height, (row + 1) * tileHeight);
        for (let y = Math.max(y0, row * tileHeight); y < toY; y += 1) {
          const from = ((y - row * tileHeight) * tileWidth + fromX - column * tileWidth) * bands;
          samples.set(source.subarray(from, from + (toX - fromX) * bands), ((y - y0) * width + fromX - x0) * bands);
        }
      }
    }
    return { left: x0, top: y0, width, height, samples };
  }

  /** True for a value that stands for none. */
  isEmpty(value: number): boolean {
    return value === this.noData || Number.isNaN(value);
  }

  private blank(length: number): Samples {
    const samples = view(Buffer.alloc(length * (this.bits / 8)), length * (this.bits / 8), this.bits, this.format);
    if (this.noData !== undefined) samples.fill(this.noData);
    return samples;
  }
}

function levelOf(tags: Tags): TiffLevel {
  const list = (tag: number): number[] => (tags.get(tag) as number[] | undefined) ?? [];
  const [width = 0] = list(TAG.width);
  const [height = 0] = list(TAG.height);
  const [tileWidth = 0] = list(TAG.tileWidth);
  const [tileHeight = 0] = list(TAG.tileHeight);
  if (!(tileWidth > 0 && tileHeight > 0)) throw new TiffError('it is not tiled');
  if (tileWidth * tileHeight * 32 > LARGEST_TILE) throw new TiffError(`tiles of ${tileWidth} × ${tileHeight} pixels`);
  const across = Math.ceil(width / tileWidth);
  const [offsets, counts] = [list(TAG.offsets), list(TAG.counts)];
  const tiles = across * Math.ceil(height / tileHeight);
  if (!(tiles > 0) || offsets.length < tiles || counts.length < tiles)
    throw new TiffError('its table of tiles is short');
  const [compression = 1] = list(TAG.compression);
  if (![1, 8, 32_946].includes(compression)) throw new TiffError(`packed by method ${compression}`);
  const [predictor = 1] = list(TAG.predictor);
  return { width, height, tileWidth, tileHeight, across, offsets, counts, compression, predictor };
}

/** The CRS of the GeoKeys, and whether a position means the middle of a pixel. */
function geoKeys(keys: readonly number[] = []): { crs: Tiff['crs']; isPoint: boolean } {
  const values = new Map<number, number>();
  for (let i = 4; i + 3 < keys.length; i += 4) {
    if (keys[i + 1] === 0) values.set(keys[i] as number, keys[i + 3] as number);
  }
  const isPoint = values.get(1025) === 2;
  const code = values.get(3072) ?? values.get(2048);
  if (code === 3857) return { crs: 'EPSG:3857', isPoint };
  if (code === 4326) return { crs: 'EPSG:4326', isPoint };
  throw new TiffError(`its coordinates are neither EPSG:3857 nor EPSG:4326 (${code ?? 'none stated'})`);
}

async function readDirectories(file: FileHandle, size: number): Promise<Tags[]> {
  const head = Buffer.alloc(Math.min(HEAD, size));
  await file.read(head, 0, head.length, 0);
  const at = async (offset: number, length: number): Promise<Buffer> => {
    if (!(offset >= 0 && offset + length <= size)) throw new TiffError('a table lies beyond the end of the file');
    if (offset + length <= head.length) return head.subarray(offset, offset + length);
    const bytes = Buffer.alloc(length);
    await file.read(bytes, 0, length, offset);
    return bytes;
  };
  const start = await at(0, 16);
  const version = start.toString('latin1', 0, 2) === 'II' ? start.readUInt16LE(2) : 0;
  if (version !== 42 && version !== 43) throw new TiffError('it does not begin as a little-endian TIFF');
  const isBig = version === 43;
  let next = isBig ? Number(start.readBigUInt64LE(8)) : start.readUInt32LE(4);
  const images: Tags[] = [];
  while (next !== 0) {
    if (images.length >= MOST_LEVELS) throw new TiffError('it has too many parts');
    const countSize = isBig ? 8 : 2;
    const counted = await at(next, countSize);
    const count = isBig ? Number(counted.readBigUInt64LE(0)) : counted.readUInt16LE(0);
    if (count > 4096) throw new TiffError('its table of tags is damaged');
    const entrySize = isBig ? 20 : 12;
    const table = await at(next + countSize, count * entrySize + (isBig ? 8 : 4));
    const tags: Tags = new Map();
    for (let i = 0; i < count; i += 1) {
      const entry = table.subarray(i * entrySize, (i + 1) * entrySize);
      const tag = entry.readUInt16LE(0);
      if (!WANTED.has(tag)) continue;
      const type = entry.readUInt16LE(2);
      const length = isBig ? Number(entry.readBigUInt64LE(4)) : entry.readUInt32LE(4);
      const each = SIZE[type];
      if (each === undefined || length > MOST_VALUES) throw new TiffError(`tag ${tag} is damaged`);
      const inline = isBig ? 8 : 4;
      const field = entry.subarray(entrySize - inline);
      const bytes =
        each * length <= inline
          ? field.subarray(0, each * length)
          : await at(isBig ? Number(field.readBigUInt64LE(0)) : field.readUInt32LE(0), each * length);
      tags.set(tag, type === 2 ? bytes.toString('latin1') : numbers(bytes, type, length));
    }
    images.push(tags);
    const tail = count * entrySize;
    next = isBig ? Number(table.readBigUInt64LE(tail)) : table.readUInt32LE(tail);
  }
  return images;
}

const WANTED: ReadonlySet<number> = new Set(Object.values(TAG));

function numbers(bytes: Buffer, type: number, length: number): number[] {
  const read: Record<number, (at: number) => number> = {
    1: (at) => bytes.readUInt8(at),
    3: (at) => bytes.readUInt16LE(at),
    4: (at) => bytes.readUInt32LE(at),
    6: (at) => bytes.readInt8(at),
    8: (at) => bytes.readInt16LE(at),
    9: (at) => bytes.readInt32LE(at),
    11: (at) => bytes.readFloatLE(at),
    12: (at) => bytes.readDoubleLE(at),
    13: (at) => bytes.readUInt32LE(at),
  };
  const one = read[type] ?? ((at: number) => Number(bytes.readBigUInt64LE(at)));
  return Array.from({ length }, (_, i) => one(i * (SIZE[type] as number)));
}

function view(bytes: Buffer, size: number, bits: number, format: number): Samples {
  // Typed arrays need an address that is a multiple of their size.
  const whole = bytes.byteOffset % 8 === 0 ? bytes : Buffer.from(Uint8Array.prototype.slice.call(bytes).buffer);
  const { buffer, byteOffset } = whole;
  const length = size / (bits / 8);
  if (format === 3) {
    return bits === 32 ? new Float32Array(buffer, byteOffset, length) : new Float64Array(buffer, byteOffset, length);
  }
  const isSigned = format === 2;
  if (bits === 8)
    return isSigned ? new Int8Array(buffer, byteOffset, length) : new Uint8Array(buffer, byteOffset, length);
  if (bits === 16) {
    return isSigned ? new Int16Array(buffer, byteOffset, length) : new Uint16Array(buffer, byteOffset, length);
  }
  return isSigned ? new Int32Array(buffer, byteOffset, length) : new Uint32Array(buffer, byteOffset, length);
}

/** Predictor 2: each sample is stored as what it differs from the one to the left. */
function addUp(samples: Samples, row: number, bands: number): void {
  for (let start = 0; start < samples.length; start += row) {
    for (let i = start + bands; i < start + row; i += 1) {
      // The typed array wraps around as the writer did.
      samples[i] = (samples[i] as number) + (samples[i - bands] as number);
    }
  }
}

/** Predictor 3: the bytes of a row's floats by their weight, the heaviest first, each as what it differs from the one before. */
function joinFloats(bytes: Buffer, width: number, bands: number, size: number): void {
  const count = width * bands;
  const row = count * size;
  const copy = Buffer.alloc(row);
  for (let start = 0; start + row <= bytes.length; start += row) {
    for (let i = start + bands; i < start + row; i += 1) {
      bytes[i] = ((bytes[i] as number) + (bytes[i - bands] as number)) & 255;
    }
    bytes.copy(copy, 0, start, start + row);
    for (let i = 0; i < count; i += 1) {
      for (let byte = 0; byte < size; byte += 1) {
        bytes[start + i * size + byte] = copy[(size - 1 - byte) * count + i] as number;
      }
    }
  }
}
