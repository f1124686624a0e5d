import type { Layer, Sensor } from './define.ts';

/** What the features of a layer measure; undefined for a layer whose features measure nothing. */
export function sensorOf(layer: Pick<Layer, 'sensor' | 'series'>): Sensor | undefined {
  const { sensor, series } = layer;
  if (sensor !== undefined) return sensor;
  return series === undefined ? undefined : { metrics: series.values, everyMinutes: series.stepMinutes };
}

/** Name of the sensor that a feature is. */
export function sensorId(layer: string, key: string): string {
  return `${layer}:${key}`;
}

/** Layer and key of a sensor's name; undefined where it is none. */
export function parseSensorId(id: string): { layer: string; key: string } | undefined {
  const at = id.indexOf(':');
  return at < 1 || at === id.length - 1 ? undefined : { layer: id.slice(0, at), key: id.slice(at + 1) };
}
