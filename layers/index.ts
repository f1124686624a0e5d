import type { Layer } from './define.ts';
import { agriculture } from './agriculture/index.ts';
import { civil_affairs } from './civil_affairs/index.ts';
import { ecology } from './ecology/index.ts';
import { economy_statistics } from './economy_statistics/index.ts';
import { education } from './education/index.ts';
import { emergency } from './emergency/index.ts';
import { health } from './health/index.ts';
import { housing_construction } from './housing_construction/index.ts';
import { market_regulation } from './market_regulation/index.ts';
import { natural_resources } from './natural_resources/index.ts';
import { public_security } from './public_security/index.ts';
import { transport } from './transport/index.ts';
import { urban_management } from './urban_management/index.ts';
import { water_affairs } from './water_affairs/index.ts';

/** Every layer of the catalogue, by department. */
export const layers: readonly Layer[] = [
  ...natural_resources,
  ...water_affairs,
  ...transport,
  ...public_security,
  ...education,
  ...health,
  ...civil_affairs,
  ...market_regulation,
  ...ecology,
  ...urban_management,
  ...emergency,
  ...agriculture,
  ...housing_construction,
  ...economy_statistics,
];

const byId: ReadonlyMap<string, Layer> = new Map(layers.map((layer) => [layer.id, layer]));

export function findLayer(id: string): Layer | undefined {
  return byId.get(id);
}

/** Throws when no layer of the catalogue has this id. */
export function getLayer(id: string): Layer {
  const layer = byId.get(id);
  if (layer === undefined) throw new Error(`no such layer: ${JSON.stringify(id)}`);
  return layer;
}
