import { promisify } from 'node:util';
import { crc32, deflate } from 'node:zlib';

const compress = promisify(deflate);
const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/**
 * A PNG of RGBA pixels. Packed by zlib's threads, so that other requests are answered meanwhile, which the encoder the
 * generator uses cannot do.
 */
export async function encodePng(pixels: Uint8Array, width: number, height: number): Promise<Buffer> {
  let isOpaque = true;
  for (let i = 3; i < pixels.length && isOpaque; i += 4) isOpaque = pixels[i] === 255;
  const bands = isOpaque ? 3 : 4;
  const row = width * bands;
  const lines = Buffer.alloc((row + 1) * height);
  for (let y = 0; y < height; y += 1) {
    let at = y * (row + 1);
    // Filter "sub": each byte as what it differs from the pixel to the left.
    lines[at] = 1;
    at += 1;
    let from = y * width * 4;
    for (let x = 0; x < width; x += 1, from += 4) {
      for (let band = 0; band < bands; band += 1) {
        const left = x === 0 ? 0 : (pixels[from - 4 + band] as number);
        lines[at] = ((pixels[from + band] as number) - left) & 255;
        at += 1;
      }
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  header[9] = isOpaque ? 2 : 6;
  const data = await compress(lines, { level: 5 });
  return Buffer.concat([SIGNATURE, chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))]);
}

function chunk(type: string, data: Buffer): Buffer {
  const bytes = Buffer.alloc(data.length + 12);
  bytes.writeUInt32BE(data.length, 0);
  bytes.write(type, 4, 'latin1');
  data.copy(bytes, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, data.length + 8)), data.length + 8);
  return bytes;
}
