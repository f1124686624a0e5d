import type { Socket } from 'node:net';
import type { Role } from '../../layers/access.ts';
import { GZIP_HEADER, LAST_CHUNK, type Frame } from './frame.ts';
import { DISTRICT, type LogEntry } from './log.ts';

/**
 * - `catchup`: reads from ring or table up to where the hub is
 * - `live`: gets every frame as it is made
 * - `parked`: too slow; nothing is written until its socket has drained, then it catches up
 * - `ahead`: has seen more than this process (it comes from a faster one) and waits
 */
export type ClientState = 'catchup' | 'live' | 'parked' | 'ahead';

/** Which entries a client gets. */
export interface Topic {
  role: Role;
  /** 12-digit code; the whole district when undefined. */
  town: string | undefined;
}

/** True when an entry belongs to a topic; what concerns the whole district belongs to each of its towns. */
export function isInTopic(topic: Topic, entry: LogEntry): boolean {
  const isHere = topic.town === undefined || topic.town === entry.town || entry.town === DISTRICT;
  return isHere && (topic.role === 'staff' || !entry.restricted);
}

/** One open event stream: a socket we write HTTP chunks to, and the cursor its reader has. */
export class LiveClient {
  readonly topic: Topic;
  readonly #socket: Socket;
  readonly #gzip: boolean;
  state: ClientState = 'catchup';
  cursor: number;
  closed = false;
  /** ms since 1970: since when the socket takes nothing; 0 while it does. */
  stalledSince = 0;
  /** ms since 1970. */
  readonly connectedAt = Date.now();

  constructor(socket: Socket, topic: Topic, gzip: boolean, cursor: number) {
    this.#socket = socket;
    this.#gzip = gzip;
    this.topic = topic;
    this.cursor = cursor;
    if (gzip) socket.write(GZIP_HEADER);
  }

  /** Bytes handed to the socket that the kernel has not taken yet. */
  get queuedBytes(): number {
    return this.#socket.writableLength;
  }

  /** False when the socket wants a pause; wait for {@link drained} then. */
  write(frame: Frame): boolean {
    return !this.closed && this.#socket.write(this.#gzip ? frame.gzip : frame.plain);
  }

  /** Fulfilled when the socket takes bytes again, or is gone: a dead peer never drains. */
  drained(): Promise<void> {
    this.stalledSince = Date.now();
    return new Promise((resolve) => {
      const done = (): void => {
        this.stalledSince = 0;
        this.#socket.off('drain', done).off('close', done);
        resolve();
      };
      if (this.closed) done();
      else this.#socket.on('drain', done).on('close', done);
    });
  }

  /** Ends the stream politely; the reader comes back with its cursor. */
  end(): void {
    if (this.closed) return;
    this.closed = true;
    this.#socket.end(LAST_CHUNK);
  }

  destroy(): void {
    this.#socket.destroy();
  }
}
