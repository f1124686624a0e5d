import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import type { Layer } from '../../layers/define.ts';
import { ZipFile } from 'yazl';
import type { DatabaseAddress } from '../db/connect.ts';
import { ApiError } from '../errors.ts';
import type { Predicate } from '../filter/predicate.ts';
import type { LayerState } from '../queries/layer-state.ts';
import type { ExportColumn } from './columns.ts';
import { convert } from './convert.ts';
import type { DiskLimit } from './disk-limit.ts';
import { exportRows, type RowProgress } from './export-rows.ts';
import { exportFormat, type ExportFormat, type ExportFormatName } from './formats.ts';
import { readmeOf } from './readme.ts';
import type { ExportTask } from './task.ts';

/** What is exported. */
export interface ExportPlan {
  layer: Layer;
  /** Null: the layer was never loaded, there is no row. */
  state: LayerState | null;
  at: Date | undefined;
  predicate: Predicate;
  format: ExportFormatName;
  columns: readonly ExportColumn[];
  /** Rows that match, as counted. */
  rows: number;
  purpose: string | null;
}

export interface ExportSurroundings {
  address: DatabaseAddress;
  /** Folder for files that are being made. */
  folder: string;
  disk: DiskLimit;
  /** Program that answers by GDAL; null where there is none. */
  gdal: string | null;
}

export type ExportPhase = 'reading' | 'converting' | 'packing';

export interface MadeExport {
  /** The zip, or the bare file. */
  stream: Readable;
  name: string;
}

/** Longest text in a Shapefile, bytes. */
const LONGEST_DBF_TEXT = 254;

const GEOMETRY_TYPE = { point: 'POINT', table: 'POINT', line: 'MULTILINESTRING', polygon: 'MULTIPOLYGON', raster: '' };

function gdalOptions({ format, layer }: ExportPlan, driver: string, progress: RowProgress): string[] {
  const options = ['-f', driver, '-a_srs', 'EPSG:4326', '-nln', layer.id, '-nlt', GEOMETRY_TYPE[layer.geometry]];
  switch (format) {
    case 'shapefile':
      return [...options, '-lco', 'ENCODING=UTF-8', '-mapFieldType', 'DateTime=String'];
    case 'fgb':
      // A row without a place cannot stand in a spatial index.
      return progress.unlocated > 0 ? [...options, '-lco', 'SPATIAL_INDEX=NO'] : options;
    case 'kml': {
      const named = layer.label === undefined ? [] : ['-dsco', `NameField=${layer.label}`];
      return [...options, ...named, '-mapFieldType', 'DateTime=String,Date=String'];
    }
    default:
      return options;
  }
}

function taskOf(
  plan: ExportPlan,
  address: DatabaseAddress,
  rows: ExportTask['rows'],
  table: string,
  load: number,
): ExportTask {
  return {
    address,
    layer: plan.layer,
    load,
    table,
    predicate: plan.predicate,
    columns: plan.columns,
    rows,
    countOver: plan.format === 'shapefile' ? LONGEST_DBF_TEXT : null,
  };
}

function readme(plan: ExportPlan, progress: RowProgress): Buffer {
  const { state } = plan;
  return Buffer.from(
    `\uFEFF${readmeOf({
      ...plan,
      load: state?.loadId ?? null,
      publishedAt: state?.publishedAt ?? null,
      unlocated: progress.unlocated,
      cut: progress.cut,
      madeAt: new Date(),
    })}`,
  );
}

/** The README alone. */
export function readmeFor(plan: ExportPlan): string {
  return readmeOf({
    ...plan,
    load: plan.state?.loadId ?? null,
    publishedAt: plan.state?.publishedAt ?? null,
    unlocated: 0,
    cut: 0,
    madeAt: new Date(),
  });
}

/** Resolves when there is something to read, or the end; throws when it fails before. */
async function firstBytes(stream: Readable): Promise<void> {
  await new Promise<void>((ready, failed) => {
    stream.once('error', failed);
    stream.once('readable', () => {
      stream.off('error', failed);
      ready();
    });
  });
}

/** A zip of one file that is still being written, with the README behind it: a cut zip cannot be opened. */
function zipped(plan: ExportPlan, name: string, source: Readable, progress: RowProgress, isPacked: boolean): Readable {
  const zip = new ZipFile();
  const output = zip.outputStream as Readable;
  zip.addReadStream(source, name, { compress: !isPacked });
  source.once('end', () => {
    zip.addBuffer(readme(plan, progress), 'README.md');
    zip.end();
  });
  source.once('error', (error) => output.destroy(error));
  output.once('close', () => source.destroy());
  return output;
}

/**
 * Makes the export. What is written row by row is answered while it is written; what GDAL makes is answered once it is
 * made, and what was needed for it is removed when the stream closes. `signal` ends everything at once.
 */
export async function makeExport(
  plan: ExportPlan,
  surroundings: ExportSurroundings,
  isBare: boolean,
  signal: AbortSignal,
  onPhase: (phase: ExportPhase, progress: RowProgress) => void,
): Promise<MadeExport> {
  const { layer, state } = plan;
  const format: ExportFormat = exportFormat(plan.format);
  const { driver } = format;
  const file = `${layer.id}.${format.extension}`;
  if (state === null) throw new ApiError('NOT_READY', `Layer ${layer.id} has not been loaded yet.`);

  if (driver === undefined) {
    const task = taskOf(plan, surroundings.address, format.rows, state.table, state.loadId);
    const { stream, progress } = exportRows(task, plan.rows, signal);
    onPhase('reading', progress);
    await firstBytes(stream);
    if (isBare) return { stream, name: file };
    return {
      stream: zipped(plan, file, stream, progress, format.extension === 'xlsx'),
      name: `${layer.id}.${plan.format}.zip`,
    };
  }

  const { gdal, folder, disk } = surroundings;
  if (gdal === null) {
    throw new ApiError('PARAMETER_INVALID', `format=${plan.format}: this service makes no files of this format.`, {
      field: 'format',
      value: plan.format,
    });
  }
  await mkdir(folder, { recursive: true });
  const scratch = await mkdtemp(join(folder, 'making-'));
  const clear = (): Promise<void> => rm(scratch, { recursive: true, force: true });
  try {
    // GDAL takes an empty file of lines for no file of its own.
    const rows = plan.rows === 0 ? 'geojson' : format.rows;
    const input = join(scratch, `${layer.id}.${rows === 'geojson' ? 'geojson' : 'geojsonl'}`);
    const { stream, progress } = exportRows(
      taskOf(plan, surroundings.address, rows, state.table, state.loadId),
      plan.rows,
      signal,
    );
    onPhase('reading', progress);
    await pipeline(stream, disk.watch(), createWriteStream(input));
    onPhase('converting', progress);
    const made = join(scratch, 'made');
    await mkdir(made);
    await convert(
      {
        program: gdal,
        input,
        folder: made,
        name: layer.id,
        options: gdalOptions(plan, driver, progress),
        rows: plan.rows,
      },
      signal,
    );
    await rm(input);
    await disk.check();
    onPhase('packing', progress);
    const zip = new ZipFile();
    for (const name of (await readdir(made)).toSorted()) {
      zip.addReadStream(createReadStream(join(made, name)), `${layer.id}${extname(name)}`);
    }
    zip.addBuffer(readme(plan, progress), 'README.md');
    zip.end();
    const output = zip.outputStream as Readable;
    const stop = (): void => void output.destroy(new Error('cancelled'));
    signal.addEventListener('abort', stop, { once: true });
    void finished(output)
      .catch(() => {})
      .finally(() => {
        signal.removeEventListener('abort', stop);
        return clear();
      });
    return { stream: output, name: `${layer.id}.${plan.format}.zip` };
  } catch (error) {
    await clear();
    throw error;
  }
}
