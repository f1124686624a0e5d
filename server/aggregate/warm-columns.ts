import type { Logger } from 'pino';
import type { Catalogue } from '../catalogue.ts';
import { liveLoadOf, type ColumnStore } from './column-store.ts';
import { listSnapshots } from './snapshot-folder.ts';

/**
 * Reads the columns of the layers that were asked about before this process began, those asked last first: from their
 * snapshots, or where a load was published meanwhile from their tables. What fails is read when it is asked for.
 */
export async function warmColumns(options: {
  catalogue: Catalogue;
  columnStore: ColumnStore;
  folder: string | null;
  log: Logger;
}): Promise<void> {
  const { catalogue, columnStore, folder, log } = options;
  if (folder === null) return;
  try {
    const layers = await listSnapshots(folder);
    if (layers.length === 0) return;
    const entries = new Map((await catalogue.list('staff')).map((entry) => [entry.layer.id, entry]));
    for (const id of layers) {
      const entry = entries.get(id);
      if (entry === undefined || entry.state === null) continue;
      await columnStore.warm(entry.layer, liveLoadOf(entry.state));
    }
  } catch (error) {
    log.warn({ err: error }, 'the columns could not be read beforehand');
  }
}
