/**
 * One live feed per page, shared by all views: events go into plain structures at once and reach React at most once per
 * animation frame. The map reads the structures directly.
 */
import { create } from 'zustand';
import type { Incident, IncidentEvent } from '../server/app.ts';
import { loadEntries, loadSnapshot, loadSnapshotAt } from './api/incidents.ts';
import { setClock } from './clock.ts';
import { usePace, whenDrawn } from './frame-pace.ts';
import { LatencyMeter, type LatencyReport } from './latency.ts';
import { connectLive, type Connection, type LiveFeed } from './live.ts';
import { startReplay, type Replay } from './replay.ts';
import {
  adoptFigures,
  applyEvent,
  cursorId,
  dayOf,
  fromSnapshot,
  isIncidentEvent,
  moveClock,
  type Situation,
} from './situation.ts';

/** How often the totals are compared with the server's own. */
const AUDIT_MS = 60_000;
/** Arrivals kept for those that tell of them. */
const KEPT_ARRIVALS = 20;
/** Lists and figures follow so much later on a machine without graphics, ms: to write them takes it more than all marks do. */
const SLOW_LISTS_MS = 3_000;

export interface LiveState {
  connection: Connection;
  situation: Situation | null;
  /** Grows with every change of `situation`, which is changed in place. */
  version: number;
  /** `version` as lists and figures show it: behind by seconds at most where writing them takes the graphics that long. */
  listed: number;
  /** Since when nothing can have been missed, ms since 1970. */
  noGapSince: number | null;
  /** Times the feed had to start again from a snapshot. */
  gaps: number;
  /** Last sign of life, ms since 1970. */
  heardAt: number | null;
  latency: LatencyReport;
  /** The newest arrivals, newest first: for the ticker. */
  arrivals: Incident[];
  /** What is shown is the past; null: it is live. */
  replay: { now: number; isWaiting: boolean; error: unknown } | null;
  /** Grows whenever warnings may have changed: they are few, and are read anew. */
  warnings: number;
  /** Grows with every entry about an alarm. */
  alarmVersion: number;
  /** Highest number of a notification that this page was told of live; 0: of none yet. */
  notified: number;
}

const meter = new LatencyMeter(Date.now());

export const useLive = create<LiveState>(() => ({
  connection: 'connecting',
  situation: null,
  version: 0,
  listed: 0,
  noGapSince: null,
  gaps: 0,
  heardAt: null,
  latency: meter.report(Date.now()),
  arrivals: [],
  replay: null,
  warnings: 0,
  alarmVersion: 0,
  notified: 0,
}));

interface Unpainted {
  event: IncidentEvent;
  pushedAt: number;
  /** The first `version` that shows it for certain. */
  version: number;
}

let feed: LiveFeed | null = null;
let replay: Replay | null = null;
let isPlanned = false;
let listedAt = 0;
let lists: ReturnType<typeof setTimeout> | undefined;
let unpainted: Unpainted[] = [];
let arrived: Incident[] = [];
let users = 0;
let timers: ReturnType<typeof setInterval>[] = [];

/** Publishes the situation to React once, however many events came in this frame, or while the last one was being drawn. */
function publish(): void {
  if (isPlanned) return;
  isPlanned = true;
  // A hidden tab runs no animation frames: the numbers must still be right when it comes back.
  if (document.hidden) setTimeout(publishNow, 250);
  else whenDrawn((isFrame) => (isFrame ? publishNow() : requestAnimationFrame(publishNow)), true);
}

function publishNow(): void {
  isPlanned = false;
  const now = Date.now();
  const waits = usePace.getState().isSlow ? listedAt + SLOW_LISTS_MS - now : 0;
  if (waits <= 0) listedAt = now;
  else {
    lists ??= setTimeout(() => {
      lists = undefined;
      publish();
    }, waits);
  }
  // What is red is told at once everywhere.
  const isTold = waits <= 0 || arrived.some(({ severity }) => severity === 1);
  const fresh = isTold ? arrived.slice(-KEPT_ARRIVALS).toReversed() : [];
  if (isTold) arrived = [];
  useLive.setState(({ version, listed, arrivals }) => ({
    version: version + 1,
    listed: waits <= 0 ? version + 1 : listed,
    heardAt: now,
    arrivals: fresh.length > 0 ? [...fresh, ...arrivals].slice(0, KEPT_ARRIVALS) : arrivals,
  }));
}

/**
 * Called by the map after a frame that drew the situation of `version`: every event of it that waited is now on the screen, whatever
 * has come in while it was drawn.
 * Events drawn while the page was hidden are not measured.
 */
export function markPainted(version: number): void {
  // In the order in which they came.
  const rest = unpainted.findIndex((event) => event.version > version);
  const drawn = unpainted.splice(0, rest < 0 ? unpainted.length : rest);
  if (drawn.length === 0) return;
  const now = Date.now();
  for (const { event, pushedAt } of drawn) {
    meter.add(
      {
        occurred: Date.parse(event.incident.occurredAt),
        received: Date.parse(event.incident.receivedAt),
        committed: event.committedAt,
        pushed: pushedAt,
        painted: now,
      },
      now,
    );
  }
  useLive.setState({ latency: meter.report(now) });
}

function startLive(): void {
  feed = connectLive('/api/live', {
    loadSnapshot,
    onSnapshot: (snapshot, isGap) => {
      const now = Date.now();
      unpainted = [];
      useLive.setState((state) => ({
        situation: fromSnapshot(snapshot, now),
        noGapSince: now,
        gaps: state.gaps + (isGap ? 1 : 0),
        warnings: state.warnings + 1,
      }));
      publish();
    },
    onEvents: (events, pushedAt, arrivedAt) => {
      const { situation } = useLive.getState();
      if (!situation) return;
      const alarms = events.filter((event) => 'alarm' in event).length;
      if (alarms > 0) useLive.setState((state) => ({ alarmVersion: state.alarmVersion + alarms }));
      for (const event of events) {
        if (!applyEvent(situation, event, arrivedAt)) continue;
        if (event.type.startsWith('alert.')) useLive.setState((state) => ({ warnings: state.warnings + 1 }));
        if (event.type === 'notification.created') useLive.setState({ notified: event.notification.number });
        if (!isIncidentEvent(event) || event.type !== 'incident.created') continue;
        arrived.push(event.incident);
        if (!document.hidden) unpainted.push({ event, pushedAt, version: useLive.getState().version + 1 });
      }
      // A view without a map never paints; what is left here is not a latency.
      if (unpainted.length > 5_000) unpainted = [];
      publish();
    },
    onConnection: (connection) => useLive.setState({ connection }),
  });
  timers = [setInterval(tick, 1_000), setInterval(() => void audit(), AUDIT_MS)];
}

function tick(): void {
  const { situation } = useLive.getState();
  if (!situation) return;
  const now = Date.now();
  if (situation.day !== dayOf(now)) feed?.restart();
  else if (moveClock(situation, now)) publish();
  const latency = meter.report(now);
  // Whoever shows it is drawn for another figure only.
  if (JSON.stringify(latency) !== JSON.stringify(useLive.getState().latency)) useLive.setState({ latency });
}

/** Compares our own count with the server's at the same cursor. A difference is a gap, and is repaired. */
async function audit(): Promise<void> {
  const mine = feed;
  try {
    const truth = await loadSnapshot(AbortSignal.timeout(10_000), 1);
    const { situation } = useLive.getState();
    const cursor = feed?.cursor();
    if (!situation || mine !== feed || !cursor || cursorId(truth.cursor) !== cursorId(cursor)) return;
    if (truth.openTotal !== situation.openTotal) feed?.restart();
    else if (adoptFigures(situation, truth)) publish();
  } catch {
    // No answer is the connection state's business, not a difference.
  }
}

function stopLive(): void {
  feed?.close();
  feed = null;
  timers.forEach(clearInterval);
  timers = [];
}

/**
 * Shows the past instead of the present, from `at` (ms since 1970), at `speed` times real time (0 stands still), until the
 * function it returns is called. `onEnd`: the present is reached.
 */
export function followReplay(at: number, speed: number, onEnd: () => void): () => void {
  stopLive();
  replay?.close();
  const mine = startReplay(at, speed, {
    loadSnapshot: loadSnapshotAt,
    loadEntries,
    onSnapshot: (snapshot, moment) => {
      useLive.setState({ situation: fromSnapshot(snapshot, moment), arrivals: [] });
      publish();
    },
    onEvents: (events) => {
      const { situation } = useLive.getState();
      if (!situation) return;
      for (const event of events) {
        // A day has passed: what counts as today begins anew.
        const day = dayOf(event.committedAt);
        if (situation.day !== day) Object.assign(situation, { day, createdToday: 0, closedToday: 0 });
        if (applyEvent(situation, event, event.committedAt) && event.type === 'incident.created') {
          arrived.push(event.incident);
        }
      }
      publish();
    },
    onClock: (now, isWaiting) => {
      const { situation, replay: shown } = useLive.getState();
      if (situation && moveClock(situation, now)) publish();
      if (shown?.now !== now || shown.isWaiting !== isWaiting)
        useLive.setState({ replay: { now, isWaiting, error: null } });
    },
    onError: (error) => useLive.setState({ replay: { now: mine.now(), isWaiting: true, error } }),
    onEnd,
  });
  replay = mine;
  setClock(mine.now);
  useLive.setState({ situation: null, arrivals: [], replay: { now: at, isWaiting: true, error: null } });
  return () => {
    mine.close();
    if (replay !== mine) return;
    replay = null;
    setClock(null);
    useLive.setState({ situation: null, arrivals: [], replay: null });
    if (users > 0) startLive();
  };
}

/** Changes the speed of the replay that runs. */
export function setReplaySpeed(speed: number): void {
  replay?.setSpeed(speed);
}

/** Starts the feed with its first user and stops it after the last. Returns the function that lets go. */
export function followLive(): () => void {
  users += 1;
  if (users === 1 && replay === null) startLive();
  return () => {
    users -= 1;
    if (users === 0) stopLive();
  };
}
