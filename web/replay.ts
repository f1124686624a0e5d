/**
 * A replay: the snapshot of a moment, then the entries of the live log, each when its time has come on a clock of its own.
 * What is shown at a moment does not depend on where the replay began or how fast it runs.
 */
import type { IncidentSnapshot, LiveEvent, ReplayEntries } from '../server/app.ts';

export interface ReplayHandlers {
  loadSnapshot: (at: number, signal: AbortSignal) => Promise<IncidentSnapshot>;
  /** Entries after a cursor up to a time, ms since 1970. */
  loadEntries: (after: string, until: number, signal: AbortSignal) => Promise<ReplayEntries>;
  onSnapshot: (snapshot: IncidentSnapshot, at: number) => void;
  onEvents: (events: LiveEvent[]) => void;
  /** Another moment is shown. `isWaiting`: its entries are not here yet, and the clock stands. */
  onClock: (at: number, isWaiting: boolean) => void;
  onError: (cause: unknown) => void;
  /** The present is reached. */
  onEnd: () => void;
}

export interface Replay {
  /** The moment that is shown, ms since 1970. */
  now: () => number;
  /** Times real time; 0 stands still. */
  setSpeed: (speed: number) => void;
  close: () => void;
}

const BEAT_MS = 100;
/** Real time for which entries are fetched ahead, ms. */
const AHEAD_MS = 20_000;
/** Entries younger than this may not be committed yet, ms. */
const PRESENT_MS = 2_000;
const RETRY_MS = 2_000;

/** Begins at `at`, ms since 1970. */
export function startReplay(at: number, initialSpeed: number, handlers: ReplayHandlers): Replay {
  const abort = new AbortController();
  const { signal } = abort;
  let speed = initialSpeed;
  let now = at;
  let beatAt = performance.now();
  let cursor: string | null = null;
  /** Entries up to here have been fetched. */
  let horizon = at;
  let waiting: LiveEvent[] = [];
  let isFetching = false;
  let timer: ReturnType<typeof setInterval> | undefined;

  const attempt = async (work: () => Promise<void>) => {
    for (;;) {
      try {
        return await work();
      } catch (cause) {
        if (signal.aborted) return;
        handlers.onError(cause);
        await new Promise((done) => setTimeout(done, RETRY_MS));
        if (signal.aborted) return;
      }
    }
  };

  const fetchAhead = async () => {
    if (isFetching || cursor === null) return;
    const until = Math.min(now + Math.max(1, speed) * AHEAD_MS, Date.now() - PRESENT_MS);
    if (until <= horizon) return;
    isFetching = true;
    await attempt(async () => {
      const page = await handlers.loadEntries(cursor ?? '', until, signal);
      cursor = page.cursor;
      waiting.push(...page.events);
      horizon = page.isAll ? until : Math.max(horizon, (page.events.at(-1)?.committedAt ?? horizon) - 1);
    });
    isFetching = false;
  };

  const beat = () => {
    const passed = performance.now() - beatAt;
    beatAt += passed;
    const wanted = now + passed * speed;
    // A page that is not the last one ends in the middle of a millisecond.
    now = Math.max(now, Math.min(wanted, horizon));
    const due = waiting.findIndex(({ committedAt }) => committedAt > now);
    const events = due < 0 ? waiting : waiting.slice(0, due);
    waiting = due < 0 ? [] : waiting.slice(due);
    if (events.length > 0) handlers.onEvents(events);
    handlers.onClock(now, wanted > horizon && speed > 0);
    if (now >= Date.now() - PRESENT_MS - BEAT_MS && waiting.length === 0 && speed > 0) handlers.onEnd();
    else if (horizon < now + (speed * AHEAD_MS) / 2) void fetchAhead();
  };

  void attempt(async () => {
    const snapshot = await handlers.loadSnapshot(at, signal);
    if (signal.aborted) return;
    ({ cursor } = snapshot);
    handlers.onSnapshot(snapshot, at);
    beatAt = performance.now();
    timer = setInterval(beat, BEAT_MS);
    beat();
  });

  return {
    now: () => now,
    setSpeed: (value) => {
      speed = value;
    },
    close: () => {
      abort.abort();
      clearInterval(timer);
    },
  };
}
