import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { deckFrames, wakeDeck } from '../../../web/map/deck-frames.ts';

/** A loop as luma.gl runs it: asks for the next frame in each. */
function startLoop(): { frames: () => number; stop: () => void } {
  let count = 0;
  let id = 0;
  const step = () => {
    count += 1;
    id = deckFrames.requestAnimationFrame(step);
  };
  id = deckFrames.requestAnimationFrame(step);
  return { frames: () => count, stop: () => deckFrames.cancelAnimationFrame(id) };
}

describe('the frames of deck.gl', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal('requestAnimationFrame', (callback: FrameRequestCallback) =>
      Number(setTimeout(() => callback(performance.now()), 16)),
    );
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it('sleep when nobody wakes them, run for a moment when somebody does, never fast', () => {
    const loop = startLoop();
    vi.advanceTimersByTime(10_000);
    const asleep = loop.frames();
    expect(asleep).toBeLessThanOrEqual(10);
    expect(asleep).toBeGreaterThan(5);

    wakeDeck();
    vi.advanceTimersByTime(17);
    expect(loop.frames()).toBe(asleep + 1);
    vi.advanceTimersByTime(10_000);
    expect(loop.frames() - asleep).toBeLessThan(35);

    const before = loop.frames();
    for (let ms = 0; ms < 3_000; ms += 10) {
      wakeDeck();
      vi.advanceTimersByTime(10);
    }
    expect(loop.frames() - before).toBeLessThanOrEqual(92);
    expect(loop.frames() - before).toBeGreaterThan(50);
    loop.stop();
  });

  it('come to all loops at once, and to none that has ended', () => {
    const asked = vi.spyOn(globalThis, 'requestAnimationFrame');
    const [one, other, gone] = [startLoop(), startLoop(), startLoop()];
    gone.stop();
    vi.advanceTimersByTime(5_000);
    expect(one.frames()).toBe(other.frames());
    expect(gone.frames()).toBe(0);
    expect(asked.mock.calls.length).toBeLessThanOrEqual(5);
    one.stop();
    other.stop();
    const count = asked.mock.calls.length;
    vi.advanceTimersByTime(5_000);
    expect(asked.mock.calls.length).toBe(count);
  });
});
