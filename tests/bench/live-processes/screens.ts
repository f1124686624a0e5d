import { connect, type Socket } from 'node:net';
import type { LiveEvent } from '../../../server/contract/live.ts';
import { EventStream, until } from '../../support/event-stream.ts';
import { serveJobs } from './helper-process.ts';

/** `open` opens screens that look at the incidents of one run; `count` closes them and says what they saw. */
export type ScreensJob =
  | { kind: 'open'; url: string; run: string; screens: number; probes: number }
  | { kind: 'count'; expected: number };

export interface ScreensAnswer {
  /** ms from the time a report was due (its key says so) to its sight on a screen, of all probes. */
  latencies: number[];
  /** ms from the time a report was due to its receipt by the service, of one probe. */
  receipts: number[];
  /** Sights that are missing, and incidents seen twice, over all probes. */
  lost: number;
  twice: number;
  megabytes: number;
  /** Seconds of CPU of this process since the screens were open. */
  busySeconds: number;
}

let run = '';
let probes: { stream: EventStream; seen: Map<string, number> }[] = [];
let others: Socket[] = [];
let bytes = 0;
let twice = 0;
let receipts: number[] = [];
let openedAt = process.cpuUsage();

/** Where every screen that only takes bytes puts them: reading costs no memory of its own. */
const buffer = Buffer.alloc(256 * 1024);

/** A screen that takes what it is sent, compressed as browsers ask for it, and looks at none of it. */
function openOther(url: URL): Socket {
  const socket = connect({
    host: url.hostname,
    port: Number(url.port),
    onread: {
      buffer,
      callback: (size) => {
        bytes += size;
        return true;
      },
    },
  });
  socket.on('error', () => undefined);
  socket.write(`GET /api/live HTTP/1.1\r\nHost: ${url.host}\r\nAccept-Encoding: gzip\r\n\r\n`);
  return socket;
}

const dueOf = (key: string): number => Number(key.slice(key.lastIndexOf('-') + 1));

function openProbe(url: string, isFirst: boolean): { stream: EventStream; seen: Map<string, number> } {
  const seen = new Map<string, number>();
  const onEvent = (event: LiveEvent): void => {
    if (event.type !== 'incident.created' || event.incident.source !== run) return;
    const { key, receivedAt } = event.incident;
    if (seen.has(key)) twice += 1;
    seen.set(key, Date.now() - dueOf(key));
    if (isFirst) receipts.push(Date.parse(receivedAt) - dueOf(key));
  };
  return { stream: new EventStream(url, { keep: false, gzip: true, onEvent }), seen };
}

async function open(job: ScreensJob & { kind: 'open' }): Promise<ScreensAnswer> {
  ({ run } = job);
  [bytes, twice, receipts, probes, others] = [0, 0, [], [], []];
  // Those who look are spread over all: the service writes to screens in the order in which they came.
  const every = Math.max(1, Math.floor(job.screens / job.probes));
  for (let number = 0; number < job.screens; number++) {
    if (number % every === 0 && probes.length < job.probes) probes.push(openProbe(job.url, probes.length === 0));
    else others.push(openOther(new URL(job.url)));
    if (number % 50 === 49) await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await until('the screens', () => probes.every(({ stream }) => stream.named.includes('hello')), 60_000);
  openedAt = process.cpuUsage();
  return { latencies: [], receipts: [], lost: 0, twice: 0, megabytes: 0, busySeconds: 0 };
}

async function count(expected: number): Promise<ScreensAnswer> {
  await until('every screen', () => probes.every(({ seen }) => seen.size >= expected), 20_000).catch(() => undefined);
  const { user, system } = process.cpuUsage(openedAt);
  for (const { stream } of probes) stream.close();
  for (const socket of others) socket.destroy();
  const latencies = probes.flatMap(({ seen }) => [...seen.values()]);
  return {
    latencies,
    receipts,
    lost: expected * probes.length - latencies.length,
    twice,
    megabytes: bytes / 1e6,
    busySeconds: (user + system) / 1e6,
  };
}

serveJobs<ScreensJob, ScreensAnswer>((job) => (job.kind === 'open' ? open(job) : count(job.expected)));
