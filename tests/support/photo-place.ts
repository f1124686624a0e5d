import { jpegWithPlace } from './photos.ts';

/** A fraction of EXIF. */
function fraction(value: number, under: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32BE(Math.round(value * under), 0);
  bytes.writeUInt32BE(under, 4);
  return bytes;
}

function entry(tag: number, type: number, count: number, value: Buffer | number): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt16BE(tag, 0);
  bytes.writeUInt16BE(type, 2);
  bytes.writeUInt32BE(count, 4);
  if (typeof value === 'number') bytes.writeUInt32BE(value, 8);
  else value.copy(bytes, 8);
  return bytes;
}

const angle = (degrees: number): Buffer => {
  const whole = Math.floor(degrees);
  const minutes = (degrees - whole) * 60;
  const seconds = (minutes - Math.floor(minutes)) * 60;
  return Buffer.concat([fraction(whole, 1), fraction(Math.floor(minutes), 1), fraction(seconds, 1_000_000)]);
};

/** A picture as phones make them, taken at a place: degrees north and east. */
export function jpegAt({ lon, lat }: { lon: number; lat: number }): Buffer {
  // Header, a directory of one entry, behind it that of the place, behind it its numbers.
  const [first, second, numbers] = [8, 26, 80];
  const directory = Buffer.concat([Buffer.from([0, 1]), entry(0x8825, 4, 1, second), Buffer.alloc(4)]);
  const place = Buffer.concat([
    Buffer.from([0, 4]),
    entry(1, 2, 2, Buffer.from('N\0')),
    entry(2, 5, 3, numbers),
    entry(3, 2, 2, Buffer.from('E\0')),
    entry(4, 5, 3, numbers + 24),
    Buffer.alloc(4),
  ]);
  const head = Buffer.from([0x4d, 0x4d, 0, 42, 0, 0, 0, first]);
  const tiff = Buffer.concat([head, directory, place, angle(lat), angle(lon)]);
  const body = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff]);
  const segment = Buffer.from([0xff, 0xe1, 0, 0]);
  segment.writeUInt16BE(body.length + 2, 2);
  const plain = jpegWithPlace();
  return Buffer.concat([plain.subarray(0, 2), segment, body, plain.subarray(2)]);
}
