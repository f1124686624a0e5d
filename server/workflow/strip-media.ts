import { stripMp4 } from './strip-mp4.ts';

/** The kinds of files that are taken, told by their first bytes, with their largest size in bytes. */
export const mediaTypes = {
  'image/jpeg': { kind: 'photo', most: 8 * 1024 ** 2 },
  'image/png': { kind: 'photo', most: 8 * 1024 ** 2 },
  'image/webp': { kind: 'photo', most: 8 * 1024 ** 2 },
  'video/mp4': { kind: 'video', most: 32 * 1024 ** 2 },
} as const;
export type MediaType = keyof typeof mediaTypes;

/** Bytes of the largest file that is taken. */
export const LARGEST_MEDIA = Math.max(...Object.values(mediaTypes).map(({ most }) => most));

const text = (bytes: Uint8Array, from: number, length: number): string =>
  String.fromCharCode(...bytes.subarray(from, from + length));

/** What a file is by its first bytes, whatever its name or its sender says; undefined when it is nothing that is taken. */
export function mediaTypeOf(bytes: Uint8Array): MediaType | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return 'image/jpeg';
  if (text(bytes, 0, 8) === '\x89PNG\r\n\x1a\n') return 'image/png';
  if (text(bytes, 0, 4) === 'RIFF' && text(bytes, 8, 4) === 'WEBP') return 'image/webp';
  if (
    text(bytes, 4, 4) === 'ftyp' &&
    /^(isom|iso[2-9]|mp4[12]|avc1|M4V |qt {2}|MSNV|dash|3gp\d)$/.test(text(bytes, 8, 4))
  )
    return 'video/mp4';
  return undefined;
}

/** Thrown when a file is not what its first bytes say. */
export class BrokenMedia extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'BrokenMedia';
  }
}

/**
 * The file without what it says beside its picture: place, time, owner and make of the camera, thumbnails, comments, and
 * whatever was hung on behind its end. How a photo is to be turned is kept.
 * @throws BrokenMedia
 */
export function stripMedia(bytes: Uint8Array, type: MediaType): Uint8Array {
  try {
    return strip[type](bytes);
  } catch (cause) {
    if (cause instanceof RangeError) throw new BrokenMedia('the file ends too early');
    throw cause;
  }
}

const strip: Record<MediaType, (bytes: Uint8Array) => Uint8Array> = {
  'image/jpeg': stripJpeg,
  'image/png': stripPng,
  'image/webp': stripWebp,
  'video/mp4': (bytes) => stripMp4(bytes),
};

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** What a JPEG is made of: pictures of colours, the colour profile, and how Adobe transformed the colours. */
function isKept(marker: number, body: Uint8Array): boolean {
  if (marker < 0xe0 || marker > 0xfe) return true;
  if (marker === 0xe0) return text(body, 0, 4) === 'JFIF';
  if (marker === 0xe2) return text(body, 0, 11) === 'ICC_PROFILE';
  return marker === 0xee && text(body, 0, 5) === 'Adobe';
}

function stripJpeg(bytes: Uint8Array): Uint8Array {
  const view = viewOf(bytes);
  const parts: Uint8Array[] = [bytes.subarray(0, 2)];
  let orientation = 1;
  let at = 2;
  for (;;) {
    if (view.getUint8(at) !== 0xff) throw new BrokenMedia('a JPEG segment does not begin with a marker');
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (marker === 0xd9) {
      parts.push(bytes.subarray(at, at + 2));
      break;
    }
    const length = view.getUint16(at + 2);
    const end = at + 2 + length;
    if (length < 2 || end > bytes.length) throw new BrokenMedia('a JPEG segment is longer than the file');
    const body = bytes.subarray(at + 4, end);
    if (marker === 0xe1 && text(body, 0, 6) === 'Exif\0\0')
      orientation = orientationOf(body.subarray(6)) ?? orientation;
    if (isKept(marker, body)) parts.push(bytes.subarray(at, end));
    at = end;
    if (marker !== 0xda) continue;
    // What follows is compressed: up to the next marker that is no part of it.
    const from = at;
    while (view.getUint8(at) !== 0xff || view.getUint8(at + 1) === 0 || (view.getUint8(at + 1) & 0xf8) === 0xd0)
      at += 1;
    parts.push(bytes.subarray(from, at));
  }
  if (orientation !== 1) parts.splice(1, 0, exifWith(orientation));
  return Buffer.concat(parts);
}

/** Tag 0x0112 of the first directory. */
function orientationOf(tiff: Uint8Array): number | undefined {
  try {
    const view = viewOf(tiff);
    const isLittle = view.getUint16(0) === 0x4949;
    const directory = view.getUint32(4, isLittle);
    const entries = view.getUint16(directory, isLittle);
    for (let i = 0; i < entries; i++) {
      const entry = directory + 2 + 12 * i;
      if (view.getUint16(entry, isLittle) !== 0x0112) continue;
      const value = view.getUint16(entry + 8, isLittle);
      return value >= 1 && value <= 8 ? value : undefined;
    }
  } catch (cause) {
    // Rubbish in what is thrown away anyway.
    if (!(cause instanceof RangeError)) throw cause;
  }
  return undefined;
}

/** A segment that says how to turn the photo, and nothing else. */
function exifWith(orientation: number): Uint8Array {
  const tiff = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0];
  const body = [...Buffer.from('Exif\0\0', 'latin1'), ...tiff];
  return Uint8Array.from([0xff, 0xe1, 0, body.length + 2, ...body]);
}

const PNG_KEPT = new Set('IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP sBIT pHYs bKGD'.split(' '));

function stripPng(bytes: Uint8Array): Uint8Array {
  const view = viewOf(bytes);
  const parts: Uint8Array[] = [bytes.subarray(0, 8)];
  for (let at = 8; ;) {
    const end = at + 12 + view.getUint32(at);
    if (end > bytes.length) throw new BrokenMedia('a PNG chunk is longer than the file');
    const name = text(bytes, at + 4, 4);
    if (PNG_KEPT.has(name)) parts.push(bytes.subarray(at, end));
    at = end;
    if (name === 'IEND') break;
  }
  return Buffer.concat(parts);
}

const WEBP_KEPT = new Set(['VP8 ', 'VP8L', 'VP8X', 'ALPH', 'ANIM', 'ANMF', 'ICCP']);
/** Bits of VP8X that announce EXIF and XMP. */
const WEBP_METADATA = 0x0c;

function stripWebp(bytes: Uint8Array): Uint8Array {
  const view = viewOf(bytes);
  const size = view.getUint32(4, true) + 8;
  if (size > bytes.length) throw new BrokenMedia('the WebP is longer than the file');
  const parts: Uint8Array[] = [];
  for (let at = 12; at + 8 <= size;) {
    const length = view.getUint32(at + 4, true);
    const end = at + 8 + length + (length % 2);
    if (end > size) throw new BrokenMedia('a WebP chunk is longer than the file');
    const name = text(bytes, at, 4);
    if (WEBP_KEPT.has(name)) {
      const chunk = Uint8Array.from(bytes.subarray(at, end));
      if (name === 'VP8X') chunk[8] = (chunk[8] ?? 0) & ~WEBP_METADATA;
      parts.push(chunk);
    }
    at = end;
  }
  const head = Buffer.from(bytes.subarray(0, 12));
  head.writeUInt32LE(4 + parts.reduce((sum, part) => sum + part.length, 0), 4);
  return Buffer.concat([head, ...parts]);
}
