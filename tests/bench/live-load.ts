import { readFileSync } from 'node:fs';
import http from 'node:http';
import type { IncidentInput } from '../../server/contract.ts';
import { EventStream, until } from '../support/event-stream.ts';
import { squareExtent } from '../support/square-grids.ts';

const agent = new http.Agent({ keepAlive: true, maxSockets: 128 });
let made = 0;

export function makeInput(run: string): IncidentInput {
  const number = made++;
  const [minLon, minLat, maxLon, maxLat] = squareExtent;
  return {
    key: `${run}-${number}`,
    source: run,
    category: '06010',
    title: `人行道旁有暴露垃圾 ${number}`,
    severity: number % 5,
    lon: minLon + ((number * 0.7548) % 1) * (maxLon - minLon),
    lat: (minLat + maxLat) / 2 + 0.001 + ((number * 0.5698) % 1) * (maxLat - minLat) * 0.49,
    occurredAt: new Date().toISOString(),
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

/** Screens on a server: some read what they get, the others only take the bytes, which costs this process less. */
export class Audience {
  readonly probes: EventStream[];
  readonly #rest: http.ClientRequest[];
  /** Key -> ms since 1970, per probe. */
  readonly seen: Map<string, number>[];

  /** Only incidents of this `run` are looked at. */
  constructor(url: string, run: string, count: number, probes = 10) {
    this.seen = Array.from({ length: probes }, () => new Map());
    this.probes = this.seen.map(
      (seen) =>
        new EventStream(url, {
          keep: false,
          onEvent: (event) => {
            if ('incident' in event && event.incident.source === run) seen.set(event.incident.key, Date.now());
          },
        }),
    );
    this.#rest = Array.from({ length: count - probes }, () =>
      http.get(`${url}/api/live`, { agent: false }, (response) => response.resume()).on('error', () => undefined),
    );
  }

  ready(): Promise<void> {
    return until('the screens', () => this.probes.every((probe) => probe.named.includes('hello')), 30_000);
  }

  close(): void {
    for (const probe of this.probes) probe.close();
    for (const request of this.#rest) request.destroy();
  }
}

/** Seconds of CPU a process has used. */
export function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

export interface SteadyLoad {
  /** ms from the time a report was due to its sight on a screen, every probe counted. */
  latencies: number[];
  /** ms from the time a report was due to its acknowledgement. */
  acks: number[];
  /** Cores the server used. */
  cores: number;
  lost: number;
}

/** Reports one by one at a steady rate. Times count from when a report was due, not from when we got round to it. */
export async function steady(
  url: string,
  pid: number,
  rate: number,
  seconds: number,
  screens: number,
): Promise<SteadyLoad> {
  const run = `steady-${Math.random().toString(36).slice(2, 8)}`;
  const audience = new Audience(url, run, screens);
  await audience.ready();
  const due = new Map<string, number>();
  const acks: number[] = [];
  const open: Promise<void>[] = [];
  const cpu = cpuOf(pid);
  const start = Date.now();
  for (let i = 0; i < rate * seconds; i++) {
    const at = start + (i * 1000) / rate;
    if (at > Date.now()) await new Promise((resolve) => setTimeout(resolve, at - Date.now()));
    const input = makeInput(run);
    due.set(input.key, at);
    open.push(
      post(`${url}/api/incidents`, input).then((status) => {
        if (status !== 201) throw new Error(`${url} answered ${status}`);
        acks.push(Date.now() - at);
      }),
    );
  }
  await Promise.all(open);
  const cores = (cpuOf(pid) - cpu) / ((Date.now() - start) / 1000);
  await until('every screen', () => audience.seen.every((seen) => seen.size >= due.size), 20_000).catch(
    () => undefined,
  );
  audience.close();
  const latencies = audience.seen.flatMap((seen) => [...seen].map(([key, at]) => at - (due.get(key) ?? Number.NaN)));
  return { latencies, acks, cores, lost: due.size * audience.seen.length - latencies.length };
}

/** Acknowledged incidents per second with `inFlight` requests of `size` incidents at any time. */
export async function saturate(url: string, inFlight: number, size: number, seconds: number): Promise<number> {
  const run = `full-${Math.random().toString(36).slice(2, 8)}`;
  const start = Date.now();
  let acknowledged = 0;
  const worker = async (): Promise<void> => {
    while (Date.now() - start < seconds * 1000) {
      const inputs = Array.from({ length: size }, () => makeInput(run));
      const status =
        size === 1
          ? await post(`${url}/api/incidents`, inputs[0])
          : await post(`${url}/api/incidents/batch`, { incidents: inputs });
      if (status === 201 || status === 200) acknowledged += size;
      else if (status !== 429) throw new Error(`${url} answered ${status}`);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  return acknowledged / ((Date.now() - start) / 1000);
}
