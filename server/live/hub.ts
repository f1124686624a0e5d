import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Sql } from '../db/connect.ts';
import { catchUp } from './catch-up.ts';
import { isInTopic, LiveClient, type Topic } from './client.ts';
import { formatCursor, type Cursor } from './cursor.ts';
import { frameInterval } from './frame-interval.ts';
import { eventFrame, heartbeatFrame, helloFrame, resetFrame } from './frame.ts';
import type { LogEntry } from './log.ts';
import { withDefaults, type HubOptions, type HubSettings, type HubStats } from './options.ts';
import { pruneHourly } from './prune.ts';
import { acceptStream, type StreamRequest } from './request.ts';
import { Ring } from './ring.ts';
import { Tail } from './tail.ts';

/**
 * Follows the live log and hands it to every open event stream: one frame per topic and interval, serialised and
 * compressed once. Stands in front of Hono, whose middlewares would break streams it did not make.
 */
export class Hub {
  readonly settings: HubSettings;
  readonly sql: Sql;
  readonly counts = { frames: 0, parked: 0, resets: 0, killed: 0, resumedFromRing: 0, resumedFromTable: 0 };
  ring = new Ring(0);
  /** Everything up to here has been handed to the clients that are live. */
  sent: Cursor = { epoch: '', id: 0 };
  #since = Date.now();
  readonly #tail: Tail;
  readonly #topics = new Map<string, { topic: Topic; clients: Set<LiveClient> }>();
  readonly #requests = new Map<LiveClient, IncomingMessage>();
  #timers: NodeJS.Timeout[] = [];
  /** ms that a frame takes to be made and written to everybody, lately. */
  #flushCost = 0;

  constructor(sql: Sql, options: HubOptions) {
    this.sql = sql;
    this.settings = withDefaults(options);
    this.#tail = new Tail(sql, {
      pollMs: this.settings.pollMs,
      // So often there are frames: what is read is sent at once.
      restMs: () => frameInterval(this.#flushCost, this.settings),
      onEntries: (entries) => {
        this.ring.push(entries);
        this.#flush(entries);
      },
      onNewEpoch: (head) => {
        this.#startFrom(head);
        // They come back with a cursor of the old epoch, which is answered with a reset.
        for (const client of this.#requests.keys()) client.destroy();
      },
    });
  }

  async start(): Promise<void> {
    this.#startFrom(await this.#tail.start());
    const { flushMs, heartbeatMs } = this.settings;
    this.#timers = [
      setInterval(() => this.#settleAhead(), flushMs),
      setInterval(() => this.#heartbeat(), heartbeatMs),
      pruneHourly(this.sql, this.settings.keepHours),
    ];
    this.#tail.wake();
  }

  #startFrom(head: Cursor): void {
    this.ring = new Ring(head.id);
    this.sent = head;
    this.#since = Date.now();
  }

  /** Answers `GET /api/live`: an endless event stream. */
  handle(request: IncomingMessage, response: ServerResponse): void {
    const accepted = acceptStream(request, response, this.settings.authorize);
    if (accepted) this.#join(request, response, accepted);
  }

  #join(request: IncomingMessage, response: ServerResponse, { socket, topic, gzip, cursor }: StreamRequest): void {
    const client = new LiveClient(socket, topic, gzip, typeof cursor === 'object' ? cursor.id : this.sent.id);
    const key = `${topic.role} ${topic.town ?? ''}`;
    const entry = this.#topics.get(key) ?? { topic, clients: new Set() };
    this.#topics.set(key, entry);
    entry.clients.add(client);
    this.#requests.set(client, request);
    response.on('close', () => {
      client.closed = true;
      entry.clients.delete(client);
      this.#requests.delete(client);
      if (entry.clients.size === 0 && this.#topics.get(key) === entry) this.#topics.delete(key);
    });
    if (cursor === 'invalid' || (cursor && cursor.epoch !== this.sent.epoch)) this.reset(client);
    else client.write(helloFrame({ epoch: this.sent.epoch, id: client.cursor }));
    this.resume(client);
  }

  /** Brings a client to where the hub is, from wherever its cursor stands. */
  resume(client: LiveClient): void {
    client.state = client.cursor > this.sent.id ? 'ahead' : 'catchup';
    if (client.state === 'catchup') void catchUp(this, client);
  }

  /** Tells a client that it has to load a snapshot, and goes on from the present. */
  reset(client: LiveClient): boolean {
    this.counts.resets += 1;
    client.cursor = this.sent.id;
    return client.write(resetFrame(this.sent));
  }

  #flush(entries: readonly LogEntry[]): void {
    const began = performance.now();
    const cursor = { epoch: this.sent.epoch, id: entries.at(-1)?.id ?? this.sent.id };
    for (const { topic, clients } of this.#topics.values()) {
      const wanted = entries.filter((entry) => isInTopic(topic, entry));
      const frame = wanted.length > 0 ? eventFrame(cursor, wanted) : undefined;
      for (const client of clients) if (client.state === 'live') this.#send(client, frame, cursor.id);
    }
    this.sent = cursor;
    this.ring.trim(this.settings.ringSize, cursor.id);
    this.#flushCost += (performance.now() - began - this.#flushCost) / 4;
  }

  /** Those who have seen more than this process wait until it has seen it, too, or their cursor counts as wrong. */
  #settleAhead(): void {
    for (const client of this.#requests.keys()) {
      if (client.state !== 'ahead') continue;
      if (client.cursor > this.sent.id && Date.now() - client.connectedAt > this.settings.aheadMs) this.reset(client);
      if (client.cursor <= this.sent.id) this.resume(client);
    }
  }

  #send(client: LiveClient, frame: ReturnType<typeof eventFrame> | undefined, cursor: number): void {
    if (client.queuedBytes > this.settings.highWater) {
      this.counts.parked += 1;
      client.state = 'parked';
      void client.drained().then(() => client.closed || this.resume(client));
      return;
    }
    if (frame) {
      client.write(frame);
      this.counts.frames += 1;
    }
    client.cursor = cursor;
  }

  #heartbeat(): void {
    const frame = heartbeatFrame(this.sent);
    for (const [client, request] of this.#requests) {
      if (!this.#isStillAllowed(client, request)) client.end();
      else if (client.stalledSince > 0 && Date.now() - client.stalledSince > this.settings.stallMs) {
        this.counts.killed += 1;
        client.destroy();
      } else if (client.state === 'live' && client.queuedBytes <= this.settings.highWater) client.write(frame);
    }
  }

  #isStillAllowed(client: LiveClient, request: IncomingMessage): boolean {
    try {
      return this.settings.authorize(request) === client.topic.role;
    } catch {
      return false;
    }
  }

  stats(): HubStats {
    const states = { catchup: 0, live: 0, parked: 0, ahead: 0 };
    let queuedBytes = 0;
    for (const client of this.#requests.keys()) {
      states[client.state] += 1;
      queuedBytes += client.queuedBytes;
    }
    return {
      clients: this.#requests.size,
      states,
      cursor: formatCursor(this.sent),
      since: this.#since,
      ring: this.ring.length,
      queuedBytes,
      ...this.counts,
      error: this.#tail.error === null ? null : String(this.#tail.error),
    };
  }

  /** Stops following and ends every stream, spread over `spreadMs` so that the clients do not all come back at once. */
  async close(spreadMs = 0): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.#tail.close();
    for (const client of this.#requests.keys()) {
      if (spreadMs === 0) client.end();
      else setTimeout(() => client.end(), Math.random() * spreadMs);
    }
  }
}

/** A hub that follows the live log of this database; see {@link Hub.handle}. */
export async function createHub(db: { sql: Sql }, options: HubOptions): Promise<Hub> {
  const hub = new Hub(db.sql, options);
  await hub.start();
  return hub;
}
