import { createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import iconv from 'iconv-lite';
import { ZipFile } from 'yazl';

export interface ShapefileOptions {
  /** Folder inside the archive. */
  folder?: string;
  name: string;
  encoding: 'gb18030' | 'utf-8';
  withPrj?: boolean;
  /** Language driver id; 0x4d = GBK. */
  ldid?: number;
  /** False writes member names in GBK without the UTF-8 flag, as Windows tools in China do. */
  isFlagged?: boolean;
  /** Points as `[easting, northing]`. */
  points?: readonly [number, number][];
}

/** `.prj` of EPSG:4526 as ArcGIS writes it. */
export const PRJ_4526 =
  'PROJCS["CGCS2000_3_Degree_GK_Zone_38",GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",38500000.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",114.0],PARAMETER["Scale_Factor",1.0],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]';

/** Writes a zipped point Shapefile, byte by byte: two features with a Chinese text (one with a 0x5C byte) and a number. */
export async function writeShapefile(path: string, options: ShapefileOptions): Promise<void> {
  const points = options.points ?? [
    [38_409_011.597, 2_546_983.778],
    [38_410_000, 2_547_000],
  ];
  const shp = Buffer.alloc(100 + points.length * 28);
  const shx = Buffer.alloc(100 + points.length * 8);
  for (const [buffer, size] of [
    [shp, shp.length],
    [shx, shx.length],
  ] as const) {
    buffer.writeInt32BE(9994, 0);
    buffer.writeInt32BE(size / 2, 24);
    buffer.writeInt32LE(1000, 28);
    buffer.writeInt32LE(1, 32);
    for (const [i, at] of [36, 44, 52, 60].entries()) {
      const values = points.map((point) => point[i % 2] as number);
      buffer.writeDoubleLE(i < 2 ? Math.min(...values) : Math.max(...values), at);
    }
  }
  for (const [i, [x, y]] of points.entries()) {
    const at = 100 + i * 28;
    shp.writeInt32BE(i + 1, at);
    shp.writeInt32BE(10, at + 4);
    shp.writeInt32LE(1, at + 8);
    shp.writeDoubleLE(x, at + 12);
    shp.writeDoubleLE(y, at + 20);
    shx.writeInt32BE(at / 2, 100 + i * 8);
    shx.writeInt32BE(10, 104 + i * 8);
  }
  const files: [string, Buffer][] = [
    ['.shp', shp],
    ['.shx', shx],
    ['.dbf', dbf(points.length, options)],
  ];
  if (options.withPrj !== false) files.push(['.prj', Buffer.from(PRJ_4526)]);
  const zip = new ZipFile();
  const stem = `${options.folder ? `${options.folder}/` : ''}${options.name}`;
  if (options.isFlagged === false) {
    await writeStoredZip(
      path,
      files.map(([extension, data]) => [iconv.encode(stem + extension, 'gb18030'), data]),
    );
    return;
  }
  for (const [extension, data] of files) zip.addBuffer(data, stem + extension);
  zip.addBuffer(Buffer.from('x'), '__MACOSX/._data.shp');
  zip.end();
  await pipeline(zip.outputStream as NodeJS.ReadableStream, createWriteStream(path));
}

function dbf(rows: number, { encoding, ldid }: ShapefileOptions): Buffer {
  const texts = ['禅城区', '乗字\\'];
  const header = Buffer.alloc(32 + 2 * 32 + 1);
  const recordSize = 1 + 20 + 8;
  header[0] = 3;
  header.set([126, 11, 22], 1);
  header.writeUInt32LE(rows, 4);
  header.writeUInt16LE(header.length, 8);
  header.writeUInt16LE(recordSize, 10);
  header[29] = ldid ?? (encoding === 'gb18030' ? 0x4d : 0);
  const fields: [string, string, number][] = [
    ['名称', 'C', 20],
    ['编码', 'N', 8],
  ];
  for (const [i, [name, type, size]] of fields.entries()) {
    const at = 32 + i * 32;
    iconv.encode(name, encoding).copy(header, at);
    header.write(type, at + 11, 'latin1');
    header[at + 16] = size;
  }
  header[header.length - 1] = 0x0d;
  const records = Array.from({ length: rows }, (_, i) => {
    const record = Buffer.alloc(recordSize, 0x20);
    iconv.encode(texts[i % texts.length] as string, encoding).copy(record, 1);
    record.write(String(i + 1).padStart(8), 21, 'latin1');
    return record;
  });
  return Buffer.concat([header, ...records, Buffer.from([0x1a])]);
}

/** A zip without compression whose names carry no UTF-8 flag; the zip library always sets it. */
async function writeStoredZip(path: string, files: readonly (readonly [Buffer, Buffer])[]): Promise<void> {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const [name, data] of files) {
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt32LE(crc32(data), 10);
    shared.writeUInt32LE(data.length, 14);
    shared.writeUInt32LE(data.length, 18);
    shared.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004', 'latin1'), shared, name, data]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    centrals.push(Buffer.concat([Buffer.from('PK\u0001\u0002\u0014\0', 'latin1'), shared, rest, name]));
    locals.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(centrals);
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006', 0, 'latin1');
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  await writeFile(path, Buffer.concat([...locals, central, end]));
}
