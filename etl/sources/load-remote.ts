import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Layer } from '../../layers/define.ts';
import { LoadError } from '../errors.ts';
import { type LayerLoadOptions, loadLayer } from '../load-layer.ts';
import type { LoadReport } from '../report.ts';
import type { LoadSession } from '../session.ts';
import { type HttpLimits, shownUrl } from './http.ts';
import { fetchRemote, readSourceState, writeSourceState } from './remote.ts';
import { nameSource, unchangedReport } from './remote-report.ts';

/**
 * Loads a layer whose definition names an address. Like `loadLayer` it never throws for what is wrong with the source;
 * a source that has not changed is not loaded again.
 */
export async function loadRemote(
  session: LoadSession,
  layer: Layer,
  url: string,
  options: LayerLoadOptions,
  limits: HttpLimits = {},
): Promise<LoadReport> {
  const { db } = session;
  const dir = await mkdtemp(join(tmpdir(), 'one-map-download-'));
  try {
    const got = await fetchRemote(url, dir, limits, await readSourceState(db, layer.id));
    if (got.isUnchanged) return unchangedReport(layer.id, layer.title, shownUrl(url));
    const report = await loadLayer(session, layer, got.path, options);
    await nameSource(db, report, shownUrl(url));
    if (report.status === 'published') await writeSourceState(db, layer.id, got.state);
    return report;
  } catch (error) {
    if (!(error instanceof LoadError)) throw error;
    const report = unchangedReport(layer.id, layer.title, shownUrl(url));
    const failure = `${error.code}: ${error.text.en}`;
    const [row] = await db.sql<{ load_id: number }[]>`
      insert into app.load (layer_id, source_file, status, finished_at, error)
      values (${layer.id}, ${shownUrl(url)}, 'failed', now(), ${failure}) returning load_id`;
    return {
      ...report,
      load: row?.load_id ?? null,
      status: 'failed',
      notes: [],
      error: { code: error.code, text: error.text },
    };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
