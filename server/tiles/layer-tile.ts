import { maskedFields, type Role } from '../../layers/access.ts';
import { isPointLike } from '../../layers/ddl.ts';
import type { Field, Layer } from '../../layers/define.ts';
import type { Sql } from '../db/connect.ts';
import { both, EVERYTHING, type Predicate } from '../filter/predicate.ts';
import { labelTile } from '../queries/label-tile.ts';
import type { Rows } from '../queries/layer-version.ts';
import { pointTile } from '../queries/point-tile.ts';
import { shapeTile } from '../queries/shape-tile.ts';
import { encodePoints, encodeShapes } from './mvt.ts';
import { ShapeEncoder } from './shape.ts';
import { frameOf, type Tile } from './tile.ts';

/** How far shapes may be simplified below their last zoom, tile units: less than half a pixel of a 512 px tile. */
const ROUGHNESS = 3;

/** World pixels of zoom 30 in a tile unit: 2^(30 - z - 12). */
function pixelShift(z: number): number {
  return 30 - z - 12;
}

/** World pixels of zoom 30 as tile units. From zoom 19 on a tile unit is smaller than a pixel. */
function toTileUnits(pixels: Int32Array, tileNumber: number, z: number): Int32Array {
  const origin = tileNumber * 2 ** (30 - z);
  const shift = pixelShift(z);
  const units = new Int32Array(pixels.length);
  for (let i = 0; i < units.length; i += 1) {
    const pixel = (pixels[i] as number) - origin;
    units[i] = shift >= 0 ? pixel >> shift : pixel << -shift;
  }
  return units;
}

/** The fields sent with a layer's tiles to a role. Masked ones never: tiles are cached and shared. */
export function tileFields(layer: Layer, role: Role): [string, Field][] {
  const masked = new Set(maskedFields(layer, role));
  return (layer.tiles?.fields ?? []).flatMap((name): [string, Field][] => {
    const field = layer.fields[name];
    return field === undefined || masked.has(name) ? [] : [[name, field]];
  });
}

/** Lowest zoom at which a layer's own features are sent. Below it the map shows hexagons. */
export function minzoomOf(layer: Layer): number {
  return layer.tiles?.minzoom ?? (isPointLike(layer) ? 14 : 10);
}

/** Zoom from which on tiles are exact and may be stretched. */
export function maxzoomOf(layer: Layer): number {
  return layer.tiles?.maxzoom ?? 16;
}

/** How far shapes are simplified. At the last zoom they are exact, so that a stretched tile shows no rough outlines. */
export function toleranceAt(layer: Layer, z: number): number {
  return z >= maxzoomOf(layer) ? 0 : ROUGHNESS;
}

/** What is sent at a zoom: values that have their place in finer tiles are left out. */
export function detailAt(layer: Layer, z: number): Predicate {
  const { detail } = layer.tiles ?? {};
  const type = detail === undefined ? undefined : layer.fields[detail.field]?.type;
  if (detail === undefined || type === undefined) return EVERYTHING;
  const hidden = Object.keys(detail.from).filter((value) => z < (detail.from[value] ?? 0));
  if (hidden.length === 0) return EVERYTHING;
  return { kind: 'not', of: { kind: 'in', field: { name: detail.field, type }, values: hidden } };
}

/**
 * One layer of a vector tile, as bytes; empty when nothing of the layer is in the tile or the zoom is too low. Layers
 * are put into one tile by joining their bytes.
 */
export async function layerTile(
  sql: Sql,
  layer: Layer,
  role: Role,
  tile: Tile,
  predicate: Predicate,
  table?: string,
): Promise<Buffer> {
  return encodeTile(sql, layer, tileFields(layer, role), tile, both(predicate, detailAt(layer, tile.z)), table);
}

/** The same with other fields than the layer's own, from rows that need not be a table. */
export async function encodeTile(
  sql: Sql,
  layer: Layer,
  fields: readonly [string, Field][],
  tile: Tile,
  predicate: Predicate,
  rows?: Rows,
): Promise<Buffer> {
  if (tile.z < minzoomOf(layer)) return Buffer.alloc(0);
  if (isPointLike(layer)) {
    const { ids, mx, my, properties } = await pointTile(sql, layer, fields, tile, predicate, rows);
    return encodePoints(layer.id, ids, toTileUnits(mx, tile.x, tile.z), toTileUnits(my, tile.y, tile.z), properties);
  }
  const { ids, shapes, properties } = await shapeTile(sql, layer, fields, tile, predicate, rows);
  const kind = layer.geometry === 'line' ? 'line' : 'polygon';
  return encodeShapes(
    layer.id,
    ids,
    new ShapeEncoder(shapes, frameOf(tile), kind, toleranceAt(layer, tile.z)),
    properties,
  );
}

/** The tile layer with the names of a layer's polygons. */
export function labelLayerOf(layer: Pick<Layer, 'id'>): string {
  return `${layer.id}_label`;
}

/** Whether a layer's features have a point of their own to be named at: points do not need one, lines are named along. */
export function hasLabels(layer: Layer): boolean {
  return layer.geometry === 'polygon';
}

/** The field by which features are named; null where there is none, or it is masked. */
export function labelField(layer: Layer, role: Role): [string, Field] | null {
  const name = layer.label ?? layer.key;
  const field = layer.fields[name];
  return field === undefined || maskedFields(layer, role).includes(name) ? null : [name, field];
}

/** A tile layer with one point for each polygon that is named in the tile; empty where there is none. */
export async function layerLabels(
  sql: Sql,
  layer: Layer,
  role: Role,
  tile: Tile,
  predicate: Predicate,
  table?: string,
): Promise<Buffer> {
  if (!hasLabels(layer) || tile.z < minzoomOf(layer)) return Buffer.alloc(0);
  const rows = both(predicate, detailAt(layer, tile.z));
  const { ids, xs, ys, properties } = await labelTile(sql, layer, labelField(layer, role), tile, rows, table);
  const { west, north, perMetre } = frameOf(tile);
  return encodePoints(
    labelLayerOf(layer),
    ids,
    Int32Array.from(xs, (x) => Math.floor((x - west) * perMetre)),
    Int32Array.from(ys, (y) => Math.floor((north - y) * perMetre)),
    properties,
  );
}
