/** deck.gl layers of what sensors said last: a value beside each, and a ring with a stroke through it around those that are silent. */
import type { Layer } from '@deck.gl/core';
import { TextLayer } from '@deck.gl/layers';
import type { SensorList, SensorSummary } from '../../server/app.ts';
import { rgba, type Palette } from '../theme.ts';
import { number } from '../time.ts';
import type { Language } from '../url-state.ts';

export const SILENT_MARK = '⊘';

export interface SensorLayerOptions {
  list: SensorList;
  /** ms since 1970. */
  now: number;
  palette: Palette;
  lang: Language;
  /** Words for so many minutes of silence. */
  silentFor: (minutes: number) => string;
  scale: number;
  zoom: number;
}

/** The words beside a sensor: its first metric with the unit; of a silent one since when it says nothing. */
export function sensorText(
  sensor: SensorSummary,
  { list, now, lang, silentFor }: Pick<SensorLayerOptions, 'list' | 'now' | 'lang' | 'silentFor'>,
): string {
  const [metric] = list.layers.find(({ id }) => id === sensor.layer)?.metrics ?? [];
  const latest = sensor.latest.find((each) => each.metric === metric?.name);
  const value = latest === undefined ? '' : `${number(latest.value, lang, 2)}${metric?.unit ? ` ${metric.unit}` : ''}`;
  if (sensor.silentSince === null) return value;
  const minutes = Math.max(0, Math.round((now - Date.parse(sensor.silentSince)) / 60_000));
  return silentFor(minutes);
}

/** Room that words take, px. */
const WIDTH_PX = 80;
const HEIGHT_PX = 16;

/** Where several would be written over each other, one is: a silent one before others, since it is what is looked for. */
export function withRoom(sensors: readonly SensorSummary[], zoom: number, scale: number): SensorSummary[] {
  const degree = (512 * 2 ** zoom) / 360;
  const taken = new Set<string>();
  return sensors
    .toSorted((a, b) => Number(b.silentSince !== null) - Number(a.silentSince !== null))
    .filter((sensor) => {
      const [lon, lat] = placeOf(sensor);
      const column = Math.floor((lon * degree) / (WIDTH_PX * scale));
      // Degrees of latitude are drawn longer by this much.
      const row = Math.floor((lat * degree) / Math.cos((lat * Math.PI) / 180) / (HEIGHT_PX * scale));
      const isFree = !taken.has(`${column} ${row}`);
      if (isFree) for (const [c, r] of NEIGHBOURS) taken.add(`${column + c} ${row + r}`);
      return isFree;
    });
}

const NEIGHBOURS = [-1, 0, 1].flatMap((c) => [-1, 0, 1].map((r) => [c, r] as const));

function placeOf({ lon, lat }: SensorSummary): [number, number] {
  return [lon ?? 0, lat ?? 0];
}

export function sensorLayers(options: SensorLayerOptions): Layer[] {
  const { list, palette, scale } = options;
  const placed = list.sensors.filter(({ lon, lat }) => lon !== null && lat !== null);
  const told = withRoom(placed, options.zoom, scale);
  const common = { characterSet: 'auto' as const, fontFamily: 'sans-serif', getPosition: placeOf };
  return [
    new TextLayer<SensorSummary>({
      ...common,
      id: 'sensor-values',
      data: told,
      getText: (sensor) => sensorText(sensor, options),
      getSize: 12 * scale,
      getColor: rgba(palette.map.label),
      getTextAnchor: 'start',
      getPixelOffset: [10 * scale, 0],
      background: true,
      getBackgroundColor: rgba(palette.map.halo, 215),
      backgroundPadding: [3, 1],
    }),
    new TextLayer<SensorSummary>({
      ...common,
      id: 'sensor-silent',
      data: placed.filter(({ silentSince }) => silentSince !== null),
      getText: () => SILENT_MARK,
      getSize: 24 * scale,
      getColor: rgba(palette.map.label),
      background: true,
      getBackgroundColor: rgba(palette.map.halo, 215),
      backgroundPadding: [3, 1],
    }),
  ];
}
