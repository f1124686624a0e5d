import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { IncidentSnapshot, LiveEvent, ReplayEntries } from '../../server/app.ts';
import { startReplay, type ReplayHandlers } from '../../web/replay.ts';

const START = Date.parse('2026-11-27T08:00:00Z');
const PRESENT = START + 600_000;
/** One entry every 700 ms, two in the same millisecond now and then. */
const LOG = Array.from({ length: 900 }, (_, i) => ({
  id: i + 1,
  type: 'incident.created',
  committedAt: START + Math.floor(i / 3) * 2_100,
})) as LiveEvent[];

interface Shown {
  at: number;
  id: number;
}

function play(speed: number, changes: Partial<ReplayHandlers> = {}, pageSize = 40) {
  const shown: Shown[] = [];
  const clock: number[] = [];
  const said = { ended: 0, errors: 0, waits: 0 };
  const replay = startReplay(START - 5_000, speed, {
    loadSnapshot: async () => ({ cursor: 'e.0' }) as IncidentSnapshot,
    loadEntries: async (after, until): Promise<ReplayEntries> => {
      const id = Number(after.slice(2));
      const found = LOG.filter((entry) => entry.id > id && entry.committedAt <= until);
      const events = found.slice(0, pageSize);
      return { events, isAll: found.length < pageSize, cursor: `e.${events.at(-1)?.id ?? id}` };
    },
    onSnapshot: () => undefined,
    onEvents: (events) => shown.push(...events.map(({ id }) => ({ id, at: replay.now() }))),
    onClock: (at, isWaiting) => {
      clock.push(at);
      if (isWaiting) said.waits += 1;
    },
    onError: () => (said.errors += 1),
    onEnd: () => {
      said.ended += 1;
      replay.close();
    },
    ...changes,
  });
  return { replay, shown, clock, said };
}

beforeEach(() => {
  vi.useFakeTimers({ now: PRESENT });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Every entry up to the clock, none after it. */
function expectTold(shown: readonly Shown[], now: number): void {
  expect(shown.map(({ id }) => id)).toEqual(LOG.filter(({ committedAt }) => committedAt <= now).map(({ id }) => id));
}

describe('a replay', () => {
  it.each([1, 2, 10, 60])('at speed %i tells every entry once, in order, when its time has come', async (speed) => {
    const { replay, shown, said } = play(speed);
    for (let i = 0; i < 6; i += 1) {
      await vi.advanceTimersByTimeAsync(1_700);
      expectTold(shown, replay.now());
    }
    const passed = Math.min(replay.now() - (START - 5_000), 6 * 1_700 * speed);
    expect(passed).toBeGreaterThan(0.9 * Math.min(6 * 1_700 * speed, 590_000));
    for (const { at, id } of shown) {
      const { committedAt } = LOG[id - 1] as LiveEvent;
      expect(at - committedAt).toBeGreaterThanOrEqual(0);
      // A beat, at this speed.
      expect(at - committedAt).toBeLessThan(100 * speed + 1);
    }
    expect(said.errors).toBe(0);
    replay.close();
  });

  it('stands still, goes on, and ends once where the present begins', async () => {
    const { replay, shown, clock, said } = play(0);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(new Set(clock)).toEqual(new Set([START - 5_000]));
    expect(shown).toEqual([]);
    replay.setSpeed(60);
    await vi.advanceTimersByTimeAsync(15_000);
    expect(said.ended).toBe(1);
    expect(replay.now()).toBeGreaterThan(PRESENT);
    expectTold(shown, replay.now());
  });

  it('waits for entries that are late instead of passing over them', async () => {
    let calls = 0;
    const { replay, shown, said } = play(10, {
      loadEntries: async (after, until) => {
        calls += 1;
        if (calls < 3) throw new Error('the line is down');
        const id = Number(after.slice(2));
        const events = LOG.filter((entry) => entry.id > id && entry.committedAt <= until);
        return { events, isAll: true, cursor: `e.${events.at(-1)?.id ?? id}` };
      },
    });
    await vi.advanceTimersByTimeAsync(3_500);
    expect(replay.now()).toBe(START - 5_000);
    expect(said.errors).toBe(2);
    expect(said.waits).toBeGreaterThan(10);
    await vi.advanceTimersByTimeAsync(3_500);
    expect(replay.now()).toBeGreaterThan(START);
    expectTold(shown, replay.now());
    replay.close();
  });

  it('says nothing more once it is closed', async () => {
    const { replay, clock } = play(10);
    await vi.advanceTimersByTimeAsync(1_000);
    replay.close();
    const beats = clock.length;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(clock.length).toBe(beats);
  });
});
