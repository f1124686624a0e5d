import http from 'node:http';
import type { IncidentInput } from '../../server/contract/incidents.ts';
import { categories } from '../../server/incidents/categories.ts';
import { squareExtent } from '../support/square-grids.ts';
import { HelperProcess } from './live-processes/helper-process.ts';
import type { ScreensAnswer, ScreensJob } from './live-processes/screens.ts';
import type { SenderAnswer, SenderJob } from './live-processes/sender.ts';
import { cpuOf } from './process-cpu.ts';

const agent = new http.Agent({ keepAlive: true, maxSockets: 128 });
let made = 0;

/** An incident of any kind anywhere in the squares. The key ends with when it was due, ms since 1970. */
export function makeInput(run: string, due: number): IncidentInput {
  const number = made++;
  const [minLon, minLat, maxLon, maxLat] = squareExtent;
  const category = categories[(number * 97) % categories.length]!;
  return {
    key: `${run}-${number}-${due}`,
    source: run,
    category: category.code,
    title: `${category.title.zh} ${number}`,
    severity: number % 5,
    lon: minLon + ((number * 0.7548) % 1) * (maxLon - minLon),
    lat: (minLat + maxLat) / 2 + 0.001 + ((number * 0.5698) % 1) * (maxLat - minLat) * 0.49,
    occurredAt: new Date(due).toISOString(),
  };
}

/** One POST; the status of the answer. */
export function post(url: string, body: unknown): Promise<number> {
  return new Promise((resolve, reject) => {
    const payload = JSON.stringify(body);
    const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(payload) };
    const request = http.request(url, { method: 'POST', agent, headers }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0));
    });
    request.on('error', reject).end(payload);
  });
}

export interface SteadyResult {
  /** ms from the time a report was due to its acknowledgement. */
  acks: number[];
  seconds: number;
}

/** Reports one by one at a steady rate. Times count from when a report was due, not from when we got round to it. */
export async function sendSteadily(job: {
  url: string;
  run: string;
  rate: number;
  seconds: number;
}): Promise<SteadyResult> {
  const { url, run, rate, seconds } = job;
  const acks: number[] = [];
  const open = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const start = Date.now();
  for (let i = 0; i < rate * seconds && failures.length === 0; i++) {
    const at = Math.round(start + (i * 1000) / rate);
    if (at > Date.now()) await new Promise((resolve) => setTimeout(resolve, at - Date.now()));
    const sent: Promise<void> = post(`${url}/api/incidents`, makeInput(run, at))
      .then((status) => {
        if (status !== 201) throw new Error(`${url} answered ${status}`);
        acks.push(Date.now() - at);
      })
      .catch((cause: unknown) => void failures.push(cause))
      .finally(() => open.delete(sent));
    open.add(sent);
  }
  await Promise.all(open);
  if (failures.length > 0) throw failures[0];
  return { acks, seconds: (Date.now() - start) / 1000 };
}

export interface FullResult {
  acknowledged: number;
  seconds: number;
}

/** `inFlight` requests of `size` incidents at any time. */
export async function sendFull(job: {
  url: string;
  run: string;
  inFlight: number;
  size: number;
  seconds: number;
}): Promise<FullResult> {
  const { url, run, inFlight, size, seconds } = job;
  const start = Date.now();
  let acknowledged = 0;
  const worker = async (): Promise<void> => {
    while (Date.now() - start < seconds * 1000) {
      const inputs = Array.from({ length: size }, () => makeInput(run, Date.now()));
      const status =
        size === 1
          ? await post(`${url}/api/incidents`, inputs[0])
          : await post(`${url}/api/incidents/batch`, { incidents: inputs });
      if (status === 201 || status === 200) acknowledged += size;
      else if (status !== 429) throw new Error(`${url} answered ${status}`);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  return { acknowledged, seconds: (Date.now() - start) / 1000 };
}

export interface SteadyLoad extends ScreensAnswer {
  acks: number[];
  /** Cores used: by the service, by who reports, by the screens. */
  cores: number;
  senderCores: number;
  screenCores: number;
  seconds: number;
}

/** Who reports and who looks on, each in a process of its own. */
export class Company {
  readonly #sender = new HelperProcess<SenderJob, SenderAnswer>('sender');
  readonly #screens = new HelperProcess<ScreensJob, ScreensAnswer>('screens');

  /** Reports at a steady rate while `screens` follow; `probes` of them read what they get. */
  async steady(
    { url, pid }: { url: string; pid: number },
    { rate, seconds, screens, probes = 10 }: { rate: number; seconds: number; screens: number; probes?: number },
  ): Promise<SteadyLoad> {
    const run = name('steady');
    await this.#screens.ask({ kind: 'open', url, run, screens, probes });
    const cpu = cpuOf(pid);
    const sent = (await this.#sender.ask({ kind: 'steady', url, run, rate, seconds })) as SteadyResult & {
      cpu: number;
    };
    const cores = (cpuOf(pid) - cpu) / sent.seconds;
    const seen = await this.#screens.ask({ kind: 'count', expected: sent.acks.length });
    return {
      ...seen,
      acks: sent.acks,
      seconds: sent.seconds,
      cores,
      senderCores: sent.cpu / sent.seconds,
      screenCores: seen.busySeconds / sent.seconds,
    };
  }

  /** Acknowledged incidents per second with `inFlight` requests of `size` incidents at any time, and cores used. */
  async full(
    { url, pid }: { url: string; pid: number },
    { inFlight, size, seconds }: { inFlight: number; size: number; seconds: number },
  ): Promise<{ rate: number; cores: number; senderCores: number; seconds: number; acknowledged: number }> {
    const cpu = cpuOf(pid);
    const job: SenderJob = { kind: 'full', url, run: name('full'), inFlight, size, seconds };
    const sent = (await this.#sender.ask(job)) as FullResult & { cpu: number };
    return {
      rate: sent.acknowledged / sent.seconds,
      cores: (cpuOf(pid) - cpu) / sent.seconds,
      senderCores: sent.cpu / sent.seconds,
      seconds: sent.seconds,
      acknowledged: sent.acknowledged,
    };
  }

  close(): void {
    this.#sender.close();
    this.#screens.close();
  }
}

function name(kind: string): string {
  return `${kind}-${Math.random().toString(36).slice(2, 8)}`;
}
