import { join } from 'node:path';
import type { Layer } from '../../layers/define.ts';
import type { Database } from '../../server/db/connect.ts';
import { loadLayer } from '../load-layer.ts';
import { loadSeries } from '../series/load-series.ts';
import { emptyReport, hasFailed, type LoadReport } from '../report.ts';
import { LoadSession } from '../session.ts';
import { writeReport } from '../write-report.ts';
import { findDelivery } from './look.ts';

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
  const session = new LoadSession(db);
  const liveLoad = await session.versionOf(id);
  // Before the load: what is delivered meanwhile has another mark and is loaded next.
  const { hasFile, mark } = await findDelivery(layer, dir, liveLoad !== null);
  let report: LoadReport;
  try {
    report =
      !hasFile && mark !== null ? readingsAlone(layer, liveLoad) : await loadLayer(session, layer, path, { scale });
    if (layer.series !== undefined && report.status !== 'failed') {
      const series = await loadSeries(session, layer, join(dir, layer.series.file));
      if (series) report.series = series;
    }
  } finally {
    await session.close();
  }
  if (options.reportDir !== undefined) await writeReport(report, options.reportDir);
  const failure = report.error ?? report.series?.error ?? null;
  const error = failure === null ? null : `${failure.code}: ${failure.text.en}`;
  const isPassing = failure !== null && PASSING.includes(failure.code);
  await db.sql`insert into app.schedule (layer_id, file, mark, attempted_at, load_id, status, error)
    values (${id}, ${layer.source.file}, ${isPassing ? null : mark}, now(), ${report.load},
      ${isPassing ? 'retrying' : hasFailed(report) ? 'failed' : report.status}, ${error})
    on conflict (layer_id) do update set file = excluded.file, mark = excluded.mark, attempted_at = now(),
      load_id = excluded.load_id, status = excluded.status, error = excluded.error`;
  if (isPassing) throw new TryAgain(error ?? '');
  return report;
}

/** The report of a delivery of readings to a layer that stays as it is. */
function readingsAlone(layer: Layer, load: number | null): LoadReport {
  const now = new Date();
  return {
    ...emptyReport(layer.id, layer.title, now),
    load,
    status: 'unchanged',
    finishedAt: now.toISOString(),
    notes: ['只交付了读数，图层不变 only readings were delivered; the layer stays as it is'],
  };
}
