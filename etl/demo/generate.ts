import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { layers } from '../../layers/index.ts';
import { createContext } from './context.ts';
import { type Fault, FaultPlanter } from './faults.ts';
import { openWriter } from './files/open-writer.ts';
import { drawRaster } from './rasters/index.ts';
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
}

export interface GenerateOptions {
  /** 1 is the full district of 1.3 million people; 0.01 and 0.1 are for tests and laptops. Above 0, at most 1. */
  scale: number;
  seed: number;
  /** Delivery folder; made when missing. Files of the same names are replaced. */
  out: string;
  onProgress?: (progress: { layer: string; done: number; total: number }) => void;
  /** Only these layers; all when left out. */
  only?: readonly string[];
}

/**
 * Writes the files that the 14 departments of a made-up district would hand in, and `manifest.json`. The same scale
 * and seed give the same CSV and GeoJSON bytes. Throws a RangeError for a scale outside (0, 1].
 */
export async function generateDistrict({ scale, seed, out, onProgress, only }: GenerateOptions): Promise<Manifest> {
  if (!(scale > 0 && scale <= 1)) throw new RangeError(`scale must be above 0 and at most 1, not ${scale}`);
  if (!Number.isSafeInteger(seed)) throw new RangeError(`seed must be a whole number, not ${seed}`);
  const wanted = layers.filter((layer) => !only || only.includes(layer.id));
  const manifest: Manifest = {
    synthetic: true,
    note: '合成数据,人和企业均为虚构;示意图,不作为划界依据。Synthetic data; people and firms are made up; shapes are no authority on any boundary.',
    seed,
    scale,
    layers: {},
  };
  onProgress?.({ layer: 'district', done: 0, total: wanted.length });
  const context = createContext(scale, seed);
  mkdirSync(out, { recursive: true });
  for (const [index, layer] of wanted.entries()) {
    onProgress?.({ layer: layer.id, done: index, total: wanted.length });
    if (layer.geometry === 'raster') {
      const folder = join(out, layer.source.file);
      drawRaster(context, layer, folder);
      manifest.layers[layer.id] = { file: layer.source.file, rows: readdirSync(folder).length, faults: [] };
      continue;
    }
    const delivery = deliveries[layer.id]?.(context);
    if (!delivery) throw new Error(`the demo district has no delivery for layer ${layer.id}`);
    const planter = new FaultPlanter(layer, delivery.expected, seed);
    const writer = openWriter(layer, out);
    for (const row of delivery.rows) for (const written of planter.plant(row)) writer.write(written);
    await writer.finish();
    manifest.layers[layer.id] = { file: layer.source.file, rows: planter.rows, faults: planter.faults };
  }
  writeFileSync(join(out, 'manifest.json'), `${JSON.stringify(manifest, null, 1)}\n`);
  onProgress?.({ layer: 'done', done: wanted.length, total: wanted.length });
  return manifest;
}
