import { copyFile, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { checkLayer } from '../../layers/check-layer.ts';
import { connectTo, type Database } from '../db/connect.ts';
import { ApiError } from '../errors.ts';
import type { EtlProcess } from '../etl-process.ts';
import type { Exports } from '../export/exports.ts';
import type { JobOutcome, JobProgress } from '../export/jobs.ts';
import type { ExportOwner, ExportRecord } from '../queries/exports.ts';
import { removeUserLayer } from '../queries/user-layers.ts';
import { FeatureWriter } from './feature-writer.ts';
import type { ResultPlan } from './result-plan.ts';

/** A table that is to be attached to boundaries; the rest is found out by the loader (etl/attach.ts). */
export interface AttachOrder {
  id: string;
  /** Name of the file, of which only the ending counts. */
  name: string;
  bytes: Uint8Array;
  plan: Record<string, unknown>;
}

/** Makes layers in the background, beside the exports. */
export interface Results {
  start(plan: ResultPlan, owner: ExportOwner): Promise<ExportRecord>;
  attach(order: AttachOrder, owner: ExportOwner): Promise<ExportRecord>;
  /** Ends a job, or forgets it. A layer that is there stays. */
  cancel(id: string): Promise<void>;
  /** Path of the rows that a job left out. */
  pathOf(file: string): string;
}

interface Loaded {
  load: number | null;
  status?: string;
  rows?: { accepted: number; quarantined: number };
  error?: { code: string; text: { zh: string; en: string } };
  counts?: Record<string, unknown>;
  leftOut?: string | null;
}

/** Limits of one statement of a result, ms. */
const STATEMENT_MS = '120000';

/** @param etl null where this service starts no processes */
export function createResults(db: Database, log: Logger, exports: Exports, etl: EtlProcess | null): Results {
  const { jobs, folder, disk } = exports;

  function requireEtl(): EtlProcess {
    if (etl === null) throw new ApiError('NOT_READY', 'This service makes no layers.');
    return etl;
  }

  async function forget(layer: string): Promise<void> {
    await db.sql.begin((tx) => removeUserLayer(tx, layer));
  }

  /** Work in a folder of its own, which is removed; what a job that failed has left of its layer is removed, too. */
  async function inFolder(layer: string, work: (scratch: string) => Promise<JobOutcome>): Promise<JobOutcome> {
    await mkdir(folder, { recursive: true });
    await disk.check();
    const scratch = await mkdtemp(join(folder, 'making-'));
    try {
      return await work(scratch);
    } catch (error) {
      await forget(layer).catch((left: unknown) =>
        log.warn({ err: left, layer }, 'what a result had begun was not removed'),
      );
      throw error;
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  }

  /** Has the loader make the layer, and checks that no row was lost on the way. */
  async function load(names: readonly string[], rows: number | null, signal: AbortSignal): Promise<Loaded> {
    const loaded = (await requireEtl()(names, signal)) as Loaded;
    if (loaded.error !== undefined) {
      const { code, text } = loaded.error;
      if (code === 'INTERNAL') throw new Error(text.en);
      throw new ApiError('RESULT_REFUSED', `${code}: ${text.zh} | ${text.en}`);
    }
    const { accepted, quarantined } = loaded.rows ?? { accepted: 0, quarantined: 0 };
    if (rows !== null && accepted + quarantined !== rows) {
      throw new Error(`${rows} rows were computed, ${accepted} loaded, ${quarantined} set aside`);
    }
    return loaded;
  }

  async function make(plan: ResultPlan, owner: ExportOwner, id: string, signal: AbortSignal, progress: JobProgress) {
    const { layer } = plan;
    progress.phase = 'computing';
    return inFolder(layer.id, async (scratch) => {
      const file = join(scratch, 'features.geojson');
      const writer = new FeatureWriter(file, disk);
      progress.counted = writer.counted;
      const sql = connectTo(db.address, {
        max: 1,
        applicationName: 'onemap-result',
        settings: { statement_timeout: STATEMENT_MS, client_connection_check_interval: '1000' },
      });
      let said: object;
      try {
        said = await plan.write({ id, sql, writer, signal });
        await writer.end();
      } finally {
        writer.destroy();
        await sql.end({ timeout: 1 });
      }
      signal.throwIfAborted();
      const { rows } = writer.counted;
      if (rows === 0) throw new ApiError('RESULT_EMPTY', 'Nothing is left: the result has not a single row.');
      progress.phase = 'loading';
      progress.bytes = writer.bytes;
      const madeOf = { ...plan.madeOf, parameters: { ...plan.madeOf.parameters, ...said } };
      const definition = join(scratch, 'definition.json');
      await writeFile(definition, JSON.stringify({ layer, madeOf, owner }));
      const loaded = await load(['result', file, '--definition', definition], rows, signal);
      return {
        rows,
        bytes: writer.bytes,
        file: null,
        name: null,
        result: { ...said, load: loaded.load, setAside: loaded.rows?.quarantined ?? 0 },
        discard: () => forget(layer.id),
      };
    });
  }

  async function makeAttached(order: AttachOrder, id: string, signal: AbortSignal, progress: JobProgress) {
    progress.phase = 'loading';
    return inFolder(order.id, async (scratch) => {
      const table = join(scratch, `table${/\.[A-Za-z0-9]{1,8}$/.exec(order.name)?.[0].toLowerCase() ?? ''}`);
      await writeFile(table, order.bytes);
      const definition = join(scratch, 'plan.json');
      await writeFile(definition, JSON.stringify(order.plan));
      const loaded = await load(['attach', table, '--definition', definition, '--out', scratch], null, signal);
      const { counts = {}, leftOut } = loaded;
      let file: string | null = null;
      if (typeof leftOut === 'string') {
        file = `${id}.csv`;
        await copyFile(leftOut, join(folder, file));
      }
      const bytes = file === null ? 0 : (await stat(join(folder, file))).size;
      return {
        rows: Number(counts['matched'] ?? 0),
        bytes,
        file,
        name: file === null ? null : 'left-out.csv',
        result: { ...counts, load: loaded.load },
        discard: async () => {
          if (file !== null) await rm(join(folder, file), { force: true });
          await forget(order.id);
        },
      };
    });
  }

  return {
    async start(plan, owner) {
      requireEtl();
      const problems = checkLayer(plan.layer, new Map(), 'user');
      if (problems.length > 0) throw new Error(`the definition of a result is not valid: ${problems.join('; ')}`);
      const values = {
        kind: 'layer',
        layer: plan.layer.id,
        load: null,
        format: plan.madeOf.operation,
        rows: plan.total,
      } as const;
      return jobs.start(values, owner, (id, signal, progress) => make(plan, owner, id, signal, progress));
    },
    async attach(order, owner) {
      requireEtl();
      const values = { kind: 'layer', layer: order.id, load: null, format: 'attach', rows: 0 } as const;
      return jobs.start(values, owner, (id, signal, progress) => makeAttached(order, id, signal, progress));
    },
    async cancel(id) {
      const file = await jobs.cancel(id);
      if (file !== null) await rm(join(folder, file), { force: true });
    },
    pathOf: (file) => join(folder, file),
  };
}
