/** What is drawn on the map or chosen as an area: as text in the address, as the API takes it, as GeoJSON, measured. */
import type { Geometry, Position } from 'geojson';
import type { ShapeInput } from '../server/app.ts';

export type Place = readonly [lng: number, lat: number];

export type DrawnShape =
  | { kind: 'point'; at: Place }
  | { kind: 'line'; path: readonly Place[] }
  /** The outer ring, not closed. */
  | { kind: 'polygon'; path: readonly Place[] }
  | { kind: 'circle'; at: Place; metres: number }
  | { kind: 'cell'; code: string }
  | { kind: 'feature'; layer: string; fid: number };

/** Positions an address has room for. */
export const MOST_POSITIONS = 300;
const CELL = /^[0-9]{12}(W[0-9]{3})?$/;
const LAYER = /^[a-z][a-z0-9_]{0,62}$/;

function isPlace(place: readonly number[]): boolean {
  const [lng = Number.NaN, lat = Number.NaN] = place;
  return place.length === 2 && Math.abs(lng) <= 180 && Math.abs(lat) <= 85;
}

/** A position of GeoJSON, which may be changed. */
function position([lng, lat]: Place): [number, number] {
  return [lng, lat];
}

function parsePath(text: string): Place[] | null {
  const path = text.split('~').map((part) => part.split(',').map(Number));
  if (path.length > MOST_POSITIONS || !path.every(isPlace)) return null;
  return path as unknown as Place[];
}

/** Reads a shape of the address; null when it is none. */
export function parseShape(text: string | null): DrawnShape | null {
  const [kind, first = '', second = ''] = (text ?? '').split(':');
  switch (kind) {
    case 'point':
    case 'circle': {
      const path = parsePath(first);
      if (path?.length !== 1) return null;
      if (kind === 'point') return { kind, at: path[0]! };
      const metres = Number(second);
      return metres >= 1 && metres <= 20_000 ? { kind, at: path[0]!, metres } : null;
    }
    case 'line':
    case 'polygon': {
      const path = parsePath(first);
      return path !== null && path.length >= (kind === 'line' ? 2 : 3) ? { kind, path } : null;
    }
    case 'cell':
      return CELL.test(first) ? { kind, code: first } : null;
    case 'feature':
      return LAYER.test(first) && /^[0-9]{1,16}$/.test(second) ? { kind, layer: first, fid: Number(second) } : null;
    default:
      return null;
  }
}

/** Six digits: a tenth of a metre. `+ 0` turns -0 into 0. */
const round = (value: number) => Math.round(value * 1e6) / 1e6 + 0;
const placeText = ([lng, lat]: Place) => `${round(lng)},${round(lat)}`;

export function formatShape(shape: DrawnShape): string {
  switch (shape.kind) {
    case 'point':
      return `point:${placeText(shape.at)}`;
    case 'circle':
      return `circle:${placeText(shape.at)}:${Math.round(shape.metres)}`;
    case 'line':
    case 'polygon':
      return `${shape.kind}:${shape.path.map(placeText).join('~')}`;
    case 'cell':
      return `cell:${shape.code}`;
    case 'feature':
      return `feature:${shape.layer}:${shape.fid}`;
  }
}

/** The area as the API takes it; of points, lines and features what lies within `metres`. */
export function shapeInput(shape: DrawnShape, metres: number): ShapeInput {
  switch (shape.kind) {
    case 'point':
      return { kind: 'circle', center: position(shape.at), metres };
    case 'circle':
      return { kind: 'circle', center: position(shape.at), metres: shape.metres };
    case 'line':
      return { kind: 'line', coordinates: shape.path.map(position), metres };
    case 'polygon': {
      const [first] = shape.path;
      const ring = [...shape.path, first!].map(position);
      return { kind: 'polygon', geometry: { type: 'Polygon', coordinates: [ring] } };
    }
    case 'cell':
      return { kind: 'cell', code: shape.code };
    case 'feature':
      return { kind: 'feature', layer: shape.layer, fid: shape.fid, metres };
  }
}

/** Metres of a degree at a latitude, on the ellipsoid of WGS 84. */
function metresPerDegree(lat: number): { lng: number; lat: number } {
  const phi = (lat * Math.PI) / 180;
  const w = 1 - 0.006_694_379_990_14 * Math.sin(phi) ** 2;
  return {
    lng: ((6_378_137 * Math.cos(phi)) / Math.sqrt(w)) * (Math.PI / 180),
    lat: ((6_378_137 * (1 - 0.006_694_379_990_14)) / w ** 1.5) * (Math.PI / 180),
  };
}

/** Metres along a path: right to a few centimetres a kilometre in a district. */
export function lengthOf(path: readonly Place[]): number {
  let sum = 0;
  for (let i = 1; i < path.length; i++) {
    const [a, b] = [path[i - 1]!, path[i]!];
    const metres = metresPerDegree((a[1] + b[1]) / 2);
    sum += Math.hypot((a[0] - b[0]) * metres.lng, (a[1] - b[1]) * metres.lat);
  }
  return sum;
}

/** Square metres inside a ring that is not closed. */
export function areaOf(path: readonly Place[]): number {
  const [first] = path;
  if (first === undefined) return 0;
  const metres = metresPerDegree(path.reduce((sum, [, lat]) => sum + lat, 0) / path.length);
  let twice = 0;
  for (let i = 0; i < path.length; i++) {
    const [a, b] = [path[i]!, path[(i + 1) % path.length]!];
    twice += (a[0] - first[0]) * (b[1] - first[1]) - (b[0] - first[0]) * (a[1] - first[1]);
  }
  return (Math.abs(twice) / 2) * metres.lng * metres.lat;
}

/** What a drawn shape looks like on the map; null for cells and features, whose outline the API knows. */
export function shapeGeometry(shape: DrawnShape): Geometry | null {
  switch (shape.kind) {
    case 'point':
      return { type: 'Point', coordinates: position(shape.at) };
    case 'line':
      return { type: 'LineString', coordinates: shape.path.map(position) };
    case 'polygon':
      return { type: 'Polygon', coordinates: [[...shape.path, shape.path[0]!].map(position)] };
    case 'circle': {
      const [lng, lat] = shape.at;
      const metres = metresPerDegree(lat);
      const ring = Array.from({ length: 65 }, (_, index): Position => {
        const angle = (index / 64) * 2 * Math.PI;
        return [
          lng + (shape.metres * Math.cos(angle)) / metres.lng,
          lat + (shape.metres * Math.sin(angle)) / metres.lat,
        ];
      });
      return { type: 'Polygon', coordinates: [ring] };
    }
    default:
      return null;
  }
}
