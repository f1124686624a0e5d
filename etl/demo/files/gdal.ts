import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import iconv from 'iconv-lite';
import { ZipFile } from 'yazl';
import type { Layer } from '../../../layers/define.ts';
import { geojsonWriter } from './geojson.ts';
import type { RowWriter } from './row.ts';

interface Gdal {
  open(path: string): Promise<{ datasets: unknown[]; errors: { message: string }[] }>;
  ogr2ogr(dataset: unknown, options: string[], name: string): Promise<{ local: string; all: { local: string }[] }>;
  getFileBytes(path: string): Promise<Uint8Array>;
  close(dataset: unknown): Promise<void>;
}

let started: Promise<Gdal> | undefined;

/** GDAL compiled to WebAssembly; one per process. Its own loader reads from a path relative to the working directory. */
function gdal(): Promise<Gdal> {
  started ??= (() => {
    const require = createRequire(import.meta.url);
    const entry = require.resolve('gdal3.js/node');
    const initialise = require('gdal3.js/node') as (options: object) => Promise<Gdal>;
    return initialise({ path: relative(process.cwd(), join(dirname(entry), 'dist/package')) });
  })();
  return started;
}

/** Writes rows to a GeoJSON beside the target, then lets GDAL make the real file from it. */
function throughGeojson(layer: Layer, path: string, finish: (scratch: string) => Promise<void>): RowWriter {
  const scratch = `${path}.scratch.geojson`;
  const inner = geojsonWriter(layer, scratch, layer.source.format === 'shapefile' ? 'text' : 'json');
  return {
    write: (row) => inner.write(row),
    async finish() {
      await inner.finish();
      await finish(scratch);
    },
  };
}

/** What GDAL makes of a GeoJSON, which is removed. */
async function converted(scratch: string, name: string, options: string[]): Promise<Made[]> {
  const library = await gdal();
  const opened = await library.open(resolve(scratch));
  const dataset = opened.datasets[0];
  if (!dataset) throw new Error(`GDAL cannot read ${scratch}: ${opened.errors[0]?.message ?? 'no dataset'}`);
  try {
    const result = await library.ogr2ogr(dataset, options, name);
    const made: Made[] = [];
    for (const { local } of result.all) {
      made.push({ extension: local.slice(local.lastIndexOf('.')), bytes: await library.getFileBytes(local) });
    }
    return made;
  } finally {
    await library.close(dataset);
    rmSync(scratch);
  }
}

interface Made {
  extension: string;
  bytes: Uint8Array;
}

const SHAPE_TYPE = { point: 'POINT', line: 'ARC', polygon: 'POLYGON', table: 'NULL', raster: 'NULL' } as const;

/** OGC GeoPackage with one layer named like ours. */
export function gpkgWriter(layer: Layer, path: string): RowWriter {
  mkdirSync(dirname(path), { recursive: true });
  return throughGeojson(layer, path, (scratch) => writeGpkg(scratch, path, layer, layer.source.crs));
}

/** Makes a GeoPackage of a GeoJSON, which is removed. `crs` is what its coordinates are in. */
export async function writeGpkg(scratch: string, path: string, layer: Layer, crs: string): Promise<void> {
  const [file] = await converted(scratch, layer.id, ['-f', 'GPKG', '-a_srs', crs, '-nln', layer.id]);
  if (!file) throw new Error(`GDAL made no file for ${layer.id}`);
  writeFileSync(path, file.bytes);
}

/**
 * Zipped Shapefile. With GB18030 the member names are GBK bytes without the UTF-8 flag, as zip programs on Chinese
 * Windows write them, and the .cpg is left out half the time in real life, here always kept.
 */
export function shapefileWriter(layer: Layer, path: string): RowWriter {
  mkdirSync(dirname(path), { recursive: true });
  return throughGeojson(layer, path, (scratch) => writeZippedShapefile(scratch, path, layer, layer.source.crs));
}

/** Makes a zipped Shapefile of a GeoJSON, which is removed. `crs` is what its coordinates are in. */
export async function writeZippedShapefile(scratch: string, path: string, layer: Layer, crs: string): Promise<void> {
  const encoding = layer.source.encoding === 'gb18030' ? 'GB18030' : 'UTF-8';
  const options = ['-f', 'ESRI Shapefile', '-a_srs', crs, '-lco', `ENCODING=${encoding}`];
  const made = await converted(scratch, layer.id, [...options, '-lco', `SHPT=${SHAPE_TYPE[layer.geometry]}`]);
  const zip = new ZipFile();
  const mtime = new Date(2026, 10, 1);
  for (const { extension, bytes } of made) {
    zip.addBuffer(Buffer.from(bytes), `${layer.title.zh}${extension}`, { mtime });
  }
  if (encoding === 'GB18030') renameInGbk(zip);
  zip.end();
  const zipped = await buffer(zip.outputStream);
  if (encoding === 'GB18030') clearUtf8Flags(zipped);
  writeFileSync(path, zipped);
}

/** yazl keeps each name as bytes: these get GBK bytes. */
function renameInGbk(zip: ZipFile): void {
  const { entries } = zip as unknown as { entries: { utf8FileName: Buffer }[] };
  for (const entry of entries) entry.utf8FileName = iconv.encode(entry.utf8FileName.toString('utf8'), 'gb18030');
}

/** Clears the flag "names are UTF-8" in all headers of a small archive without a comment. */
function clearUtf8Flags(zip: Buffer): void {
  const end = zip.length - 22;
  const count = zip.readUInt16LE(end + 10);
  let at = zip.readUInt32LE(end + 16);
  for (let i = 0; i < count; i++) {
    const local = zip.readUInt32LE(at + 42);
    for (const flags of [at + 8, local + 6]) zip.writeUInt16LE(zip.readUInt16LE(flags) & ~0x0800, flags);
    at += 46 + zip.readUInt16LE(at + 28) + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
}
