/**
 * The thread that reads, masks and writes the rows of one export, so that none of it holds up those who look at the map.
 * Started by `exportRows`; posts `ExportEvent`s, takes `ExportOrder`s.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { isPointLike } from '../../layers/ddl.ts';
import { connectTo } from '../db/connect.ts';
import { type ExportRow, readRows, VersionGone } from './read-rows.ts';
import type { RowWriter, Sink } from './row-writer.ts';
import type { ExportEvent, ExportOrder, ExportTask } from './task.ts';
import { createCsvWriter } from './write-csv.ts';
import { createGeoJsonWriter } from './write-geojson.ts';
import { createParquetWriter } from './write-parquet.ts';
import { createXlsxWriter } from './write-xlsx.ts';

if (parentPort === null) throw new Error('export-worker.ts runs as a worker thread only');
const port = parentPort;
const task = workerData as ExportTask;
const cancelled = new AbortController();
let more: (() => void) | null = null;

port.on('message', (order: ExportOrder) => {
  if (order === 'more') {
    more?.();
    more = null;
  } else cancelled.abort(new Error('cancelled'));
});

function post(event: ExportEvent): void {
  port.postMessage(event);
}

/** One chunk is on its way at a time: a caller who reads slowly slows the reading of the database, not the memory. */
const sink: Sink = async (bytes) => {
  cancelled.signal.throwIfAborted();
  const taken = new Promise<void>((resolve) => (more = resolve));
  // Buffers may share their memory with others; a copy of its own is handed over.
  const own = new Uint8Array(bytes);
  port.postMessage({ kind: 'chunk', bytes: own } satisfies ExportEvent, [own.buffer]);
  await taken;
};

function createWriter(): RowWriter {
  const { layer, columns } = task;
  const isPoint = isPointLike(layer);
  switch (task.rows) {
    case 'csv':
      return createCsvWriter(columns, isPoint, sink);
    case 'xlsx':
      return createXlsxWriter(columns, layer.title.zh, isPoint, sink);
    case 'geojson':
    case 'geojsonseq':
      return createGeoJsonWriter(columns, layer.id, task.rows === 'geojsonseq', sink);
    case 'parquet':
      return createParquetWriter(columns, layer.geometry, sink);
  }
}

function countLonger(rows: readonly ExportRow[], limit: number): number {
  let longer = 0;
  for (const { cells } of rows) {
    for (const cell of cells) {
      if (typeof cell === 'string' && cell.length * 3 > limit && Buffer.byteLength(cell) > limit) longer++;
    }
  }
  return longer;
}

async function run(): Promise<void> {
  const sql = connectTo(task.address, {
    max: 1,
    applicationName: 'onemap-export',
    // A thread that is ended leaves its statement behind: the server looks whether anybody still listens, ms.
    settings: { client_connection_check_interval: '1000' },
  });
  let [count, unlocated, cut] = [0, 0, 0];
  try {
    const writer = createWriter();
    let hasBegun = false;
    for await (const rows of readRows(sql, task, cancelled.signal)) {
      // Not before there are rows: a statement that fails at once is answered as an error, not as a cut file.
      if (!hasBegun) await writer.begin();
      hasBegun = true;
      await writer.write(rows);
      count += rows.length;
      for (const { place } of rows) if (place === null) unlocated++;
      if (task.countOver !== null) cut += countLonger(rows, task.countOver);
      post({ kind: 'progress', rows: count, unlocated, cut });
    }
    if (!hasBegun) await writer.begin();
    await writer.end();
    post({ kind: 'end', rows: count });
  } catch (error) {
    post({
      kind: 'error',
      code: error instanceof VersionGone ? 'VERSION_GONE' : null,
      message: error instanceof Error ? (error.stack ?? error.message) : String(error),
      sqlState: String((error as { code?: unknown } | null)?.code ?? '') || null,
    });
  } finally {
    await sql.end({ timeout: 0 });
    port.close();
  }
}

void run();
