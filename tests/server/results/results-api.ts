import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../../server/db/connect.ts';
import { createEtlProcess } from '../../../server/etl-process.ts';
import { removeUserLayer } from '../../../server/queries/user-layers.ts';
import type { ResultJob } from '../../../server/results/contract.ts';
import { testTarget } from '../../support/database.ts';
import { STAFF, testApi, type TestApi } from '../api-fixture.ts';

export interface ResultsApi {
  api: TestApi;
  dataDir: string;
  /** Waits until a job is over. Its layer is removed with the others in the end. */
  finished(job: ResultJob): Promise<ResultJob>;
  /** A layer that is to be removed in the end. */
  forget(layer: string): void;
  close(): Promise<void>;
}

/** An API that makes layers of results, with a folder of its own. */
export async function resultsApi(db: Database): Promise<ResultsApi> {
  const made = new Set<string>();
  const dataDir = await mkdtemp(join(tmpdir(), 'onemap-results-'));
  const { url, dataDir: embedded } = testTarget();
  const environment = { DATABASE_URL: url ?? '', ...(embedded === undefined ? {} : { DATA_DIR: embedded }) };
  const api = testApi(db, {
    dataDir,
    etl: createEtlProcess({ root: resolve(import.meta.dirname, '../../..'), environment }),
    exports: { maxRows: 100_000, maxDiskMb: 64, gdal: null },
  });
  return {
    api,
    dataDir,
    async finished(job) {
      made.add(job.layer);
      for (;;) {
        const now = (await (await api.get(`/api/analysis/jobs/${job.id}`, STAFF)).json()) as ResultJob;
        if (!['waiting', 'running'].includes(now.state)) return now;
        await sleep(100);
      }
    },
    forget: (layer) => void made.add(layer),
    async close() {
      for (const id of made) await db.sql.begin((tx) => removeUserLayer(tx, id));
      await api.close();
      await rm(dataDir, { recursive: true });
    },
  };
}
