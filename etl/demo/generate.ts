import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Layer } from '../../layers/define.ts';
import { layers } from '../../layers/index.ts';
import { inLoadOrder } from '../load-order.ts';
import { createContext } from './context.ts';
import { type Fault, FaultPlanter } from './faults.ts';
import { openWriter } from './files/open-writer.ts';
import { drawRaster } from './rasters/index.ts';
import { type DeliveredSeries, SeriesWriter } from './series/write-series.ts';
import { deliveries } from './themes/index.ts';

export interface DeliveredLayer {
  /** Relative to the delivery folder. */
  file: string;
  /** Rows in the file, faulty ones included; of a raster its pictures. */
  rows: number;
  faults: Fault[];
}

/** What was delivered, so that a loader can be checked row by row: accepted = rows - faults of kind `reject`. */
export interface Manifest {
  /** Nobody in these files exists, and no place is surveyed. */
  synthetic: true;
  note: string;
  seed: number;
  scale: number;
  layers: Record<string, DeliveredLayer>;
  /** Readings over time, by layer. */
  series: Record<string, DeliveredSeries>;
}

export interface GenerateOptions {
  /** 1 is the full district of 1.3 million people; 0.01 and 0.1 are for tests and laptops. Above 0, at most 1. */
  scale: number;
  seed: number;
  /** Delivery folder; made when missing. Files of the same names are replaced. */
  out: string;
  onProgress?: (progress: { layer: string; done: number; total: number }) => void;
  /** The files of a layer are whole. */
  onWritten?: (layer: Layer) => void;
  /** Only these layers; all when left out. */
  only?: readonly string[];
}

/**
 * Writes the files that the 14 departments of a made-up district would hand in, and `manifest.json`: in the order of
 * loading, rasters, which are not loaded, last. The same scale and seed give the same CSV and GeoJSON bytes. Throws a RangeError for a scale outside (0, 1].
 */
export async function generateDistrict(options: GenerateOptions): Promise<Manifest> {
  const { scale, seed, out, onProgress, onWritten, only } = options;
  if (!(scale > 0 && scale <= 1)) throw new RangeError(`scale must be above 0 and at most 1, not ${scale}`);
  if (!Number.isSafeInteger(seed)) throw new RangeError(`seed must be a whole number, not ${seed}`);
  const wanted = layers.filter((layer) => !only || only.includes(layer.id));
  const manifest: Manifest = {
    synthetic: true,
    note: '合成数据,人和企业均为虚构;示意图,不作为划界依据。Synthetic data; people and firms are made up; shapes are no authority on any boundary.',
    seed,
    scale,
    layers: {},
    series: {},
  };
  onProgress?.({ layer: 'district', done: 0, total: wanted.length });
  const context = createContext(scale, seed);
  mkdirSync(out, { recursive: true });
  const ordered = [...inLoadOrder(wanted.filter((layer) => !isRaster(layer))), ...wanted.filter(isRaster)];
  const written: Manifest['layers'] = {};
  for (const [index, layer] of ordered.entries()) {
    onProgress?.({ layer: layer.id, done: index, total: wanted.length });
    if (isRaster(layer)) {
      const folder = join(out, layer.source.file);
      drawRaster(context, layer, folder);
      written[layer.id] = { file: layer.source.file, rows: readdirSync(folder).length, faults: [] };
      onWritten?.(layer);
      continue;
    }
    const delivery = deliveries[layer.id]?.(context);
    if (!delivery) throw new Error(`the demo district has no delivery for layer ${layer.id}`);
    const planter = new FaultPlanter(layer, delivery.expected, seed);
    const writer = openWriter(layer, out);
    const series = layer.series === undefined ? null : new SeriesWriter(layer, layer.series);
    for (const row of delivery.rows) {
      // Before a fault is planted: readings are of good features.
      series?.note(row);
      for (const each of planter.plant(row)) writer.write(each);
    }
    await writer.finish();
    if (series) manifest.series[layer.id] = series.write(context, out);
    written[layer.id] = { file: layer.source.file, rows: planter.rows, faults: planter.faults };
    onWritten?.(layer);
  }
  for (const { id } of wanted) manifest.layers[id] = written[id] as DeliveredLayer;
  writeFileSync(join(out, 'manifest.json'), `${JSON.stringify(manifest, null, 1)}\n`);
  onProgress?.({ layer: 'done', done: wanted.length, total: wanted.length });
  return manifest;
}

function isRaster(layer: Layer): boolean {
  return layer.geometry === 'raster';
}
