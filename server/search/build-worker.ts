/** The thread that reads the rows of layers and makes their index, one at a time; its statements are short and it pauses between them. */
import { parentPort, workerData } from 'node:worker_threads';
import { connectTo, type DatabaseAddress } from '../db/connect.ts';
import { buildSegment } from './build-segment.ts';
import { readSearchRows, type SegmentTask } from './read-search-rows.ts';
import { buffersOf, type Segment } from './segment.ts';

export interface BuildAnswer {
  /** Null: the load was replaced meanwhile. */
  segment: Segment | null;
  error: string | null;
}

if (parentPort === null) throw new Error('build-worker.ts runs as a worker thread only');
const port = parentPort;
const { address, pauseMs } = workerData as { address: DatabaseAddress; pauseMs: number };
const sql = connectTo(address, {
  max: 1,
  applicationName: 'onemap-search',
  // A thread that is ended leaves its statement behind: the server looks whether anybody still listens, ms.
  settings: { client_connection_check_interval: '1000' },
});

async function build(task: SegmentTask): Promise<void> {
  let answer: BuildAnswer;
  try {
    const rows = await readSearchRows(sql, task, pauseMs);
    answer = { segment: rows === null ? null : buildSegment(task, rows), error: null };
  } catch (error) {
    answer = { segment: null, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
  port.postMessage(answer, answer.segment === null ? [] : buffersOf(answer.segment));
}

port.on('message', (task: SegmentTask) => void build(task));
