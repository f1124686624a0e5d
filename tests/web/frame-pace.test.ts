import { beforeEach, describe, expect, test, vi } from 'vitest';
import { paceAfter } from '../../web/frame-pace.ts';

/** The pace after pictures of these lengths, ms. */
function after(...pictures: number[]) {
  let pace = { mean: 0, isSlow: false };
  for (const took of pictures) pace = paceAfter(pace, took);
  return pace;
}
const many = (took: number): number[] => Array.from({ length: 30 }, () => took);

describe('whether a machine is slow', () => {
  test('one long picture makes nobody slow, many do', () => {
    expect(after(...many(20), 600, ...many(20)).isSlow).toBe(false);
    expect(after(...many(20), 600).isSlow).toBe(false);
    expect(after(...many(400)).isSlow).toBe(true);
  });

  test('it goes on being slow until pictures are well below what made it so', () => {
    expect(after(...many(400), ...many(100)).isSlow).toBe(true);
    expect(after(...many(400), ...many(20)).isSlow).toBe(false);
    expect(after(...many(100)).isSlow).toBe(false);
  });
});

describe('the next picture', () => {
  const frames: FrameRequestCallback[] = [];
  const gl = { isDone: false } as unknown as WebGL2RenderingContext & { isDone: boolean };
  Object.assign(gl, {
    fenceSync: () => ({}),
    flush: () => undefined,
    isContextLost: () => false,
    getSyncParameter: () => (gl.isDone ? 1 : 0),
    deleteSync: () => undefined,
    SIGNALED: 1,
  });

  beforeEach(() => {
    vi.useFakeTimers();
    vi.resetModules();
    frames.length = 0;
    gl.isDone = false;
    vi.stubGlobal('document', { hidden: false });
    vi.stubGlobal('requestAnimationFrame', (call: FrameRequestCallback) => frames.push(call));
    return () => {
      vi.useRealTimers();
      vi.unstubAllGlobals();
    };
  });

  test('waits until the graphics are through, news first, one picture at a time', async () => {
    const { pictureSent, whenDrawn } = await import('../../web/frame-pace.ts');
    const done: string[] = [];
    whenDrawn(() => done.push('at once'));
    pictureSent(gl);
    whenDrawn(() => done.push('moves'));
    whenDrawn((isFrame) => {
      done.push(`news ${isFrame}`);
      pictureSent(gl);
    }, true);
    vi.advanceTimersByTime(500);
    expect(done).toEqual(['at once']);
    gl.isDone = true;
    vi.advanceTimersByTime(20);
    frames.shift()?.(0);
    expect(done).toEqual(['at once', 'news true']);
    vi.advanceTimersByTime(20);
    frames.shift()?.(0);
    expect(done).toEqual(['at once', 'news true', 'moves']);
  });

  test('a context that signals nothing any more holds nobody up for long', async () => {
    const { pictureSent, whenDrawn } = await import('../../web/frame-pace.ts');
    const done: boolean[] = [];
    pictureSent(gl);
    whenDrawn((isFrame) => done.push(isFrame));
    vi.advanceTimersByTime(2_100);
    expect(done).toEqual([false]);
  });
});
