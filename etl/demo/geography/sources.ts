import { readFileSync } from 'node:fs';
import { type Point, isInside, toBoard } from '../plane.ts';

export type RoadClass = 'motorway' | 'trunk' | 'primary' | 'secondary' | 'tertiary' | 'residential' | 'lane';

export interface ArterialSource {
  name: string;
  class: RoadClass;
  points: [number, number][];
}
export interface RiverSource {
  name: string;
  kind: 'river' | 'creek';
  /** Metres. */
  width: number;
  along?: [number, number][];
  points?: [number, number][];
  then?: [number, number][];
  thenAlong?: [number, number][];
  end?: [number, number][];
}
export interface Division {
  code: string;
  level: 'district' | 'town' | 'community';
  name: string;
  kind: string;
  parent: string;
}
export interface Place {
  kind: string;
  name: string;
  at: Point;
}

const read = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');
const board = (points: readonly (readonly number[])[]): Point[] =>
  points.map((p) => toBoard(p[0] as number, p[1] as number));

interface Sketch {
  features: {
    properties: { kind: string; name: string; code?: string };
    geometry:
      | { type: 'Polygon'; coordinates: number[][][] }
      | { type: 'LineString'; coordinates: number[][] }
      | { type: 'Point'; coordinates: number[] };
  }[];
}

/** Everything that is drawn by hand, on the board (metres). */
export function readGeography(): {
  outline: Point[];
  towns: { code: string; name: string; ring: Point[] }[];
  places: Place[];
  metro: { name: string; points: Point[] }[];
  roads: ArterialSource[];
  rivers: RiverSource[];
  divisions: Division[];
  anchors: Map<string, Point>;
  /** Roman spelling of the characters that occur in names here, without tones. */
  pinyin: Record<string, string>;
} {
  const sketch = JSON.parse(read('sketch.geojson')) as Sketch;
  const towns: { code: string; name: string; ring: Point[] }[] = [];
  const places: Place[] = [];
  const metro: { name: string; points: Point[] }[] = [];
  let outline: Point[] = [];
  for (const { properties, geometry } of sketch.features) {
    if (geometry.type === 'Polygon') {
      const ring = board((geometry.coordinates[0] ?? []).slice(0, -1));
      if (properties.kind === 'district') outline = ring;
      else towns.push({ code: `${properties.code ?? ''}000`, name: properties.name, ring });
    } else if (geometry.type === 'LineString') {
      if (properties.kind === 'metro') metro.push({ name: properties.name, points: board(geometry.coordinates) });
    } else {
      const [lon, lat] = geometry.coordinates as [number, number];
      places.push({ kind: properties.kind, name: properties.name, at: toBoard(lon, lat) });
    }
  }
  const divisions = read('divisions.csv')
    .trim()
    .split(/\r?\n/)
    .slice(1)
    .map((line): Division => {
      const [code = '', level = '', name = '', kind = '', parent = ''] = line.split(',');
      return { code, level: level as Division['level'], name, kind, parent };
    });
  const anchors = (JSON.parse(read('anchors.json')) as { anchors: Record<string, [number, number]> }).anchors;
  return {
    outline,
    towns,
    places,
    metro,
    roads: (JSON.parse(read('roads.json')) as { roads: ArterialSource[] }).roads,
    rivers: (JSON.parse(read('rivers.json')) as { rivers: RiverSource[] }).rivers,
    divisions,
    pinyin: JSON.parse(read('pinyin.json')) as Record<string, string>,
    anchors: new Map(Object.entries(anchors).map(([name, at]) => [name, toBoard(at[0], at[1])])),
  };
}

/** Index of the ring that holds a point, or of the nearest one. */
export function containing(rings: readonly Point[][], x: number, y: number): number {
  const inside = rings.findIndex((ring) => isInside(ring, x, y));
  if (inside >= 0) return inside;
  let best = 0;
  let distance = Infinity;
  rings.forEach((ring, i) => {
    for (const p of ring) {
      const d = Math.hypot(p[0] - x, p[1] - y);
      if (d < distance) {
        distance = d;
        best = i;
      }
    }
  });
  return best;
}
