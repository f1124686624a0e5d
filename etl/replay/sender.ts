import { setTimeout as pause } from 'node:timers/promises';

/** An incident as the API takes it (`IncidentInput` of its contract). */
export interface Report {
  key: string;
  source: string;
  category: string;
  title: string;
  severity: number;
  lon: number;
  lat: number;
  occurredAt: string;
}

interface BatchReceipt {
  accepted: number;
  duplicates: number;
  receipts: { id: number; key: string; isNew: boolean }[];
  rejected: { index: number; code: string; message: string }[];
}

export interface SenderOptions {
  /** Base of the API, e.g. `http://127.0.0.1:8080`. */
  url: string;
  headers?: Record<string, string>;
  /** ms to go on trying while the API is away or overloaded. */
  patience: number;
  /** Told once per wait. */
  onWait?(reason: string): void;
}

/** Sends batches one after the other, each again with the same keys until it is acknowledged; counts what became of it. */
export class Sender {
  readonly #options: SenderOptions;
  readonly totals = { sent: 0, stored: 0, duplicates: 0, rejected: 0, retries: 0 };
  readonly reasons = new Map<string, { count: number; example: string }>();

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /**
   * Receipts of what is stored now, new or known.
   * @throws when the API refuses the batch as a whole, or stays away longer than `patience`
   */
  async send(reports: readonly Report[]): Promise<BatchReceipt['receipts']> {
    const receipt = await this.#ask<BatchReceipt>('/api/incidents/batch', JSON.stringify({ incidents: reports }));
    this.totals.sent += reports.length;
    this.totals.stored += receipt.accepted;
    this.totals.duplicates += receipt.duplicates;
    this.totals.rejected += receipt.rejected.length;
    for (const { code, message } of receipt.rejected) {
      const reason = this.reasons.get(code) ?? { count: 0, example: message };
      this.reasons.set(code, { ...reason, count: reason.count + 1 });
    }
    return receipt.receipts;
  }

  /** Posts a body as JSON. @throws Refused, or when the API stays away */
  post<T>(path: string, body: object): Promise<T> {
    return this.#ask(path, JSON.stringify(body));
  }

  /** @throws Refused, or when the API stays away */
  get<T>(path: string): Promise<T> {
    return this.#ask(path);
  }

  async #ask<T>(path: string, body?: string): Promise<T> {
    const { url, headers, patience, onWait } = this.#options;
    const end = Date.now() + patience;
    for (let attempt = 0; ; attempt++) {
      let reason: string;
      let wait = Math.min(5000, 250 * 2 ** attempt) * (0.5 + Math.random() / 2);
      try {
        const response = await fetch(new URL(path, url), {
          method: body === undefined ? 'GET' : 'POST',
          headers: body === undefined ? { ...headers } : { ...headers, 'Content-Type': 'application/json' },
          ...(body === undefined ? {} : { body }),
          signal: AbortSignal.timeout(30_000),
        });
        if (response.status === 204) return undefined as T;
        if (response.ok) return (await response.json()) as T;
        reason = `${response.status} ${await response.text()}`;
        // Overloaded or away: the same keys may be sent again. Everything else is ours to put right.
        if (response.status !== 429 && response.status < 500) throw new Refused(`${url} refused ${path}: ${reason}`);
        wait = Math.max(wait, 1000 * (Number(response.headers.get('Retry-After')) || 0));
      } catch (error) {
        if (error instanceof Refused) throw error;
        reason = error instanceof Error ? String(error.cause ?? error) : String(error);
      }
      if (Date.now() + wait > end) throw new Error(`${url} stayed away for ${patience / 1000} s: ${reason}`);
      this.totals.retries += 1;
      if (attempt === 0) onWait?.(reason);
      await pause(wait);
    }
  }
}

/** The API understood, and said no. */
export class Refused extends Error {}
