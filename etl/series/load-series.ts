import { access } from 'node:fs/promises';
import type { Layer, Series } from '../../layers/define.ts';
import { sensorId } from '../../layers/sensor.ts';
import { BinaryRows } from '../../server/db/copy-binary.ts';
import { type Loader, openLoader } from '../../server/db/copy.ts';
import { instantOf } from '../checks/latest.ts';
import { bilingual } from '../checks/field-reader.ts';
import { LoadError, reportedError } from '../errors.ts';
import { type OpenedFile, openFile } from '../formats/open.ts';
import { readRecord } from '../formats/text-table.ts';
import { KeySet } from '../link/key-set.ts';
import type { SeriesReport } from '../report.ts';
import type { LoadSession } from '../session.ts';
import { type CheckedRow, RowChecker } from '../steps/check.ts';
import { fetchFile } from '../steps/fetch.ts';
import { RejectWriter } from '../steps/rejects.ts';
import { seriesLayer, seriesLoadName } from './series-layer.ts';

/** Days of readings that a delivery may bring, counted back from its newest: each is a partition. */
const MOST_DAYS = 400;
/** Bytes sent to the database at once. */
const PIECE = 4 << 20;
const VALUES = ['v1', 'v2', 'v3', 'v4', 'v5', 'v6'] as const;
const COLUMNS = ['sensor', 'at', ...VALUES];
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
    const opened = await openFile(this.path, {
      gdal: () => session.gdal(),
      ahead: (bytes) => session.textAhead(bytes),
      format: 'csv',
      encoding: 'utf-8',
    });
    const rejects = new RejectWriter(session.db, load);
    await loader.exec(
      `create temp table if not exists next_reading (sensor text, at timestamptz, ${VALUES.map((name) => `${name} float8`).join(', ')});
       truncate next_reading`,
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
    const keys = await session.keysOf(layer);
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
    const writer = loader.copy('next_reading', COLUMNS);
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
          writeReading(rows, layer, row);
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
    await loader.query(`delete from next_reading where at < $1::timestamptz - make_interval(days => ${MOST_DAYS})`, [
      to,
    ]);
    await loader.query(
      `insert into app.series (layer_id, fields, load_id, from_at, to_at) values ($1, $2::text[], $3, $4, $5)
       on conflict (layer_id) do update set fields = excluded.fields, load_id = excluded.load_id,
         from_at = least(series.from_at, excluded.from_at), to_at = greatest(series.to_at, excluded.to_at)`,
      [layer.id, series.values, load, from, to],
    );
    const days = await loader.query<{ day: string }>(
      `select distinct (at at time zone 'Asia/Shanghai')::date::text as day from next_reading`,
    );
    await loader.query('select app.add_days($1, $2::date[])', ['reading', days.map(({ day }) => day)]);
    for (const [i, metric] of series.values.entries()) {
      const column = VALUES[i];
      await loader.query(
        `insert into app.reading (sensor, metric, at, value)
         select sensor, $1, at, ${column} from next_reading where ${column} is not null
         on conflict (sensor, metric, at) do update set value = excluded.value where reading.value <> excluded.value`,
        [metric],
      );
      await loader.query(
        `insert into app.sensor_latest as l (sensor, metric, at, value)
         select distinct on (sensor) sensor, $1, at, ${column} from next_reading where ${column} is not null
         order by sensor, at desc
         on conflict (sensor, metric) do update set at = excluded.at, value = excluded.value where excluded.at >= l.at`,
        [metric],
      );
    }
    await loader.query(
      `update app.load set status = 'published', finished_at = now(), rows_in = $2, rows_accepted = $3, rows_quarantined = $4
       where load_id = $1`,
      [load, rows.in, rows.accepted, rows.quarantined],
    );
    await loader.commit();
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

function writeReading(rows: BinaryRows, layer: Layer, { values }: CheckedRow): void {
  rows.startRow(COLUMNS.length);
  rows.text(sensorId(layer.id, String(values[1])));
  rows.timestamptz(instantOf(values[2] as number, 'datetime'));
  for (let i = 0; i < VALUES.length; i += 1) {
    const value = values[HEAD + i];
    rows.float8(typeof value === 'number' ? value : null);
  }
}
