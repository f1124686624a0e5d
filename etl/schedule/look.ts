import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Layer } from '../../layers/define.ts';
import type { Database } from '../../server/db/connect.ts';
import { LOOK_EVERY } from './cadence.ts';
import type { Queue } from './queue.ts';

/** Size and time of a file, or of the files of a folder: another delivery has another mark. Null when there is none. */
export async function markOf(path: string): Promise<string | null> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) return await markOfFolder(path);
    const { size, mtimeMs } = found;
    return `${size}:${mtimeMs}`;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}

/** What lies in the delivery folder for a layer. */
export interface Delivery {
  /** Its own file is there. */
  hasFile: boolean;
  /** Of all that lies there, its readings included; null when nothing can be loaded from it. */
  mark: string | null;
}

/** A file of readings is a delivery by itself once the layer is live: stations stay, and their readings go on. */
export async function findDelivery(layer: Layer, dir: string, isLive: boolean): Promise<Delivery> {
  const own = await markOf(join(dir, layer.source.file));
  const readings = layer.series === undefined ? null : await markOf(join(dir, layer.series.file));
  const hasFile = own !== null;
  if (readings === null || (!hasFile && !isLive)) return { hasFile, mark: own };
  return { hasFile, mark: `${own ?? 'none'} readings ${readings}` };
}

/** Layers that have a live version. */
export async function liveLayers(db: Database): Promise<Set<string>> {
  const rows = await db.sql<{ id: string }[]>`select layer_id as id from app.layer_state`;
  return new Set(rows.map(({ id }) => id));
}

async function markOfFolder(path: string): Promise<string> {
  const hash = createHash('sha256');
  for (const name of (await readdir(path)).toSorted()) {
    const { size, mtimeMs } = await stat(join(path, name));
    hash.update(`${name}:${size}:${mtimeMs}\n`);
  }
  return `folder:${hash.digest('hex').slice(0, 32)}`;
}

/**
 * Layers whose last attempt used another grid or other links than are live now: loaded again though their file is the
 * same. Told from what is live at the moment, so that no trigger can get lost with a process.
 */
async function outdated(db: Database): Promise<Set<string>> {
  const rows = await db.sql<{ id: string }[]>`
    select c.layer_id as id from app.schedule c join app.load l using (load_id)
    where l.inputs is not null and c.status in ('published', 'unchanged', 'failed') and exists (
      select from (
        select key as layer, value as load from jsonb_each_text(l.inputs -> 'links')
        union all select 'governance_grid', l.inputs ->> 'grid' where l.inputs ->> 'grid' is not null
      ) used left join app.layer_state s on s.layer_id = used.layer
      where s.load_id is distinct from used.load::int4)`;
  return new Set(rows.map(({ id }) => id));
}

/**
 * Looks at the files of the layers that are due, those of their readings included, and puts those that changed since they were
 * dealt with last into the queue, with those whose links changed. `layers` come in the order of loading.
 * @returns ids of the layers that were put into the queue
 */
export async function lookForDeliveries(
  db: Database,
  queue: Queue,
  layers: readonly Layer[],
  dir: string,
): Promise<string[]> {
  const known = new Map(
    (
      await db.sql<{ id: string; mark: string | null; isDue: boolean }[]>`
        select layer_id as id, mark, next_at <= now() as "isDue" from app.schedule`
    ).map((row) => [row.id, row]),
  );
  const waiting = await queue.layers();
  const stale = await outdated(db);
  const live = await liveLayers(db);
  const queued: string[] = [];
  for (const [priority, layer] of layers.entries()) {
    const row = known.get(layer.id);
    if (row && !row.isDue && !stale.has(layer.id)) continue;
    const { hasFile, mark } = await findDelivery(layer, dir, live.has(layer.id));
    // What the layer is linked to says nothing of its readings.
    const isNew = mark !== row?.mark || (hasFile && stale.has(layer.id));
    if (mark !== null && isNew && !waiting.has(layer.id)) {
      await queue.add(layer.id, priority);
      queued.push(layer.id);
    }
    // The job first: killed in between, the layer is looked at again, and its job is the same one.
    await db.sql`insert into app.schedule (layer_id, looked_at, next_at, file, status)
      values (${layer.id}, now(), now() + make_interval(secs => ${LOOK_EVERY[layer.cadence] / 1000}), ${layer.source.file},
        ${mark === null ? 'missing' : null})
      on conflict (layer_id) do update set looked_at = now(), next_at = excluded.next_at, file = excluded.file,
        status = coalesce(excluded.status, nullif(app.schedule.status, 'missing'))`;
  }
  return queued;
}
