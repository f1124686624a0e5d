import { constants, deflateRawSync } from 'node:zlib';
import { formatCursor, type Cursor } from './cursor.ts';
import type { LogEntry } from './log.ts';

/** One piece of an HTTP/1.1 chunked body. */
function chunk(body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n')]);
}

/** Starts a gzip stream; written once per connection. */
export const GZIP_HEADER = chunk(Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]));
/** Ends a chunked body. */
export const LAST_CHUNK = Buffer.from('0\r\n\r\n');

/**
 * A piece of the event stream, made once for everybody who gets it. Both encodings are HTTP chunks ready for the
 * socket. The gzip one is a deflate block closed by a full flush: byte-aligned and without references to what came
 * before, so it continues any gzip stream and a client may join at any frame.
 */
export class Frame {
  readonly #text: string;
  #plain: Buffer | undefined;
  #gzip: Buffer | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  get plain(): Buffer {
    return (this.#plain ??= chunk(Buffer.from(this.#text)));
  }

  get gzip(): Buffer {
    return (this.#gzip ??= chunk(deflateRawSync(this.#text, { level: 1, finishFlush: constants.Z_FULL_FLUSH })));
  }
}

/** Entries of the log as a `LiveFrame` message; `cursor` is where the reader stands after it. */
export function eventFrame(cursor: Cursor, entries: readonly LogEntry[]): Frame {
  const events = entries.map((entry) => entry.json).join(',');
  return new Frame(`id: ${formatCursor(cursor)}\ndata: {"pushedAt":${Date.now()},"events":[${events}]}\n\n`);
}

/** First words on a connection: what follows starts after `cursor`. */
export function helloFrame(cursor: Cursor): Frame {
  return named('hello', cursor, { cursor: formatCursor(cursor) }, 'retry: 1000\n');
}

/** Says that nothing was missed up to `cursor`. Named, since a page cannot see a message that is only an id. */
export function heartbeatFrame(cursor: Cursor): Frame {
  return named('hb', cursor, { cursor: formatCursor(cursor), now: Date.now() });
}

/** Says that entries were missed for good: load a snapshot and follow from its cursor. */
export function resetFrame(cursor: Cursor): Frame {
  return named('reset', cursor, { cursor: formatCursor(cursor) }, 'retry: 1000\n');
}

function named(event: string, cursor: Cursor, data: object, before = ''): Frame {
  return new Frame(`${before}id: ${formatCursor(cursor)}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}
