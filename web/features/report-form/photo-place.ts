/** Where a photo says that it was taken. Read on the device, and used only when the person says so. */

export interface PhotoPlace {
  lon: number;
  lat: number;
}

const LATITUDE_REF = 1;
const LATITUDE = 2;
const LONGITUDE_REF = 3;
const LONGITUDE = 4;
const GPS_DIRECTORY = 0x8825;
const TIFF_LITTLE = 0x4949;

/** The place in the EXIF of a JPEG, degrees of WGS 84; null where it says none, or nonsense. */
export function readPhotoPlace(bytes: Uint8Array): PhotoPlace | null {
  try {
    const tiff = findTiff(bytes);
    return tiff === null ? null : readPlace(tiff);
  } catch (cause) {
    // Broken, or ended in the middle: it says nothing.
    if (cause instanceof RangeError) return null;
    throw cause;
  }
}

/** The first EXIF segment of a JPEG. */
function findTiff(bytes: Uint8Array): DataView | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return null;
  for (let at = 2; at + 4 <= view.byteLength;) {
    const [marker, length] = [view.getUint16(at), view.getUint16(at + 2)];
    // Behind the beginning of the picture there are no more segments that tell of it.
    if (marker < 0xff00 || marker === 0xffda || at + 2 + length > view.byteLength) return null;
    if (marker === 0xffe1 && view.getUint32(at + 4) === 0x45786966) {
      return new DataView(bytes.buffer, bytes.byteOffset + at + 10, Math.max(0, length - 8));
    }
    at += 2 + length;
  }
  return null;
}

function readPlace(tiff: DataView): PhotoPlace | null {
  const isLittle = tiff.getUint16(0) === TIFF_LITTLE;
  const number = (at: number) => tiff.getUint32(at, isLittle);
  /** Where the value of a tag stands in its directory: in the entry, or where that says. */
  const find = (directory: number, wanted: number): number | null => {
    const entries = tiff.getUint16(directory, isLittle);
    for (let index = 0; index < entries; index++) {
      const entry = directory + 2 + 12 * index;
      if (tiff.getUint16(entry, isLittle) === wanted) return entry + 8;
    }
    return null;
  };
  const pointer = find(number(4), GPS_DIRECTORY);
  if (pointer === null) return null;
  const gps = number(pointer);
  const degrees = (tag: number, refTag: number, negative: string): number | null => {
    const [value, ref] = [find(gps, tag), find(gps, refTag)];
    if (value === null || ref === null) return null;
    const from = number(value);
    // Degrees, minutes, seconds: three fractions.
    const [d = 0, m = 0, s = 0] = [0, 8, 16].map((skip) => number(from + skip) / number(from + skip + 4));
    const sum = d + m / 60 + (Number.isNaN(s) ? 0 : s / 3600);
    return String.fromCharCode(tiff.getUint8(ref)) === negative ? -sum : sum;
  };
  const lat = degrees(LATITUDE, LATITUDE_REF, 'S');
  const lon = degrees(LONGITUDE, LONGITUDE_REF, 'W');
  const isPlace =
    lat !== null && lon !== null && Math.abs(lat) <= 90 && Math.abs(lon) <= 180 && !(lat === 0 && lon === 0);
  return isPlace ? { lon: Math.round(lon * 1e6) / 1e6, lat: Math.round(lat * 1e6) / 1e6 } : null;
}
