/**
 * The live feed of a screen: snapshot, then `EventSource` from the snapshot's cursor, and whatever it takes to stay there.
 * A browser's EventSource gives up for ever after one HTTP error and cannot see a silent socket, hence the wrapper: a
 * watchdog, a generation guard against stale sockets, back-off, and a fresh snapshot when the server says `reset`.
 */
import type { IncidentSnapshot, LiveEvent, LiveFrame } from '../server/app.ts';
import { cursorId } from './situation.ts';

/** `connecting` at first; `live` while anything arrives; `stale` when the heartbeat is late; `lost` when the line is down. */
export type Connection = 'connecting' | 'live' | 'stale' | 'lost';

/** The server beats every 5 s: a missing beat is shown after 8 s, the line is opened anew after 12 s. */
export const STALE_MS = 8_000;
export const REOPEN_MS = 12_000;
const BACKOFF_MS = { first: 500, most: 10_000 };

export interface LiveHandlers {
  loadSnapshot: (signal: AbortSignal) => Promise<IncidentSnapshot>;
  /** A new beginning: everything shown before is replaced. `isGap` is false for the first one. */
  onSnapshot: (snapshot: IncidentSnapshot, isGap: boolean) => void;
  onEvents: (events: LiveEvent[], pushedAt: number, arrivedAt: number) => void;
  onConnection: (connection: Connection) => void;
}

export interface LiveFeed {
  /** Cursor reached; null before the first snapshot. */
  cursor: () => string | null;
  /** Starts again from a snapshot, e.g. when an audit found a difference. */
  restart: () => void;
  close: () => void;
}

/** Opens the feed at `url` (`/api/live`). Runs until `close`; errors are states, never exceptions. */
export function connectLive(url: string, handlers: LiveHandlers): LiveFeed {
  let cursor: string | null = null;
  let source: EventSource | null = null;
  let generation = 0;
  let backoff = BACKOFF_MS.first;
  let connection: Connection = 'connecting';
  let hadSnapshot = false;
  let snapshotAt = 0;
  let staleTimer: ReturnType<typeof setTimeout> | undefined;
  let reopenTimer: ReturnType<typeof setTimeout> | undefined;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;
  let abort = new AbortController();

  const show = (next: Connection) => {
    if (next === connection) return;
    connection = next;
    handlers.onConnection(next);
  };

  const stop = () => {
    generation += 1;
    source?.close();
    source = null;
    abort.abort();
    clearTimeout(staleTimer);
    clearTimeout(reopenTimer);
    clearTimeout(retryTimer);
  };

  const retry = (action: () => void) => {
    const wait = backoff * (0.5 + Math.random());
    backoff = Math.min(backoff * 2, BACKOFF_MS.most);
    clearTimeout(retryTimer);
    retryTimer = setTimeout(action, wait);
  };

  const begin = () => {
    stop();
    const mine = generation;
    abort = new AbortController();
    handlers
      .loadSnapshot(abort.signal)
      .then((snapshot) => {
        if (mine !== generation) return;
        cursorId(snapshot.cursor);
        cursor = snapshot.cursor;
        handlers.onSnapshot(snapshot, hadSnapshot);
        hadSnapshot = true;
        snapshotAt = Date.now();
        open();
      })
      .catch(() => {
        if (mine !== generation) return;
        show('lost');
        retry(begin);
      });
  };

  const alive = () => {
    clearTimeout(staleTimer);
    clearTimeout(reopenTimer);
    staleTimer = setTimeout(() => show('stale'), STALE_MS);
    reopenTimer = setTimeout(() => {
      show('lost');
      open();
    }, REOPEN_MS);
  };

  const open = () => {
    stop();
    const mine = generation;
    const opened = new EventSource(`${url}?since=${encodeURIComponent(cursor ?? '')}`);
    source = opened;

    const heard = () => {
      backoff = BACKOFF_MS.first;
      alive();
      show('live');
    };
    alive();

    opened.addEventListener('message', (message: MessageEvent<string>) => {
      if (mine !== generation || cursor === null) return;
      const arrivedAt = Date.now();
      heard();
      const frame = JSON.parse(message.data) as LiveFrame;
      const known = cursorId(cursor);
      const events = frame.events.filter((event) => event.id > known);
      if (message.lastEventId) cursor = message.lastEventId;
      if (events.length > 0) handlers.onEvents(events, frame.pushedAt, arrivedAt);
    });
    const beat = (message: Event) => {
      if (mine !== generation) return;
      heard();
      const { lastEventId } = message as MessageEvent<string>;
      if (lastEventId) cursor = lastEventId;
    };
    opened.addEventListener('hello', beat);
    opened.addEventListener('hb', beat);
    opened.addEventListener('reset', () => {
      if (mine !== generation) return;
      // A server that keeps refusing fresh cursors must not be asked in a tight loop.
      if (Date.now() - snapshotAt > REOPEN_MS) return begin();
      stop();
      retry(begin);
    });
    opened.addEventListener('error', () => {
      if (mine !== generation) return;
      show('lost');
      // While CONNECTING the browser retries by itself; CLOSED is final and ours to repair.
      if (opened.readyState === EventSource.CLOSED) {
        clearTimeout(staleTimer);
        clearTimeout(reopenTimer);
        retry(open);
      }
    });
  };

  begin();
  return { cursor: () => cursor, restart: begin, close: stop };
}
