/** A page on which nothing happens draws nothing: a wall hangs there for years. Counts, not times. */
import { expect, test, waitForMap } from './support/screen.ts';

// Whoever asked for less motion has no rings that pulse: here they must end by themselves.
test.use({ reducedMotion: 'no-preference' });

interface Counts {
  frames: number;
  draws: number;
  commits: number;
  timers: number;
}

declare global {
  interface Window {
    counted?: Counts;
  }
}

/** Counts what costs, and lets the feed beat without news. */
function countWork(): void {
  const counted: Counts = { frames: 0, draws: 0, commits: 0, timers: 0 };
  window.counted = counted;
  const { requestAnimationFrame: frame, setTimeout: later } = window;
  window.requestAnimationFrame = (callback) => {
    counted.frames += 1;
    return frame.call(window, callback);
  };
  window.setTimeout = ((...given: Parameters<typeof setTimeout>) => {
    counted.timers += 1;
    return later.apply(window, given);
  }) as typeof setTimeout;
  const gl = WebGL2RenderingContext.prototype;
  for (const name of ['drawElements', 'drawArrays', 'drawElementsInstanced', 'drawArraysInstanced'] as const) {
    const draw = gl[name] as (...given: unknown[]) => void;
    Object.assign(gl, {
      [name](this: WebGL2RenderingContext, ...given: unknown[]) {
        counted.draws += 1;
        draw.apply(this, given);
      },
    });
  }
  // React tells its developer tools of each commit.
  const tools = '__REACT_DEVTOOLS_GLOBAL_HOOK__';
  Object.assign(window, {
    [tools]: {
      supportsFiber: true,
      renderers: new Map(),
      inject: () => 1,
      onCommitFiberRoot: () => {
        counted.commits += 1;
      },
      onCommitFiberUnmount: () => {},
      onPostCommitFiberRoot: () => {},
    },
  });
  class QuietFeed extends EventTarget {
    static readonly CLOSED = 2;
    readonly readyState = 1;
    readonly #beat = setInterval(() => this.dispatchEvent(new MessageEvent('hb')), 5_000);
    constructor() {
      super();
      later(() => this.dispatchEvent(new MessageEvent('hello')), 0);
    }
    close(): void {
      clearInterval(this.#beat);
    }
  }
  window.EventSource = QuietFeed as unknown as typeof EventSource;
}

const SECONDS = 5;
/** One look of each sleeping loop, and what React's own libraries ask for. */
const MOST_FRAMES = 3 * SECONDS;
/** A clock a second, and what is asked for every few seconds: status, alarms, figures. */
const MOST_COMMITS = 6 * SECONDS;
const MOST_TIMERS = 10 * SECONDS;

for (const path of ['/wall', '/plan', '/data']) {
  test(`${path} stands still when nothing happens`, async ({ page }) => {
    await page.addInitScript(countWork);
    await page.goto(path);
    await waitForMap(page);
    const during = async (): Promise<Counts> => {
      const before = await page.evaluate(() => ({ ...window.counted! }));
      await page.waitForTimeout(SECONDS * 1_000);
      const after = await page.evaluate(() => ({ ...window.counted! }));
      expect(after.commits, 'React is heard').toBeGreaterThan(0);
      return {
        frames: after.frames - before.frames,
        draws: after.draws - before.draws,
        commits: after.commits - before.commits,
        timers: after.timers - before.timers,
      };
    };
    // A time limit that passes may paint once: some stretch must be quiet, and soon.
    await expect(async () => {
      const { frames, draws, commits, timers } = await during();
      expect(draws, 'calls to draw').toBe(0);
      expect(frames, 'frames').toBeLessThanOrEqual(MOST_FRAMES);
      expect(commits, 'commits').toBeLessThanOrEqual(MOST_COMMITS);
      expect(timers, 'timers').toBeLessThanOrEqual(MOST_TIMERS);
    }).toPass({ timeout: 60_000 });
    // What wakes it still does: the map is drawn at once when it moves.
    const before = await page.evaluate(() => window.counted!.draws);
    await page.evaluate(() => window.oneMap!.map.jumpTo({ zoom: 13 }));
    await expect.poll(() => page.evaluate(() => window.counted!.draws)).toBeGreaterThan(before);
  });
}
