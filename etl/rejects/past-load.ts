import { getLayer, layers } from '../../layers/index.ts';
import type { Layer } from '../../layers/define.ts';
import { parseLayer } from '../../layers/parse.ts';
import type { Database } from '../../server/db/connect.ts';
import { LoadError } from '../errors.ts';
import { fetchFile } from '../steps/fetch.ts';

/** A load that is over, and the layer it was into. */
export interface PastLoad {
  load: number;
  layer: Layer;
  isUserLayer: boolean;
  path: string;
  sha256: string | null;
  /** Format as it was found: the layer's own, or the one of a corrected file. */
  format: string;
  encoding: string | null;
  crs: string | null;
  /** The load that is live now. */
  live: number | null;
}

/** Throws BAD_USAGE where there is no such load, or where it never got as far as reading its file. */
export async function getPastLoad(db: Database, load: number): Promise<PastLoad> {
  const [row] = await db.sql<
    (Omit<PastLoad, 'layer' | 'format'> & { layerId: string; format: string | null; definition: unknown })[]
  >`
    select l.load_id as load, l.layer_id as "layerId", l.source_file as path, l.sha256, l.format, l.encoding, l.crs,
      s.load_id as live, u.definition
    from app.load l left join app.layer_state s using (layer_id) left join app.user_layer u using (layer_id)
    where l.load_id = ${load}::int4`;
  if (row === undefined) {
    throw new LoadError('BAD_USAGE', { zh: `没有装载 ${load}。`, en: `there is no load ${load}.` });
  }
  const { layerId, format, definition, ...rest } = row;
  const isUserLayer = !layers.some(({ id }) => id === layerId);
  if (format === null || (isUserLayer && definition === null)) {
    throw new LoadError('BAD_USAGE', {
      zh: `装载 ${load} 没有读到任何行。`,
      en: `load ${load} did not get as far as reading rows.`,
    });
  }
  return { ...rest, format, isUserLayer, layer: isUserLayer ? parseLayer(definition) : getLayer(layerId) };
}

/** Throws FILE_NOT_FOUND unless the file is still the one that was loaded. */
export async function assertSameFile({ load, path, sha256 }: PastLoad): Promise<void> {
  const found = await fetchFile(path).catch(() => null);
  if (found !== null && found.sha256 === sha256) return;
  throw new LoadError('FILE_NOT_FOUND', {
    zh: `装载 ${load} 的原文件已不在原处，或已被替换。请用新的文件重新装载。`,
    en: `the file of load ${load} is gone or was replaced since. Load the new file instead.`,
  });
}
