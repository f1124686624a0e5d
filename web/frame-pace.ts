/**
 * How fast this machine draws, and when it is ready for the next picture. A browser without a graphics card takes the better part
 * of a second for one; pictures sent faster than they are drawn stand in a line, and what is on the screen falls behind by
 * its whole length. Here the next one waits until the graphics are through with the last.
 */
import { create } from 'zustand';

/** From here on a machine is slow, ms from sending a picture until it is drawn. A graphics card takes 20. */
const SLOW_MS = 150;
/** Below this it is slow no more. */
const FAST_MS = 60;
/** Share of the newest picture in the mean: one that took long makes nobody slow. */
const NEWEST = 0.2;
/** Nobody waits longer, ms: a lost context signals nothing any more, a hidden page draws nothing. */
const PATIENCE_MS = 2_000;

export const usePace = create<{
  /** Pictures take so long that what only moves, and tells nothing, is left out. */
  isSlow: boolean;
}>(() => ({ isSlow: false }));

/** The picture that the graphics are at; null: none. */
let current: object | null = null;
type Call = (isFrame: boolean) => void;
let waiting: Call[] = [];
let mean = 0;

/** Whether one more picture of `took` ms makes the machine slow, or leaves it so. */
export function paceAfter(before: { mean: number; isSlow: boolean }, took: number): { mean: number; isSlow: boolean } {
  const next = before.mean + NEWEST * (took - before.mean);
  return { mean: next, isSlow: before.isSlow ? next > FAST_MS : next > SLOW_MS };
}

/**
 * Calls at once when the graphics are through, otherwise when they are: then `isFrame`, and what is done is in the picture that
 * the page is at. `isNews` goes before what waits to move something.
 */
export function whenDrawn(call: Call, isNews = false): void {
  if (current === null) call(false);
  else if (isNews) waiting.unshift(call);
  else waiting.push(call);
}

/** A picture was sent: until the graphics have executed it, and the page has come round to its next frame, others wait. */
export function pictureSent(gl: WebGL2RenderingContext): void {
  if (current !== null || document.hidden) return;
  const mine = {};
  current = mine;
  const sentAt = performance.now();
  const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
  gl.flush();
  const free = (isFrame: boolean): void => {
    if (current !== mine) return;
    current = null;
    clearTimeout(patience);
    const { isSlow } = usePace.getState();
    const pace = paceAfter({ mean, isSlow }, performance.now() - sentAt);
    mean = pace.mean;
    if (pace.isSlow !== isSlow) usePace.setState({ isSlow: pace.isSlow });
    // Until one of them sends the next picture. One that fails takes no other with it.
    const calls = waiting;
    waiting = [];
    for (const call of calls) {
      if (current !== null) waiting.push(call);
      else
        try {
          call(isFrame);
        } catch (error) {
          reportError(error);
        }
    }
  };
  const look = (): void => {
    if (current !== mine) return;
    if (fence && !gl.isContextLost() && gl.getSyncParameter(fence, gl.SYNC_STATUS) !== gl.SIGNALED) {
      setTimeout(look, 4);
      return;
    }
    gl.deleteSync(fence);
    requestAnimationFrame(() => free(true));
  };
  const patience = setTimeout(() => free(false), PATIENCE_MS);
  setTimeout(look, 0);
}
