import type { Duties } from '../duty/duties.ts';
import { removeUserLayer, listForgotten, listLeftTables } from '../queries/user-layers.ts';
import { OVERLAY_TABLE } from './overlay.ts';

const EVERY_MS = 600_000;

/** Removes layers that were deleted and can no longer be taken back, and what overlays that were killed left. */
export async function takeOnForgetting(duties: Duties): Promise<void> {
  await duties.every({
    name: 'forget deleted layers',
    everyMs: EVERY_MS,
    async run(tx) {
      for (const id of await listForgotten(tx)) await removeUserLayer(tx, id);
      for (const name of await listLeftTables(tx, OVERLAY_TABLE)) await tx`drop table if exists ${tx(name)}`;
    },
  });
}
