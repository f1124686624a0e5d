import { access } from 'node:fs/promises';
import type { Layer, Series } from '../../layers/define.ts';
import { BinaryRows } from '../../server/db/copy-binary.ts';
import { type Loader, openLoader } from '../../server/db/copy.ts';
import { instantOf } from '../checks/latest.ts';
import { bilingual } from '../checks/field-reader.ts';
import { LoadError, reportedError } from '../errors.ts';
import { type OpenedFile, openFile } from '../formats/open.ts';
import { readRecord } from '../formats/text-table.ts';
import { hashedFid, hashKey } from '../link/key-hash.ts';
import { KeySet } from '../link/key-set.ts';
import type { SeriesReport } from '../report.ts';
import type { LoadSession } from '../session.ts';
import { type CheckedRow, RowChecker } from '../steps/check.ts';
import { fetchFile } from '../steps/fetch.ts';
import { RejectWriter } from '../steps/rejects.ts';
import { seriesLayer, seriesLoadName } from './series-layer.ts';

/** Days of readings that are kept, counted back from the newest. */
export const KEPT_DAYS = 400;
/** Bytes sent to the database at once. */
const PIECE = 4 << 20;
const VALUES = ['v1', 'v2', 'v3', 'v4', 'v5', 'v6'] as const;
const COLUMNS = ['series_id', 'fid', 'at', ...VALUES];
/** Fields of a checked reading before its values: row, key, time. */
const HEAD = 3;

/**
 * Adds the readings of a file to those of a live layer, all or none: each is checked by the fields of the layer, must be of one
 * of its features, and replaces an earlier delivery of itself. Never throws for what is wrong with the file.
 * @returns null when no file was delivered
 */
export async function loadSeries(session: LoadSession, layer: Layer, path: string): Promise<SeriesReport | null> {
  const { series } = layer;
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  if (series === undefined || !isThere) return null;
  return new SeriesLoad(session, layer, series, path).run();
}

class SeriesLoad {
  private readonly session: LoadSession;
  private readonly layer: Layer;
  private readonly series: Series;
  private readonly path: string;
  private readonly startedAt = performance.now();
  private readonly report: SeriesReport;

  constructor(session: LoadSession, layer: Layer, series: Series, path: string) {
    this.session = session;
    this.layer = layer;
    this.series = series;
    this.path = path;
    this.report = {
      load: null,
      status: 'failed',
      file: null,
      rows: { in: 0, accepted: 0, quarantined: 0 },
      rejects: [],
      from: null,
      to: null,
      seconds: 0,
      error: null,
    };
  }

  async run(): Promise<SeriesReport> {
    const { report } = this;
    const { sql } = this.session.db;
    let loader: Loader | null = null;
    try {
      report.file = await fetchFile(this.path);
      if (await this.isKnown(report.file.sha256)) {
        report.status = 'unchanged';
        return report;
      }
      const [row] = await sql<{ load: number }[]>`
        insert into app.load (layer_id, source_file, sha256, format, encoding)
        values (${seriesLoadName(this.layer)}, ${this.path}, ${report.file.sha256}, 'csv', 'utf-8') returning load_id as load`;
      report.load = row?.load ?? null;
      loader = await openLoader(this.session.db, { transaction: false });
      await this.load(loader, report.load as number);
      report.status = 'published';
    } catch (error) {
      await loader?.rollback();
      await this.fail(error);
    } finally {
      await loader?.rollback();
      report.seconds = Math.round(performance.now() - this.startedAt) / 1000;
      if (report.load !== null) {
        await sql`update app.load set report = ${JSON.stringify(report)}::text::jsonb where load_id = ${report.load}`;
      }
    }
    return report;
  }

  /** True when this very file was added last. */
  private async isKnown(sha256: string): Promise<boolean> {
    const [row] = await this.session.db.sql<{ load: number }[]>`
      select s.load_id as load from app.series s join app.load l using (load_id)
      where s.layer_id = ${this.layer.id} and s.fields = ${this.series.values as string[]}::text[] and l.sha256 = ${sha256}`;
    this.report.load = row?.load ?? null;
    return row !== undefined;
  }

  private async load(loader: Loader, load: number): Promise<void> {
    const { report, session } = this;
    const opened = await openFile(this.path, { gdal: () => session.gdal(), format: 'csv', encoding: 'utf-8' });
    const rejects = new RejectWriter(session.db, load);
    await loader.exec(
      `create temp table if not exists next_observation (fid int8, at timestamptz, ${VALUES.map((name) => `${name} float8`).join(', ')});
       truncate next_observation`,
    );
    try {
      await this.stage(loader, opened, rejects);
      await rejects.flush();
      report.rows.quarantined = rejects.total;
      report.rejects = [...rejects.byCode].map(([code, { count }]) => ({ code, count }));
      if (report.rows.accepted + rejects.total !== report.rows.in) {
        throw new LoadError('NOT_CONSERVED', {
          zh: `读入 ${report.rows.in} 条，接收 ${report.rows.accepted} 条，隔离 ${rejects.total} 条。`,
          en: `${report.rows.in} readings came in, ${report.rows.accepted} were accepted and ${rejects.total} set aside`,
        });
      }
      if (report.rows.accepted === 0) {
        throw new LoadError('ROW_COUNT', {
          zh: `没有一条读数可用；${rejects.total} 条被隔离。`,
          en: `no reading can be used; ${rejects.total} were set aside.`,
        });
      }
      await this.publish(loader, load);
    } finally {
      await opened.source.close();
    }
  }

  /** Checks the readings and brings them into a table of this connection. */
  private async stage(loader: Loader, opened: OpenedFile, rejects: RejectWriter): Promise<void> {
    const { report, session, layer, series } = this;
    const { source } = opened;
    const definition = seriesLayer(layer, series);
    const keys = await session.keysOf(layer.id);
    if (keys === null) {
      throw new LoadError('BAD_USAGE', {
        zh: `${layer.id} 尚未装载，其读数无所归属。`,
        en: `${layer.id} is not loaded: its readings would be of nothing.`,
      });
    }
    const checker = new RowChecker(definition, source.columns, {
      transform: (x, y) => [x, y],
      isDistrict: false,
      mesh: null,
      places: null,
      references: new Map([[layer.key, { layer: layer.id, keys }]]),
      expectedRows: 1024,
      keyByLine: true,
    });
    const seen = new KeySet(65_536);
    const rows = new BinaryRows(PIECE + (1 << 16));
    const writer = loader.copy('next_observation', COLUMNS.slice(1));
    let [from, to] = [Infinity, -Infinity];
    try {
      for await (const batch of source.batches()) {
        for (let i = 0; i < batch.lines.length; i += 1) {
          report.rows.in += 1;
          const record = batch.text ? readRecord(batch.text, i) : (batch.rows[i] as unknown[]);
          const line = batch.lines[i] as number;
          const row = checker.check(record, line, null);
          const isNew = row !== null && seen.add(`${row.values[1]}\u0000${row.values[2]}`) >= 0;
          if (row === null || !isNew) {
            const fault = row === null ? checker.fault : REPEATED;
            const raw = Object.fromEntries(source.columns.map((name, k) => [name, record[k] ?? null]));
            rejects.add({ ...fault, line, raw, lon: null, lat: null });
            if (rejects.isFull) await rejects.flush();
            continue;
          }
          report.rows.accepted += 1;
          const at = row.values[2] as number;
          from = Math.min(from, at);
          to = Math.max(to, at);
          writeReading(rows, row);
          if (rows.size >= PIECE) await writer.write(rows.take());
        }
      }
      if (rows.size > 0) await writer.write(rows.take());
      await writer.end();
    } catch (error) {
      await writer.abort().catch(() => {});
      throw error;
    }
    if (from <= to) {
      report.from = instantOf(from, 'datetime').toISOString();
      report.to = instantOf(to, 'datetime').toISOString();
    }
  }

  /** Adds what was staged, in one transaction with the account of it. Ends the connection. */
  private async publish(loader: Loader, load: number): Promise<void> {
    const { layer, report, series } = this;
    const { from, to, rows } = report;
    await loader.begin();
    // Readings of other fields than these cannot be told apart from them.
    await loader.query(`delete from app.series where layer_id = $1 and fields <> $2::text[]`, [
      layer.id,
      series.values,
    ]);
    const [row] = await loader.query<{ id: number; isNew: boolean }>(
      `insert into app.series (layer_id, fields, load_id, from_at, to_at) values ($1, $2::text[], $3, $4, $5)
       on conflict (layer_id) do update set load_id = excluded.load_id, from_at = least(series.from_at, excluded.from_at),
         to_at = greatest(series.to_at, excluded.to_at)
       returning series_id as id, (xmax = 0) as "isNew"`,
      [layer.id, series.values, load, from, to],
    );
    const { id, isNew } = row as { id: number; isNew: boolean };
    const values = VALUES.join(', ');
    await loader.query(
      `insert into app.observation (series_id, fid, at, ${values}) select $1::int4, fid, at, ${values} from next_observation
       ${isNew ? '' : `on conflict (series_id, fid, at) do update set ${VALUES.map((name) => `${name} = excluded.${name}`).join(', ')}`}`,
      [id],
    );
    const pruned = await loader.query(
      `with newest as (select to_at - make_interval(days => ${KEPT_DAYS}) as at from app.series where series_id = $1),
         gone as (delete from app.observation o using newest where o.series_id = $1 and o.at < newest.at returning 1)
       update app.series s set from_at = newest.at from newest
       where s.series_id = $1 and s.from_at < newest.at and exists (select from gone) returning 1`,
      [id],
    );
    await loader.query(
      `update app.load set status = 'published', finished_at = now(), rows_in = $2, rows_accepted = $3, rows_quarantined = $4
       where load_id = $1`,
      [load, rows.in, rows.accepted, rows.quarantined],
    );
    await loader.commit();
    if (pruned.length > 0) report.from = null;
  }

  private async fail(error: unknown): Promise<void> {
    const { report, session } = this;
    report.error = reportedError(error);
    if (report.load === null) return;
    const { rows } = report;
    await session.db.sql`
      update app.load set status = 'failed', finished_at = now(), error = ${`${report.error.code}: ${report.error.text.en}`},
        rows_in = ${rows.in}, rows_accepted = 0, rows_quarantined = ${rows.quarantined} where load_id = ${report.load}`;
  }
}

const REPEATED = {
  code: 'DUPLICATE_KEY' as const,
  field: null,
  value: null,
  message: bilingual('该对象在这一时刻的读数已出现过', 'a reading of this feature at this time occurred before'),
};

function writeReading(rows: BinaryRows, { values }: CheckedRow): void {
  rows.startRow(COLUMNS.length - 1);
  // As features get theirs.
  hashKey(String(values[1]));
  rows.int8(hashedFid());
  rows.timestamptz(instantOf(values[2] as number, 'datetime'));
  for (let i = 0; i < VALUES.length; i += 1) {
    const value = values[HEAD + i];
    rows.float8(typeof value === 'number' ? value : null);
  }
}
