import type { Layer } from '../layers/define.ts';
import { type Loader, openLoader } from '../server/db/copy.ts';
import { LoadError, messageOf, reportedError } from './errors.ts';
import { pruneHistory } from './history/prune.ts';
import { Pace } from './pace.ts';
import { emptyReport, type LoadReport } from './report.ts';
import type { LoadSession } from './session.ts';

export type Step = 'fetch' | 'detect' | 'load' | 'repair' | 'index' | 'publish';

export interface LoadProgress {
  layer: string;
  step: Step;
  /** Share of the step, 0..1. */
  share: number;
  rows: number;
}

export interface LoadRunOptions {
  /** Scale of a demo district: the least number of rows is multiplied by it. Default 1. */
  scale?: number;
  /** Of a result: what it was made of, to be kept with the load. */
  madeOf?: object;
  onProgress?: (progress: LoadProgress) => void;
}

/**
 * What every load of a layer is framed by, of rows and of pictures: its row in `app.load`, the lock, the steps with their
 * times, the report, and what a failure leaves. `load` does the work; it may throw whatever it likes.
 */
export abstract class LoadRun<Options extends LoadRunOptions> {
  protected readonly session: LoadSession;
  protected readonly layer: Layer;
  protected readonly path: string;
  protected readonly options: Options;
  protected readonly report: LoadReport;
  protected readonly startedAt = new Date();
  private stepStart = performance.now();
  private step: Step = 'fetch';

  constructor(session: LoadSession, layer: Layer, path: string, options: Options) {
    this.session = session;
    this.layer = layer;
    this.path = path;
    this.options = options;
    this.report = { ...emptyReport(layer.id, layer.title, this.startedAt), scale: Math.min(1, options.scale ?? 1) };
  }

  /** Never throws for what is wrong with the delivery: the report and the row in `app.load` say `failed`. */
  async run(): Promise<LoadReport> {
    const { report } = this;
    const pace = new Pace(this.session.db);
    let loader: Loader | null = null;
    try {
      report.load = await this.startLoad();
      loader = pace.keep(await openLoader(this.session.db, { transaction: false }));
      await this.lock(loader);
      report.status = await this.load(loader, report.load);
    } catch (error) {
      await loader?.rollback();
      await this.fail(error);
    } finally {
      pace.end();
      await loader?.rollback();
    }
    this.finishReport();
    await this.saveReport();
    return report;
  }

  /** Loads the delivery and publishes it, or finds that the live version is the same. */
  protected abstract load(loader: Loader, load: number): Promise<'published' | 'unchanged'>;

  /** Removes what a load that failed has made; not called when another process has the layer. */
  protected abstract discard(): Promise<void>;

  protected enter(step: Step): void {
    this.closeStep();
    this.step = step;
    this.stepStart = performance.now();
    this.progress(0, this.report.rows.in);
  }

  protected progress(share: number, rows: number): void {
    this.options.onProgress?.({ layer: this.layer.id, step: this.step, share, rows });
  }

  /** Lets go of versions the policy no longer keeps. The load is published: a failure here is noted, no more. */
  protected async prune(): Promise<void> {
    try {
      await pruneHistory(this.session.db, { layer: this.layer.id, rasterDir: this.session.rasterDir });
    } catch (error) {
      this.report.notes.push(`old versions could not be removed: ${messageOf(error)}`);
    }
  }

  private async startLoad(): Promise<number> {
    const { sql } = this.session.db;
    const { madeOf } = this.options;
    const [row] = await sql<{ load_id: number }[]>`
      insert into app.load (layer_id, source_file, made_of)
      values (${this.layer.id}, ${this.path}, ${madeOf === undefined ? null : JSON.stringify(madeOf)}::text::jsonb)
      returning load_id`;
    return (row as { load_id: number }).load_id;
  }

  /** One load per layer at a time. On the embedded engine all connections are one session, which cannot lock itself out. */
  private async lock(loader: Loader): Promise<void> {
    const [row] = await loader.query<{ locked: boolean }>(
      `select pg_try_advisory_lock(hashtext('onemap.load'), hashtext($1)) as locked`,
      [this.layer.id],
    );
    if (row?.locked !== true) {
      throw new LoadError('BUSY', {
        zh: `${this.layer.id} 正由另一个进程装载。`,
        en: `${this.layer.id} is being loaded by another process.`,
      });
    }
    // Whoever holds the lock is the only one loading: loads still called running were killed.
    await loader.query(
      `update app.load set status = 'failed', finished_at = now(), error = 'interrupted' where layer_id = $1 and status = 'running' and load_id < $2`,
      [this.layer.id, this.report.load],
    );
  }

  private async fail(error: unknown): Promise<void> {
    const { report } = this;
    report.error = reportedError(error);
    if (report.load === null) return;
    const { sql } = this.session.db;
    const { rows } = report;
    await sql`update app.load set status = 'failed', finished_at = now(), error = ${`${report.error.code}: ${report.error.text.en}`},
      rows_in = ${rows.in}, rows_accepted = 0, rows_quarantined = ${rows.quarantined} where load_id = ${report.load}`;
    if (report.error.code !== 'BUSY') await this.discard();
  }

  private finishReport(): void {
    const { report } = this;
    const finished = new Date();
    this.closeStep();
    report.finishedAt = finished.toISOString();
    report.seconds = round((finished.getTime() - this.startedAt.getTime()) / 1000);
    report.rowsPerSecond = report.seconds > 0 ? Math.round(report.rows.in / report.seconds) : report.rows.in;
  }

  private async saveReport(): Promise<void> {
    const { report, session } = this;
    if (report.load === null) return;
    await session.db.sql`update app.load set sha256 = ${report.file?.sha256 ?? null}, format = ${report.format},
      encoding = ${report.encoding?.name ?? null}, crs = ${report.crs?.name ?? null}, crs_confidence = ${report.crs?.confidence ?? null},
      report = ${JSON.stringify(report)}::text::jsonb where load_id = ${report.load}`;
  }

  private closeStep(): void {
    const seconds = (performance.now() - this.stepStart) / 1000;
    const last = this.report.steps.at(-1);
    if (last?.step === this.step) last.seconds = round(last.seconds + seconds);
    else this.report.steps.push({ step: this.step, seconds: round(seconds) });
  }
}

function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
