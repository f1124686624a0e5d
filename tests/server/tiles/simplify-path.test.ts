import { array, assert, integer, property, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { simplifyPath } from '../../../server/tiles/simplify-path.ts';

function simplify(path: readonly (readonly [number, number])[], tolerance: number, isRing = false): [number, number][] {
  const xs = Int32Array.from(path, ([x]) => x);
  const ys = Int32Array.from(path, ([, y]) => y);
  const left = simplifyPath(xs, ys, path.length, tolerance, isRing);
  return Array.from({ length: left }, (_, i) => [xs[i] as number, ys[i] as number]);
}

const position = tuple(integer({ min: -500, max: 5000 }), integer({ min: -500, max: 5000 }));

/** Distance of a position to a path. */
function distanceTo([px, py]: readonly [number, number], path: readonly (readonly [number, number])[]): number {
  let least = Infinity;
  for (let i = 0; i + 1 < path.length; i += 1) {
    const [[ax, ay], [bx, by]] = [path[i], path[i + 1]] as [[number, number], [number, number]];
    const length = (bx - ax) ** 2 + (by - ay) ** 2;
    const t = length === 0 ? 0 : Math.min(1, Math.max(0, ((px - ax) * (bx - ax) + (py - ay) * (by - ay)) / length));
    least = Math.min(least, Math.hypot(px - ax - t * (bx - ax), py - ay - t * (by - ay)));
  }
  return least;
}

describe('simplifyPath', () => {
  it('keeps ends and order, drops nothing further from what is left than the tolerance', () => {
    assert(
      property(array(position, { minLength: 2, maxLength: 60 }), integer({ min: 1, max: 50 }), (path, tolerance) => {
        const left = simplify(path, tolerance);
        expect(left[0]).toEqual(path[0]);
        expect(left.at(-1)).toEqual(path.at(-1));
        let at = 0;
        for (const kept of left) at = path.findIndex(([x, y], i) => i >= at && x === kept[0] && y === kept[1]) + 1;
        expect(at).toBeGreaterThan(0);
        for (const each of path) expect(distanceTo(each, left)).toBeLessThanOrEqual(tolerance + 1e-9);
      }),
    );
  });

  it('does the same all round a ring, and leaves it a ring', () => {
    assert(
      property(array(position, { minLength: 3, maxLength: 60 }), integer({ min: 1, max: 50 }), (path, tolerance) => {
        const left = simplify(path, tolerance, true);
        expect(left.length).toBeGreaterThanOrEqual(3);
        const closed = [...left, left[0] as [number, number]];
        for (const each of path) expect(distanceTo(each, closed)).toBeLessThanOrEqual(tolerance + 1e-9);
      }),
    );
  });

  it('does nothing without a tolerance, and takes long paths', () => {
    const path = Array.from({ length: 5000 }, (_, i): [number, number] => [i, i % 3]);
    expect(simplify(path, 0)).toHaveLength(5000);
    expect(simplify(path, 3)).toEqual([path[0], path.at(-1)]);
  });
});
