import type { IncidentBatchReceipt, IncidentInput, IncidentReceipt } from '../../server/contract/incidents.ts';
import { squareExtent } from '../support/square-grids.ts';

/** Requests under way at once; more wait, as they would in the queues of reporting systems. */
const CONCURRENCY = 64;

/** Reporting systems that never give up: every report is repeated, on any process, until one acknowledges it. */
export class Writers {
  readonly #urls: readonly string[];
  /** Key -> id, as acknowledged. */
  readonly acknowledged = new Map<string, number>();
  /** Ids whose closing was acknowledged. */
  readonly closed = new Set<number>();
  readonly started = { reports: 0, closings: 0 };
  /** Requests without an answer or with a failure: the report may have been stored all the same. */
  ambiguous = 0;
  /** Reports whose answer says that the key was known: an earlier attempt had been stored. */
  foundStored = 0;
  /** Things that must never happen. */
  readonly violations: string[] = [];
  readonly #open = new Set<Promise<void>>();
  #stopped = false;

  constructor(urls: readonly string[]) {
    this.#urls = urls;
  }

  /** Reports up to `rate` incidents a second until {@link stop}: singly and in batches, and closes one in ten. */
  async run(rate: number): Promise<void> {
    const start = performance.now();
    while (!this.#stopped) {
      const due = ((performance.now() - start) / 1000) * rate;
      while (this.started.reports < due && this.#open.size < CONCURRENCY) {
        const size = this.started.reports % 10 < 6 ? 1 : 4;
        const inputs = Array.from({ length: size }, () => this.#make());
        this.#track(this.#report(inputs));
      }
      await new Promise((done) => setTimeout(done, 5));
    }
  }

  /** Fulfilled when everything reported has been acknowledged. */
  async stop(): Promise<void> {
    this.#stopped = true;
    while (this.#open.size > 0) await Promise.all(this.#open);
  }

  #track(work: Promise<void>): void {
    this.#open.add(work);
    void work.finally(() => this.#open.delete(work));
  }

  #make(): IncidentInput {
    const number = this.started.reports++;
    const [minLon, minLat, maxLon, maxLat] = squareExtent;
    // The northern half is whole.
    return {
      key: `chaos-${number}`,
      source: 'chaos',
      category: '06010',
      title: `暴露垃圾 ${number}`,
      severity: number % 5,
      lon: minLon + ((number * 0.7548) % 1) * (maxLon - minLon),
      lat: (minLat + maxLat) / 2 + 0.001 + ((number * 0.5698) % 1) * (maxLat - minLat) * 0.49,
      occurredAt: new Date().toISOString(),
    };
  }

  async #report(inputs: IncidentInput[]): Promise<void> {
    const single = inputs.length === 1;
    const path = single ? '/api/incidents' : '/api/incidents/batch';
    const answer = await this.#post(path, single ? inputs[0] : { incidents: inputs });
    const batch = answer as IncidentBatchReceipt;
    if (!single && batch.rejected.length > 0) this.violations.push(`rejected: ${JSON.stringify(batch.rejected[0])}`);
    const receipts = single ? [answer as IncidentReceipt] : batch.receipts;
    for (const { key, id, isNew } of receipts) {
      if (this.acknowledged.has(key)) this.violations.push(`${key} acknowledged twice`);
      this.acknowledged.set(key, id);
      if (!isNew) this.foundStored += 1;
      if (id % 10 === 0) {
        this.started.closings += 1;
        this.#track(this.#close(id));
      }
    }
  }

  async #close(id: number): Promise<void> {
    await this.#post(`/api/incidents/${id}/close`, undefined);
    this.closed.add(id);
  }

  async #post(path: string, body: unknown): Promise<unknown> {
    for (let attempt = 0; ; attempt++) {
      const url = this.#urls[Math.floor(Math.random() * this.#urls.length)] as string;
      try {
        const answer = await fetch(url + path, {
          method: 'POST',
          signal: AbortSignal.timeout(20_000),
          ...(body === undefined
            ? {}
            : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
        });
        const text = await answer.text();
        if (answer.ok) return JSON.parse(text);
        if (answer.status !== 429 && answer.status !== 503) this.violations.push(`${path}: ${answer.status} ${text}`);
      } catch {
        // Killed under our hands: nobody knows whether it was stored.
      }
      this.ambiguous += 1;
      await new Promise((done) => setTimeout(done, Math.min(1000, 50 * 2 ** attempt) * (0.5 + Math.random())));
    }
  }
}
