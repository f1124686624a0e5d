import type { Logger } from 'pino';
import { isPointLike } from '../../layers/ddl.ts';
import { liveLoadOf, type ColumnStore } from '../aggregate/column-store.ts';
import { reversed } from '../analysis/road-graph.ts';
import { roadsOf } from '../analysis/travel.ts';
import type { Catalogue } from '../catalogue.ts';
import type { Database } from '../db/connect.ts';
import { ApiError } from '../errors.ts';
import { cardLayers, RESPONSIBLE_LAYERS } from './card-layers.ts';

/**
 * Reads the columns and the roads that a situation card is made of, one after the other, so that already the first one after a
 * start is quick. What fails is read when it is asked for.
 */
export async function warmCard(services: {
  db: Database;
  catalogue: Catalogue;
  columnStore: ColumnStore;
  log: Logger;
}): Promise<void> {
  const { catalogue, columnStore, log } = services;
  const layers = new Set<string>([...cardLayers.map(({ layer }) => layer), RESPONSIBLE_LAYERS.grid]);
  try {
    for (const { layer, state } of await catalogue.list('staff')) {
      if (!layers.has(layer.id) || state === null) continue;
      // Shapes are counted in the database.
      if (isPointLike(layer) || layer.id === RESPONSIBLE_LAYERS.grid) await columnStore.warm(layer, liveLoadOf(state));
    }
    reversed((await roadsOf(services, 'staff')).graph);
  } catch (error) {
    if (error instanceof ApiError && error.code === 'VERSION_NOT_FOUND') return;
    log.warn({ err: error }, 'what situation cards are made of could not be read beforehand');
  }
}
