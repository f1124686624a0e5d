import type { Position } from 'geojson';
import type { StoredGeometry } from '../encode/geometry.ts';

/**
 * A point that stands for a geometry: itself, half-way along the longest line, or inside the largest polygon (the middle
 * of the widest stretch at half its height, as ST_PointOnSurface does).
 */
export function innerPoint(geometry: StoredGeometry): [number, number] {
  switch (geometry.kind) {
    case 'point':
      return [geometry.lon, geometry.lat];
    case 'line':
      return halfWay(largest(geometry.lines, lineLength));
    case 'polygon':
      return inside(largest(geometry.polygons, (rings) => Math.abs(ringArea(rings[0] as Position[]))));
  }
}

/** Twice the signed area of a ring, square degrees. */
export function ringArea(ring: readonly Position[]): number {
  const [x0, y0] = ring[0] as [number, number];
  let sum = 0;
  for (let i = 1; i < ring.length - 1; i += 1) {
    const [ax, ay] = ring[i] as [number, number];
    const [bx, by] = ring[i + 1] as [number, number];
    sum += (ax - x0) * (by - y0) - (bx - x0) * (ay - y0);
  }
  return sum;
}

function largest<T>(parts: readonly T[], size: (part: T) => number): T {
  let best = parts[0] as T;
  if (parts.length === 1) return best;
  let most = -1;
  for (const part of parts) {
    const value = size(part);
    if (value > most) {
      most = value;
      best = part;
    }
  }
  return best;
}

function lineLength(line: readonly Position[]): number {
  let length = 0;
  for (let i = 1; i < line.length; i += 1) length += distance(line[i - 1] as Position, line[i] as Position);
  return length;
}

function distance(a: Position, b: Position): number {
  return Math.hypot((a[0] as number) - (b[0] as number), (a[1] as number) - (b[1] as number));
}

function halfWay(line: readonly Position[]): [number, number] {
  let left = lineLength(line) / 2;
  for (let i = 1; i < line.length; i += 1) {
    const [a, b] = [line[i - 1] as Position, line[i] as Position];
    const step = distance(a, b);
    if (step >= left && step > 0) {
      const share = left / step;
      return [mix(a[0], b[0], share), mix(a[1], b[1], share)];
    }
    left -= step;
  }
  const last = line.at(-1) as Position;
  return [last[0] as number, last[1] as number];
}

function mix(a: number | undefined, b: number | undefined, share: number): number {
  return (a as number) + ((b as number) - (a as number)) * share;
}

function inside(rings: readonly Position[][]): [number, number] {
  const outline = rings[0] as Position[];
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const [, y] of outline as [number, number][]) {
    low = Math.min(low, y);
    high = Math.max(high, y);
  }
  // Not exactly half: axis-parallel shapes often have corners there.
  const y = low + (high - low) * 0.4999;
  const crossings: number[] = [];
  for (const ring of rings) {
    for (let i = 1; i < ring.length; i += 1) {
      const [ax, ay] = ring[i - 1] as [number, number];
      const [bx, by] = ring[i] as [number, number];
      if (ay > y !== by > y) crossings.push(ax + ((y - ay) / (by - ay)) * (bx - ax));
    }
  }
  crossings.sort((a, b) => a - b);
  let best: [number, number] | null = null;
  let widest = 0;
  for (let i = 0; i + 1 < crossings.length; i += 2) {
    const [from, to] = [crossings[i] as number, crossings[i + 1] as number];
    if (to - from > widest) {
      widest = to - from;
      best = [(from + to) / 2, y];
    }
  }
  return best ?? [(outline[0] as Position)[0] as number, (outline[0] as Position)[1] as number];
}
