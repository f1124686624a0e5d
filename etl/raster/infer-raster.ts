import type { Field, Layer, Symbology } from '../../layers/define.ts';
import type { RasterPicture } from '../../layers/raster.ts';
import { RAMP } from '../../layers/color.ts';

/** What is known of a raster before its pictures are. */
export interface RasterInput {
  id: string;
  title: string;
  /** Name of the file, for the record. */
  file: string;
  url?: string;
}

const EARTH = 2 * Math.PI * 6_378_137;
/** Pixels of the whole picture below which it is a dot. */
const DOT = 64;
const DEEPEST = 22;

/** The definition by which a raster is read. It says nothing of values and zooms yet. */
export function unfinishedRaster({ id, title, file, url }: RasterInput): Layer {
  return {
    id,
    title: { zh: title, en: title },
    department: 'urban_management',
    class: 'base_geography',
    subclass: 'imagery',
    geometry: 'raster',
    fields: { picture: { type: 'string', title: { zh: '文件', en: 'File' }, required: true } },
    key: 'picture',
    source: {
      file,
      format: /\.hgt(\.zip)?$/i.test(file) ? 'hgt' : 'geotiff',
      crs: 'EPSG:4326',
      ...(url ? { url } : {}),
    },
    cadence: 'yearly',
    freshnessHours: 9600,
    symbology: { kind: 'none', color: '#8c8c8c' },
    // Seen by staff only until somebody says otherwise: nobody has looked at what is in it.
    sensitivity: 'internal',
    checks: { rows: [1, 500], extent: 'region' },
  };
}

/** The definition as its pictures make it: colours by fifths of the values, zooms by the size of a pixel. */
export function inferRaster(input: RasterInput, pictures: readonly RasterPicture[]): Layer {
  const layer = unfinishedRaster(input);
  const first = pictures[0] as RasterPicture;
  const finest = Math.min(...pictures.map(({ resolution }) => resolution));
  const shrink = Math.cos((((first.bbox[1] + first.bbox[3]) / 2) * Math.PI) / 180);
  const zoom = Math.ceil(Math.log2((EARTH * shrink) / 256 / finest) - 0.2);
  const maxzoom = Math.max(0, Math.min(DEEPEST, zoom));
  const across = Math.max(...pictures.map(({ width, height }) => Math.max(width, height)));
  const minzoom = Math.max(0, maxzoom - Math.max(0, Math.ceil(Math.log2(across / DOT))));
  const source = { ...layer.source, crs: first.crs };
  if (first.kind === 'colours') return { ...layer, source, tiles: { minzoom, maxzoom, fields: [] } };
  const value: Field = {
    type: 'number',
    title: { zh: '值', en: 'Value' },
    filterable: true,
    ...(first.unit === null ? {} : { unit: first.unit }),
  };
  return {
    ...layer,
    source,
    fields: { ...layer.fields, value },
    tiles: { minzoom, maxzoom, fields: ['value'] },
    symbology: rampOf(first),
  };
}

function rampOf({ quantiles, range, unit }: RasterPicture): Symbology {
  const [low, high] = range ?? [0, 0];
  const rounded = (quantiles ?? []).map((value) => Number(value.toPrecision(3)));
  const stops = [...new Set(rounded)].filter((stop) => stop > low && stop <= high).toSorted((a, b) => a - b);
  if (stops.length === 0) stops.push(high);
  // Fewer classes take colours that are farther apart.
  const colors = Array.from(
    { length: stops.length + 1 },
    (_, i) => RAMP[Math.round((i * (RAMP.length - 1)) / stops.length)] as string,
  );
  return { kind: 'ramp', field: 'value', stops, colors, ...(unit === 'm' ? { shaded: 1 } : {}) };
}
