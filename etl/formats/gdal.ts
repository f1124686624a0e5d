import { type ChildProcess, fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve as absolute } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One vector layer of a dataset, as `ogrinfo -json` tells it. */
export interface GdalLayer {
  name: string;
  featureCount: number;
  fields: { name: string; type: string }[];
  geometryFields: {
    type: string;
    coordinateSystem?: { wkt?: string; projjson?: { id?: { authority: string; code: number } } };
  }[];
}

/** A raster, as `gdalinfo -json` tells it. */
export interface GdalRaster {
  driverShortName: string;
  size: [number, number];
  coordinateSystem?: { wkt?: string };
  geoTransform?: [number, number, number, number, number, number];
  gcps?: unknown;
  metadata?: Record<string, Record<string, string>>;
  bands: {
    band: number;
    block: [number, number];
    type: string;
    colorInterpretation?: string;
    /** A number, or `NaN` and the like as text. */
    noDataValue?: number | string;
    minimum?: number;
    maximum?: number;
    mean?: number;
    scale?: number;
    offset?: number;
    unit?: string;
    overviews?: { size: [number, number] }[];
    mask?: { flags: string[] };
    colorTable?: unknown;
    metadata?: Record<string, Record<string, string>>;
  }[];
}

interface Answer {
  id: number;
  result?: unknown;
  error?: string;
  warnings: string[];
}

/** Longest that one file may take. */
const LONGEST_MS = 1_800_000;

/** GDAL said no. */
export class GdalError extends Error {
  override readonly name = 'GdalError';
}

/**
 * GDAL compiled to WebAssembly, in a child process with a scratch folder. Nothing needs to be installed. `close` ends the
 * process, which is the only way to give its memory back.
 */
export class Gdal {
  /** Folder for unpacked input and converted output; gone after `close`. */
  readonly folder: string;
  private readonly child: ChildProcess;
  private readonly waiting = new Map<number, { resolve: (answer: Answer) => void; reject: (error: Error) => void }>();
  private next = 1;

  private constructor(child: ChildProcess, folder: string) {
    this.child = child;
    this.folder = folder;
    child.on('message', (message: Answer) => {
      this.waiting.get(message.id)?.resolve(message);
      this.waiting.delete(message.id);
    });
    child.on('exit', (code, signal) => {
      for (const { reject } of this.waiting.values())
        reject(new GdalError(`GDAL ended: ${signal ?? `exit code ${code}`}`));
      this.waiting.clear();
    });
  }

  static async start(): Promise<Gdal> {
    const folder = await mkdtemp(join(tmpdir(), 'one-map-gdal-'));
    // No loaders of ours: the child is plain JavaScript.
    const child = fork(fileURLToPath(new URL('./gdal-process.mjs', import.meta.url)), [folder], {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    try {
      await new Promise<void>((resolve, reject) => {
        child.once('message', () => resolve());
        child.once('error', reject);
        child.once('exit', (code) => reject(new GdalError(`GDAL did not start: exit code ${code}`)));
      });
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
    return new Gdal(child, folder);
  }

  /** A new empty folder inside of `folder`. */
  async newFolder(): Promise<string> {
    return mkdtemp(join(this.folder, 'in-'));
  }

  /** False once the process has ended: a file may make GDAL abort. */
  get isAlive(): boolean {
    return this.child.connected && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** The vector layers of a file. Throws GdalError when GDAL cannot open it. */
  async layers(path: string, openOptions: string[] = []): Promise<GdalLayer[]> {
    const answer = await this.ask({ op: 'info', path, openOptions });
    return (answer.result as { layers?: GdalLayer[] }).layers ?? [];
  }

  /**
   * Writes one layer as GeoJSON in source coordinates (2D, full precision, one feature per line).
   * @returns the path of the file in `folder`, and GDAL's warnings.
   */
  async toGeoJson(
    path: string,
    layer: string,
    openOptions: string[] = [],
    more: string[] = [],
  ): Promise<{ path: string; warnings: string[] }> {
    const options = [
      '-f',
      'GeoJSON',
      '-lco',
      'RFC7946=NO',
      '-lco',
      'COORDINATE_PRECISION=15',
      '-dim',
      'XY',
      '-nlt',
      'CONVERT_TO_LINEAR',
      ...more,
    ];
    const answer = await this.ask({ op: 'translate', path, openOptions, layer, name: `out${this.next}`, options });
    return { path: answer.result as string, warnings: answer.warnings };
  }

  /**
   * What a raster is. Values are looked at with `-stats` or `-approx_stats` only, which writes a note beside the file: for
   * files in `folder`, not for deliveries. Throws GdalError.
   */
  async raster(path: string, options: string[] = []): Promise<GdalRaster> {
    return (await this.ask({ op: 'raster-info', path, options })).result as GdalRaster;
  }

  /**
   * Makes another raster of one, by the arguments of `gdal_translate` or `gdalwarp`.
   * @returns the path of the file in `folder`, and GDAL's warnings
   */
  async convertRaster(
    tool: 'translate' | 'warp',
    path: string,
    options: string[],
  ): Promise<{ path: string; warnings: string[] }> {
    const answer = await this.ask({ op: `raster-${tool}`, path, name: `raster${this.next}`, options });
    return { path: answer.result as string, warnings: answer.warnings };
  }

  async close(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const ended = new Promise((resolve) => this.child.once('exit', resolve));
      this.child.kill('SIGKILL');
      await ended;
    }
    await rm(this.folder, { recursive: true, force: true });
  }

  private async ask(message: { op: string; path: string } & Record<string, unknown>): Promise<Answer> {
    if (!this.isAlive) throw new GdalError('GDAL has ended');
    const id = this.next;
    this.next += 1;
    // A file may keep GDAL busy for ever; then only its end ends it.
    const timer = setTimeout(() => this.child.kill('SIGKILL'), LONGEST_MS);
    const answer = await new Promise<Answer>((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      // The process has a working directory of its own.
      this.child.send({ ...message, id, path: absolute(message.path) }, (error) => {
        if (error) reject(new GdalError(`GDAL ended: ${error.message}`));
      });
    }).finally(() => clearTimeout(timer));
    if (answer.error !== undefined)
      throw new GdalError([answer.error, ...answer.warnings].filter(Boolean).join('; ') || 'no reason given');
    return answer;
  }
}
