/**
 * The drawing board: metres east and north of the district's centre. Only a drawing board: files are written from
 * longitude and latitude, and areas shown to people come from these metres (error below 0.1 % over the district).
 */
export type Point = readonly [x: number, y: number];
export type Ring = readonly Point[];

const CENTRE: Point = [113.07, 22.99];
const METRES_PER_DEGREE_LAT = 110_756;
const METRES_PER_DEGREE_LON = 102_530;

/** Longitude and latitude (EPSG:4326, degrees) to metres on the board. */
export function toBoard(lon: number, lat: number): Point {
  return [(lon - CENTRE[0]) * METRES_PER_DEGREE_LON, (lat - CENTRE[1]) * METRES_PER_DEGREE_LAT];
}

/** Metres on the board to longitude and latitude, on the lattice of 1e-6 degree (0.1 m). */
export function toDegrees(point: Point): Point {
  return [
    Math.round((point[0] / METRES_PER_DEGREE_LON + CENTRE[0]) * 1e6) / 1e6,
    Math.round((point[1] / METRES_PER_DEGREE_LAT + CENTRE[1]) * 1e6) / 1e6,
  ];
}

/** Signed area of an open or closed ring, square units; positive when counter-clockwise. */
export function ringArea(ring: Ring): number {
  let sum = 0;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const a = ring[j] as Point;
    const b = ring[i] as Point;
    sum += a[0] * b[1] - b[0] * a[1];
  }
  return sum / 2;
}

/** Even-odd test; points on the edge may answer either way. */
export function isInside(ring: Ring, x: number, y: number): boolean {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const a = ring[i] as Point;
    const b = ring[j] as Point;
    if (a[1] > y !== b[1] > y && x < ((b[0] - a[0]) * (y - a[1])) / (b[1] - a[1]) + a[0]) inside = !inside;
  }
  return inside;
}

/** `[minX, minY, maxX, maxY]`. */
export function boundsOf(points: Ring): [number, number, number, number] {
  const box: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of points) {
    if (x < box[0]) box[0] = x;
    if (y < box[1]) box[1] = y;
    if (x > box[2]) box[2] = x;
    if (y > box[3]) box[3] = y;
  }
  return box;
}

/** A point well inside a ring: the middle of the widest of nine horizontal chords. */
export function innerPoint(ring: Ring): Point {
  const [, minY, , maxY] = boundsOf(ring);
  let best: Point = ring[0] as Point;
  let width = -1;
  for (let step = 1; step <= 9; step++) {
    const y = minY + ((maxY - minY) * (step - 0.013)) / 10;
    const xs: number[] = [];
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const a = ring[i] as Point;
      const b = ring[j] as Point;
      if (a[1] > y !== b[1] > y) xs.push(((b[0] - a[0]) * (y - a[1])) / (b[1] - a[1]) + a[0]);
    }
    xs.sort((p, q) => p - q);
    for (let i = 0; i + 1 < xs.length; i += 2) {
      const left = xs[i] as number;
      const right = xs[i + 1] as number;
      if (right - left > width) {
        width = right - left;
        best = [(left + right) / 2, y];
      }
    }
  }
  return best;
}

/** Distance of two points. `Math.hypot` would be several times slower, and this is asked millions of times. */
export function separation(a: Point, b: Point): number {
  const dx = b[0] - a[0];
  const dy = b[1] - a[1];
  return Math.sqrt(dx * dx + dy * dy);
}

/** Distance from a point to a segment. */
export function segmentDistance(x: number, y: number, a: Point, b: Point): number {
  const dx = b[0] - a[0];
  const dy = b[1] - a[1];
  const length2 = dx * dx + dy * dy;
  const t = length2 === 0 ? 0 : Math.max(0, Math.min(1, ((x - a[0]) * dx + (y - a[1]) * dy) / length2));
  const ex = x - a[0] - t * dx;
  const ey = y - a[1] - t * dy;
  return Math.sqrt(ex * ex + ey * ey);
}

/** Distance from a point to a line. */
export function lineDistance(x: number, y: number, line: Ring): number {
  let best = Infinity;
  for (let i = 1; i < line.length; i++) {
    best = Math.min(best, segmentDistance(x, y, line[i - 1] as Point, line[i] as Point));
  }
  return best;
}

/** Chaikin corner cutting. */
export function smooth(line: Ring, rounds: number, closed = false): Point[] {
  if (line.length < 3) return line.slice();
  let points = line.slice();
  for (let round = 0; round < rounds; round++) {
    const out: Point[] = [];
    const count = points.length;
    for (let i = 0; i < (closed ? count : count - 1); i++) {
      const a = points[i] as Point;
      const b = points[(i + 1) % count] as Point;
      out.push([a[0] * 0.75 + b[0] * 0.25, a[1] * 0.75 + b[1] * 0.25]);
      out.push([a[0] * 0.25 + b[0] * 0.75, a[1] * 0.25 + b[1] * 0.75]);
    }
    if (!closed) {
      out.unshift(points[0] as Point);
      out.push(points[count - 1] as Point);
    }
    points = out;
  }
  return points;
}

/** Points along a line at most `step` apart. */
export function resample(line: Ring, step: number): Point[] {
  const out: Point[] = [line[0] as Point];
  for (let i = 1; i < line.length; i++) {
    const a = line[i - 1] as Point;
    const b = line[i] as Point;
    const pieces = Math.max(1, Math.ceil(separation(a, b) / step));
    for (let k = 1; k <= pieces; k++) {
      out.push([a[0] + ((b[0] - a[0]) * k) / pieces, a[1] + ((b[1] - a[1]) * k) / pieces]);
    }
  }
  return out;
}

/** Length of a line. */
export function lineLength(line: Ring): number {
  let sum = 0;
  for (let i = 1; i < line.length; i++) {
    const a = line[i - 1] as Point;
    const b = line[i] as Point;
    sum += separation(a, b);
  }
  return sum;
}

/** Point and direction (radians) at a distance along a line. */
export function pointAlong(line: Ring, distance: number): { point: Point; angle: number } {
  let left = distance;
  for (let i = 1; i < line.length; i++) {
    const a = line[i - 1] as Point;
    const b = line[i] as Point;
    const length = separation(a, b);
    if (left <= length || i === line.length - 1) {
      const t = length === 0 ? 0 : Math.min(1, left / length);
      return {
        point: [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t],
        angle: Math.atan2(b[1] - a[1], b[0] - a[0]),
      };
    }
    left -= length;
  }
  return { point: line[0] as Point, angle: 0 };
}

/** The line moved sideways by a distance that may vary along it; positive is to the left. */
export function offset(line: Ring, distance: (index: number, at: Point) => number): Point[] {
  return line.map((p, i) => {
    const a = line[Math.max(0, i - 1)] as Point;
    const b = line[Math.min(line.length - 1, i + 1)] as Point;
    const length = separation(a, b) || 1;
    const d = distance(i, p);
    return [p[0] - ((b[1] - a[1]) / length) * d, p[1] + ((b[0] - a[0]) / length) * d];
  });
}
