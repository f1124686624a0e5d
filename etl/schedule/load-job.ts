import { join } from 'node:path';
import type { Layer } from '../../layers/define.ts';
import type { Database } from '../../server/db/connect.ts';
import { loadLayer } from '../load-layer.ts';
import { loadSeries } from '../series/load-series.ts';
import type { LoadReport } from '../report.ts';
import { LoadSession } from '../session.ts';
import { writeReport } from '../write-report.ts';
import { markOf } from './look.ts';

export interface LoadJobOptions {
  db: Database;
  /** Layers that are scheduled. */
  layers: readonly Layer[];
  dir: string;
  scale: number;
  reportDir?: string | undefined;
}

/** A load that failed for a reason that may pass by itself. Thrown, it makes the queue try again, later and later. */
export class TryAgain extends Error {
  override readonly name = 'TryAgain';
}

/**
 * Failures that the same file may not have the next time: another process loads the layer, the file is still being
 * copied, the database was away. Everything else is the file's fault and is tried again when there is another file.
 */
const PASSING: readonly string[] = ['BUSY', 'INTERNAL', 'FILE_NOT_FOUND', 'EMPTY_FILE', 'TRUNCATED_ARCHIVE'];

/**
 * Loads one layer for the queue and notes what came of it. May be killed anywhere: what was not noted is done again,
 * and finds the live version unchanged if it was published before.
 * @throws TryAgain
 */
export async function runLoadJob(options: LoadJobOptions, id: string): Promise<LoadReport | null> {
  const { db, dir, layers, scale } = options;
  const layer = layers.find((known) => known.id === id);
  // Left in the queue by an earlier definition of the catalogue.
  if (!layer) return null;
  const path = join(dir, layer.source.file);
  // Before the load: what is delivered meanwhile has another mark and is loaded next.
  const mark = await markOf(path);
  const session = new LoadSession(db);
  let report: LoadReport;
  try {
    report = await loadLayer(session, layer, path, { scale });
    if (layer.series !== undefined && report.status !== 'failed') {
      const series = await loadSeries(session, layer, join(dir, layer.series.file));
      if (series) report.series = series;
    }
  } finally {
    await session.close();
  }
  if (options.reportDir !== undefined) await writeReport(report, options.reportDir);
  const error = report.error === null ? null : `${report.error.code}: ${report.error.text.en}`;
  const isPassing = report.error !== null && PASSING.includes(report.error.code);
  await db.sql`insert into app.schedule (layer_id, file, mark, attempted_at, load_id, status, error)
    values (${id}, ${layer.source.file}, ${isPassing ? null : mark}, now(), ${report.load},
      ${isPassing ? 'retrying' : report.status}, ${error})
    on conflict (layer_id) do update set file = excluded.file, mark = excluded.mark, attempted_at = now(),
      load_id = excluded.load_id, status = excluded.status, error = excluded.error`;
  if (isPassing) throw new TryAgain(error ?? '');
  return report;
}
