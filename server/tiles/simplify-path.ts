/** Parts of the path that still have to be looked at: pairs of indexes. */
const pending: number[] = [];
let kept = new Uint8Array(512);

/**
 * Leaves out positions that lie nearer than `tolerance` to the line between those that stay (Ramer, Douglas and Peucker),
 * in place. Ends stay. A ring (without its repeated last position) that would collapse stays as it is, so that nothing
 * small is lost.
 * @returns how many positions are left
 */
export function simplifyPath(
  xs: Int32Array,
  ys: Int32Array,
  count: number,
  tolerance: number,
  isRing: boolean,
): number {
  if (tolerance <= 0 || count < (isRing ? 4 : 3)) return count;
  if (count > kept.length) kept = new Uint8Array(count * 2);
  // Most rings have a few corners: a call would take longer.
  for (let i = 0; i < count; i += 1) kept[i] = 0;
  kept[0] = 1;
  let left = 1;
  pending.length = 0;
  if (isRing) {
    // The position furthest from the first cuts the ring into two paths. `count` stands for the first again.
    const far = furthestFromFirst(xs, ys, count);
    kept[far] = 1;
    left += 1;
    pending.push(0, far, far, count);
  } else {
    kept[count - 1] = 1;
    left += 1;
    pending.push(0, count - 1);
  }
  const limit = tolerance * tolerance;
  while (pending.length > 0) {
    const last = pending.pop() as number;
    const first = pending.pop() as number;
    if (last - first < 2) continue;
    const end = last === count ? 0 : last;
    const ax = xs[first] as number;
    const ay = ys[first] as number;
    const dx = (xs[end] as number) - ax;
    const dy = (ys[end] as number) - ay;
    const length = dx * dx + dy * dy;
    let worst = limit;
    let at = -1;
    for (let i = first + 1; i < last; i += 1) {
      const px = (xs[i] as number) - ax;
      const py = (ys[i] as number) - ay;
      // Square of the distance to the segment.
      const along = length === 0 ? 0 : Math.min(1, Math.max(0, (px * dx + py * dy) / length));
      const ex = px - along * dx;
      const ey = py - along * dy;
      const distance = ex * ex + ey * ey;
      if (distance > worst) {
        worst = distance;
        at = i;
      }
    }
    if (at < 0) continue;
    kept[at] = 1;
    left += 1;
    pending.push(first, at, at, last);
  }
  if (isRing && left < 3) return count;
  let next = 0;
  for (let i = 0; i < count; i += 1) {
    if (kept[i] === 0) continue;
    xs[next] = xs[i] as number;
    ys[next] = ys[i] as number;
    next += 1;
  }
  return next;
}

function furthestFromFirst(xs: Int32Array, ys: Int32Array, count: number): number {
  let worst = -1;
  let at = 1;
  for (let i = 1; i < count; i += 1) {
    const dx = (xs[i] as number) - (xs[0] as number);
    const dy = (ys[i] as number) - (ys[0] as number);
    const distance = dx * dx + dy * dy;
    if (distance > worst) {
      worst = distance;
      at = i;
    }
  }
  return at;
}
