/**
 * The frames that deck.gl draws in. Its animation loop asks for one after another for ever, to look whether there is something
 * to draw: on a wall that stands still this is most of what the page does. Here the loop sleeps once nobody has called
 * `wakeDeck` for a while, and while it is awake it runs no faster than marks that pulse and vehicles that glide need. The map's
 * own movements are drawn by MapLibre's frames and are as smooth as ever. No frame begins before the graphics are through with
 * the last one (`frame-pace.ts`).
 */
import { whenDrawn } from '../frame-pace.ts';

/** Some 30 frames a second are smooth enough for all that moves by itself, and leave a wall's graphics cool. */
const FRAME_MS = 33;
/** So long the loop looks for more to draw after it was woken, ms: textures and fonts come a little later than their layer. */
const AWAKE_MS = 600;
/** Whoever forgot to wake the loop is drawn so late at most, ms. */
const ASLEEP_MS = 1_000;

/** Calls what waits in the browser's next frame; `ASKED` until the graphics are ready for one. */
let frame = 0;
const ASKED = -1;
let timer: ReturnType<typeof setTimeout> | undefined;
let awakeUntil = 0;
let drawnAt = 0;
let lastId = 0;
/** Loops that wait for a frame, by the id of their request. */
const waiting = new Map<number, FrameRequestCallback>();

function run(time: number): void {
  frame = 0;
  drawnAt = performance.now();
  const now = [...waiting.values()];
  waiting.clear();
  for (const callback of now) callback(time);
}

function askForFrame(): void {
  clearTimeout(timer);
  timer = undefined;
  if (frame !== 0 || waiting.size === 0) return;
  frame = ASKED;
  whenDrawn((isFrame) => {
    if (frame !== ASKED) return;
    if (isFrame) run(performance.now());
    else frame = requestAnimationFrame(run);
  });
}

/**
 * Draws in the frame that the page is at, when it has not drawn a moment ago: what the page writes and what the map shows of
 * the same news are then one picture and not two.
 */
export function drawDeck(): void {
  wakeDeck();
  whenDrawn(() => {
    if (waiting.size === 0 || performance.now() - drawnAt < FRAME_MS) return;
    clearTimeout(timer);
    timer = undefined;
    if (frame > 0) cancelAnimationFrame(frame);
    run(performance.now());
  });
}

function plan(): void {
  if (frame !== 0 || timer !== undefined) return;
  const now = performance.now();
  timer = setTimeout(askForFrame, now < awakeUntil ? Math.max(0, drawnAt + FRAME_MS - now) : ASLEEP_MS);
}

/** Something has changed or is about to: the next frame looks for it, and those of the next moments. */
export function wakeDeck(): void {
  const now = performance.now();
  const wasAsleep = now >= awakeUntil;
  awakeUntil = now + AWAKE_MS;
  if (!wasAsleep && (timer !== undefined || frame !== 0)) return;
  clearTimeout(timer);
  timer = undefined;
  if (waiting.size > 0) plan();
}

/** What luma.gl's animation loop takes in place of the browser's own two functions. */
export const deckFrames = {
  requestAnimationFrame(callback: FrameRequestCallback): number {
    lastId += 1;
    waiting.set(lastId, callback);
    plan();
    return lastId;
  },
  cancelAnimationFrame(id: number): void {
    waiting.delete(id);
    if (waiting.size > 0) return;
    clearTimeout(timer);
    timer = undefined;
  },
};
