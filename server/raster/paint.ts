import type { Layer, Symbology } from '../../layers/define.ts';
import type { RasterPicture } from '../../layers/raster.ts';
import type { RasterStyle } from '../contract/layers.ts';
import type { Tiff } from '../db/tiff.ts';
import { frameOf, type Tile } from '../tiles/tile.ts';
import type { RasterStore } from './raster-store.ts';
import { nearestValues, placeTile, readPlaced, smoothColours, smoothValues, TILE_SIDE } from './sample-tile.ts';

/** Opacity of values drawn by a ramp: the map below stays readable. */
const RAMP_ALPHA = 200;
/** Height from which Terrain-RGB counts, and its step, metres. */
const TERRAIN = { base: -10_000, step: 0.1 };

/** The ways to draw a picture of a layer; the first is its own. */
export function stylesOf(
  { symbology }: Pick<Layer, 'symbology'>,
  { kind }: Pick<RasterPicture, 'kind'>,
): RasterStyle[] {
  if (kind === 'colours') return ['colours'];
  if (symbology.kind !== 'ramp') return ['hillshade', 'terrain'];
  return symbology.shaded === undefined ? ['ramp', 'hillshade', 'terrain'] : ['relief', 'ramp', 'hillshade', 'terrain'];
}

/** RGBA pixels of a map tile; null when nothing is drawn in it. */
export async function paintTile(
  store: RasterStore,
  tiff: Tiff,
  tile: Tile,
  style: RasterStyle,
  symbology: Symbology,
): Promise<Uint8Array | null> {
  const isLit = style === 'relief' || style === 'hillshade';
  const placed = placeTile(tiff, tile, isLit ? 1 : 0);
  const window = await readPlaced(store, tiff, placed);
  if (window === null) return null;
  let pixels: Uint8Array;
  if (style === 'colours') pixels = smoothColours(tiff, window, placed);
  else if (style === 'ramp') pixels = paintRamp(nearestValues(tiff, window, placed), symbology);
  else if (style === 'terrain') pixels = paintTerrain(smoothValues(tiff, window, placed));
  else pixels = paintLight(smoothValues(tiff, window, placed), tile, symbology, style === 'relief');
  for (let i = 3; i < pixels.length; i += 4) if (pixels[i] !== 0) return pixels;
  return null;
}

type Colour = [red: number, green: number, blue: number];

function coloursOf(symbology: Symbology): { stops: readonly number[]; colours: Colour[] } {
  const { stops, colors } =
    symbology.kind === 'ramp'
      ? symbology
      : { stops: [], colors: [symbology.kind === 'none' ? symbology.color : symbology.other] };
  const colours = colors.map((color): Colour => {
    const rgb = Number.parseInt(color.slice(1), 16);
    return [rgb >> 16, (rgb >> 8) & 255, rgb & 255];
  });
  return { stops, colours };
}

/** Number of the class of a ramp that a value falls in. */
export function classAt(stops: readonly number[], value: number): number {
  let n = 0;
  while (n < stops.length && value >= (stops[n] as number)) n += 1;
  return n;
}

function paintRamp(values: Float64Array, symbology: Symbology): Uint8Array {
  const { stops, colours } = coloursOf(symbology);
  const pixels = new Uint8Array(values.length * 4);
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i] as number;
    if (Number.isNaN(value)) continue;
    pixels.set(colours[classAt(stops, value)] as Colour, i * 4);
    pixels[i * 4 + 3] = RAMP_ALPHA;
  }
  return pixels;
}

/** Heights as three bytes, as renderers of terrain read them (Mapbox Terrain-RGB). */
function paintTerrain(values: Float64Array): Uint8Array {
  const pixels = new Uint8Array(values.length * 4);
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i] as number;
    if (Number.isNaN(value)) continue;
    const steps = Math.max(0, Math.min(0xff_ff_ff, Math.round((value - TERRAIN.base) / TERRAIN.step)));
    pixels[i * 4] = steps >> 16;
    pixels[i * 4 + 1] = (steps >> 8) & 255;
    pixels[i * 4 + 2] = steps & 255;
    pixels[i * 4 + 3] = 255;
  }
  return pixels;
}

/**
 * Light from the north-west on the heights of a tile with one pixel around it. `isTinted`: on the colours of the ramp,
 * otherwise on grey.
 */
function paintLight(values: Float64Array, tile: Tile, symbology: Symbology, isTinted: boolean): Uint8Array {
  const side = TILE_SIDE + 2;
  const { stops, colours } = coloursOf(symbology);
  const exaggeration = symbology.kind === 'ramp' ? (symbology.shaded ?? 1) : 1;
  const frame = frameOf(tile);
  const middle = Math.atan(Math.sinh((frame.north + frame.south) / 2 / 6_378_137));
  // Metres on the ground: Mercator stretches them.
  const pixel = ((frame.east - frame.west) / TILE_SIDE) * Math.cos(middle);
  const pixels = new Uint8Array(TILE_SIDE * TILE_SIDE * 4);
  for (let j = 0; j < TILE_SIDE; j += 1) {
    for (let i = 0; i < TILE_SIDE; i += 1) {
      const at = (j + 1) * side + i + 1;
      const here = values[at] as number;
      if (Number.isNaN(here)) continue;
      // Beyond the edge of the picture the ground goes on level.
      const near = (offset: number): number => {
        const value = values[at + offset] as number;
        return Number.isNaN(value) ? here : value;
      };
      const east = ((near(1) - near(-1)) / (2 * pixel)) * exaggeration;
      const north = ((near(-side) - near(side)) / (2 * pixel)) * exaggeration;
      const light = (1 + 0.7 * (east - north)) / Math.sqrt(1 + east * east + north * north);
      const to = (j * TILE_SIDE + i) * 4;
      const tint = isTinted ? (colours[classAt(stops, here)] as Colour) : ([190, 190, 190] as Colour);
      const shade = Math.max(0.35, Math.min(1.3, light));
      for (let band = 0; band < 3; band += 1)
        pixels[to + band] = Math.min(255, Math.round((tint[band] as number) * shade));
      pixels[to + 3] = 255;
    }
  }
  return pixels;
}
