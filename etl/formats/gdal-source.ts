import { open, rm, stat } from 'node:fs/promises';
import { crsOfWkt } from '../crs/names.ts';
import { LoadError } from '../errors.ts';
import { openGeoJson } from './geojson.ts';
import { type Gdal, GdalError, type GdalLayer } from './gdal.ts';
import type { Batch, DeclaredCrs, RecordSource } from './source.ts';
import { openZip } from './zip.ts';

interface GdalSourceOptions {
  format: RecordSource['format'];
  openOptions?: string[];
  /** CRS found elsewhere; `undefined` takes the one GDAL reports. */
  crs?: DeclaredCrs | null;
  notes?: string[];
  encoding?: string;
  /** Name of the layer to read; the first with features otherwise. */
  layer?: string;
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
    layer = chooseLayer(layers, options.layer, notes);
    converted = await gdal.toGeoJson(path, layer.name, options.openOptions);
  } catch (error) {
    if (!(error instanceof GdalError)) throw error;
    throw new LoadError(
      'UNREADABLE',
      { zh: `GDAL 无法读取：${error.message}`, en: `GDAL cannot read it: ${error.message}` },
      { cause: error },
    );
  }
  notes.push(...converted.warnings.filter((text) => !/No SRS set on layer|RFC7946/.test(text)));
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

function chooseLayer(layers: GdalLayer[], wanted: string | undefined, notes: string[]): GdalLayer {
  const names = layers.map(({ name }) => name).join(', ');
  const layer =
    wanted === undefined
      ? (layers.find(({ featureCount }) => featureCount > 0) ?? layers[0])
      : layers.find(({ name }) => name === wanted);
  if (!layer) {
    throw new LoadError('UNREADABLE', {
      zh: wanted === undefined ? '文件内没有图层。' : `文件内没有图层 ${wanted}（有：${names}）。`,
      en: wanted === undefined ? 'the file holds no layer.' : `the file holds no layer ${wanted} (it holds: ${names}).`,
    });
  }
  if (layers.length > 1 && wanted === undefined)
    notes.push(`${layers.length} layers in the file (${names}); read: ${layer.name}`);
  return layer;
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

/**
 * Opens the first sheet of a workbook as a table of texts. The header is the first row that is filled like the rows
 * below it; lines are rows of the sheet.
 */
export async function openXlsx(path: string, gdal: Gdal, layer?: string): Promise<RecordSource> {
  // GDAL says only "cannot open" of a damaged workbook; the zip reader says what is wrong.
  (await openZip(path)).close();
  const source = await openGdalLayer(path, gdal, {
    format: 'xlsx',
    openOptions: ['HEADERS=DISABLE', 'FIELD_TYPES=STRING'],
    crs: null,
    ...(layer === undefined ? {} : { layer }),
  });
  const iterator = source.batches()[Symbol.asyncIterator]();
  const first = await iterator.next();
  const head = (first.done ? [] : first.value.rows) as unknown[][];
  const headerRow = findHeader(head);
  if (headerRow < 0) {
    await source.close();
    throw new LoadError('EMPTY_FILE', { zh: '工作表没有内容。', en: 'the sheet has no content.' });
  }
  const header = head[headerRow] as unknown[];
  const width = header.reduce<number>((last, cell, i) => (isFilled(cell) ? i + 1 : last), 0);
  const columns = header.slice(0, width).map((cell, i) => (isFilled(cell) ? String(cell).trim() : `column_${i + 1}`));
  if (headerRow > 0) source.notes.push(`rows 1-${headerRow} stand above the header and were skipped`);
  async function* batches(): AsyncGenerator<Batch> {
    if (!first.done) yield tableRows(first.value, headerRow + 1, width);
    for (let next = await iterator.next(); !next.done; next = await iterator.next())
      yield tableRows(next.value, 0, width);
  }
  return { ...source, columns, hasGeometry: false, batches };
}

/** Rows of a sheet as records of a table `width` columns wide; rows without any content are left out. */
function tableRows(batch: Batch, from: number, width: number): Batch {
  const rows: unknown[][] = [];
  const lines: number[] = [];
  for (let i = from; i < batch.rows.length; i += 1) {
    const row = batch.rows[i] as unknown[];
    // Cells beside the table count only when something stands in them: the row then has the wrong shape.
    const record = row.slice(width).some(isFilled) ? row : row.slice(0, width);
    if (!record.some(isFilled)) continue;
    rows.push(record);
    lines.push(batch.lines[i] as number);
  }
  return { rows, lines };
}

/** Index of the first row with at least two filled cells (or as many as its neighbours); -1 when all are empty. */
function findHeader(rows: unknown[][]): number {
  const filled = rows.slice(0, 50).map((row) => row.filter(isFilled).length);
  const most = Math.max(0, ...filled);
  if (most === 0) return -1;
  return filled.findIndex((count) => count >= Math.max(1, Math.ceil(most * 0.6)));
}

function isFilled(cell: unknown): boolean {
  return cell !== null && cell !== undefined && String(cell).trim() !== '';
}
