import http from 'node:http';
import { constants, createGunzip } from 'node:zlib';
import type { LiveEvent, LiveFrame } from '../../server/contract/live.ts';

export interface EventStreamOptions {
  /** Follow this town only, 12-digit code. */
  town?: string;
  /** Cursor to start after; the present when left out. */
  since?: string;
  /** Ask for gzip. */
  gzip?: boolean;
  /** Come back with the cursor when the connection is lost. */
  reconnect?: boolean;
  headers?: Record<string, string>;
  /** Keep the events; switch off for long runs that only look at `onEvent`. */
  keep?: boolean;
  onEvent?(event: LiveEvent, frame: LiveFrame): void;
}

/** A reader of `/api/live` as a browser is one: remembers the id of the last message and resumes from it. */
export class EventStream {
  readonly #base: string;
  readonly #options: EventStreamOptions;
  #request: http.ClientRequest | undefined;
  #response: http.IncomingMessage | undefined;
  #generation = 0;
  #closed = false;
  cursor: string;
  status = 0;
  body = '';
  readonly events: LiveEvent[] = [];
  /** Names of the named events received, in order. */
  readonly named: string[] = [];
  connections = 0;

  constructor(base: string, options: EventStreamOptions = {}) {
    this.#base = base;
    this.#options = options;
    this.cursor = options.since ?? '';
    this.#connect();
  }

  #connect(): void {
    const generation = ++this.#generation;
    const url = new URL('/api/live', this.#base);
    if (this.#options.town) url.searchParams.set('town', this.#options.town);
    if (this.cursor) url.searchParams.set('since', this.cursor);
    const headers = { ...this.#options.headers, 'Accept-Encoding': this.#options.gzip ? 'gzip' : 'identity' };
    const lost = (): void => {
      if (generation !== this.#generation || this.#closed || !this.#options.reconnect) return;
      this.#generation += 1;
      setTimeout(() => this.#closed || this.#connect(), 50 + Math.random() * 150);
    };
    this.#request = http.get(url, { headers, agent: false }, (response) => {
      this.#response = response;
      this.status = response.statusCode ?? 0;
      this.connections += 1;
      let text = '';
      const read = (part: string): void => {
        // What an unzip stream of a connection given up still holds must not be read after its successor.
        if (generation !== this.#generation) return;
        text += part;
        for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
          this.#message(text.slice(0, end));
          text = text.slice(end + 2);
        }
      };
      response.on('error', lost).on('close', lost);
      if (this.status !== 200) response.setEncoding('utf8').on('data', (part: string) => (this.body += part));
      else if (response.headers['content-encoding'] === 'gzip') {
        const gunzip = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH });
        gunzip.on('error', lost);
        response.pipe(gunzip).setEncoding('utf8').on('data', read);
      } else response.setEncoding('utf8').on('data', read);
    });
    this.#request.on('error', lost);
  }

  #message(text: string): void {
    const fields = Object.fromEntries(
      text.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trimStart()]),
    );
    if (fields['id']) this.cursor = fields['id'];
    if (fields['event']) this.named.push(fields['event']);
    else if (fields['data']) {
      const frame = JSON.parse(fields['data']) as LiveFrame;
      for (const event of frame.events) {
        if (this.#options.keep !== false) this.events.push(event);
        this.#options.onEvent?.(event, frame);
      }
    }
  }

  /** Stops taking bytes from the socket, as a screen that hangs does. */
  pause(): void {
    this.#response?.socket.pause();
  }

  resume(): void {
    this.#response?.socket.resume();
  }

  /** Breaks the connection without a goodbye; comes back when `reconnect` is set. */
  drop(): void {
    this.#response?.socket.destroy();
  }

  close(): void {
    this.#closed = true;
    this.#generation += 1;
    this.#request?.destroy();
  }
}

/** Waits until `condition` holds; fails with `what` after `timeout` ms. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeout = 10_000,
): Promise<void> {
  const end = Date.now() + timeout;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`still waiting after ${timeout} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
