import { open, rm, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { crsOfWkt } from '../crs/names.ts';
import { LoadError } from '../errors.ts';
import { chooseLayer } from './choose-layer.ts';
import { openGeoJson } from './geojson.ts';
import { type Gdal, GdalError, type GdalLayer } from './gdal.ts';
import { type SheetHeader, sheetHeader, tableRows } from './sheet.ts';
import type { Batch, DeclaredCrs, RecordSource } from './source.ts';
import { openZip } from './zip.ts';

interface GdalSourceOptions {
  format: RecordSource['format'];
  openOptions?: string[];
  /** CRS found elsewhere; `undefined` takes the one GDAL reports. */
  crs?: DeclaredCrs | null;
  notes?: string[];
  encoding?: string;
  /** Name of the layer to read; the only one with features otherwise. */
  layer?: string;
  /** Name of the file as people know it. */
  file?: string;
  /** Narrows down the layers to choose from, and says which are alike. */
  layers?: (found: GdalLayer[]) => GdalLayer[];
  /** Arguments of `ogr2ogr`. */
  translate?: string[];
  decode?: (text: string) => string;
}

/** Opens one layer of any file GDAL reads, converted to GeoJSON in the scratch folder. */
export async function openGdalLayer(path: string, gdal: Gdal, options: GdalSourceOptions): Promise<RecordSource> {
  const notes = [...(options.notes ?? [])];
  const decode = options.decode ?? ((text: string) => text);
  let layer: GdalLayer;
  let converted: { path: string; warnings: string[] };
  try {
    const layers = await gdal.layers(path, options.openOptions);
    const offered = options.layer === undefined && options.layers ? options.layers(layers) : layers;
    const choices = offered.map((found) => ({ ...found, count: found.featureCount < 0 ? null : found.featureCount }));
    layer = chooseLayer(choices, options.layer, options.file ?? basename(path));
    const empty = offered.filter((found) => found.name !== layer.name).map(({ name }) => name);
    if (options.layer === undefined && empty.length > 0) notes.push(`layers without features: ${empty.join(', ')}`);
    converted = await gdal.toGeoJson(path, layer.name, options.openOptions, options.translate);
  } catch (error) {
    if (!(error instanceof GdalError)) throw error;
    throw new LoadError(
      'UNREADABLE',
      {
        zh: `GDAL 无法读取：${error.message}。请检查文件是否完整，或换一种格式导出。`,
        en: `GDAL cannot read it: ${error.message}. See whether the file is whole, or export it in another format.`,
      },
      { cause: error },
    );
  }
  notes.push(
    ...converted.warnings.filter(
      (text) => !/No SRS set on layer|RFC7946|Unable to open \/input\/data\.(shp|SHP)/.test(text),
    ),
  );
  const original = layer.fields.map(({ name }) => name);
  const crs = options.crs === undefined ? crsOfLayer(layer) : options.crs;
  const source = await openGeoJson(converted.path, {
    columns: original,
    origin: { format: options.format, crs, encoding: options.encoding ?? 'utf-8', notes },
  });
  async function* batches(): AsyncGenerator<Batch> {
    for await (const batch of source.batches()) {
      if (options.decode) {
        for (const row of batch.rows) {
          for (let i = 0; i < row.length; i += 1) if (typeof row[i] === 'string') row[i] = decode(row[i] as string);
        }
      }
      yield batch;
    }
  }
  return {
    ...source,
    columns: original.map(decode),
    hasGeometry: layer.geometryFields.length > 0 && layer.geometryFields[0]?.type !== 'None',
    batches,
    async close() {
      await source.close();
      await rm(converted.path, { force: true });
    },
  };
}

function crsOfLayer(layer: GdalLayer): DeclaredCrs | null {
  const system = layer.geometryFields[0]?.coordinateSystem;
  const id = system?.projjson?.id;
  if (id?.authority === 'EPSG') return { crs: `EPSG:${id.code}`, name: `EPSG:${id.code}`, from: 'the file' };
  const wkt = system?.wkt;
  if (!wkt || /Undefined (geographic|Cartesian|engineering)|^ENGCRS|^LOCAL_CS/i.test(wkt)) return null;
  return { ...crsOfWkt(wkt), from: 'the file' };
}

/** Opens a GeoPackage. */
export async function openGpkg(path: string, gdal: Gdal, layer?: string): Promise<RecordSource> {
  await assertWholeSqlite(path);
  return openGdalLayer(path, gdal, { format: 'gpkg', ...(layer === undefined ? {} : { layer }) });
}

/** A SQLite file states its own length (page size at byte 16, pages at byte 28): a shorter one was cut. */
async function assertWholeSqlite(path: string): Promise<void> {
  const file = await open(path);
  try {
    const head = Buffer.alloc(100);
    await file.read(head, 0, 100, 0);
    if (head.toString('latin1', 0, 15) !== 'SQLite format 3') {
      throw new LoadError('UNREADABLE', {
        zh: '这不是 GeoPackage（不是 SQLite 文件）。',
        en: 'this is not a GeoPackage (not a SQLite file).',
      });
    }
    const pageSize = head.readUInt16BE(16) === 1 ? 65_536 : head.readUInt16BE(16);
    const expected = pageSize * head.readUInt32BE(28);
    const { size } = await stat(path);
    if (size < expected) {
      throw new LoadError('TRUNCATED_ARCHIVE', {
        zh: `GeoPackage 不完整：应有 ${expected} 字节，实有 ${size}。`,
        en: `the GeoPackage is cut short: ${size} of ${expected} bytes.`,
      });
    }
  } finally {
    await file.close();
  }
}

/** Opens a sheet of a workbook (XLSX, ODS) as a table of texts; lines are rows of the sheet. */
export async function openWorkbook(
  path: string,
  gdal: Gdal,
  format: 'xlsx' | 'ods',
  layer?: string,
): Promise<RecordSource> {
  // GDAL says only "cannot open" of a damaged workbook; the zip reader says what is wrong.
  (await openZip(path)).close();
  const source = await openGdalLayer(path, gdal, {
    format,
    openOptions: ['HEADERS=DISABLE', 'FIELD_TYPES=STRING'],
    crs: null,
    ...(layer === undefined ? {} : { layer }),
  });
  const iterator = source.batches()[Symbol.asyncIterator]();
  const first = await iterator.next();
  const head = (first.done ? [] : first.value.rows) as unknown[][];
  let header: SheetHeader;
  try {
    header = sheetHeader(head);
  } catch (error) {
    await source.close();
    throw error;
  }
  const width = header.columns.length;
  source.notes.push(...header.notes);
  async function* batches(): AsyncGenerator<Batch> {
    if (!first.done) yield tableRows(first.value, header.row + 1, width);
    for (let next = await iterator.next(); !next.done; next = await iterator.next())
      yield tableRows(next.value, 0, width);
  }
  return { ...source, columns: header.columns, hasGeometry: false, batches };
}
