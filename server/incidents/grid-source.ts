import type { Sql } from '../db/connect.ts';
import { loadMesh, type GridMesh } from '../db/mesh.ts';

/** The micro-grids in memory, renewed when another version of them is published. */
export interface GridSource {
  /** Undefined while none are loaded. */
  current(): GridMesh | undefined;
  close(): Promise<void>;
}

/** Reads the micro-grids now and after each publication of `governance_grid`. */
export async function followGrids(sql: Sql, onError: (cause: unknown) => void): Promise<GridSource> {
  let mesh: GridMesh | undefined;
  let reading = Promise.resolve();
  const renew = (): Promise<void> =>
    (reading = reading.then(async () => {
      try {
        mesh = await loadMesh(sql);
      } catch (cause) {
        onError(cause);
      }
    }));
  // Also after a lost connection: what was published meanwhile was not heard of.
  const { unlisten } = await sql.listen('layers', (layer) => layer === 'governance_grid' && renew(), renew);
  await reading;
  return {
    current: () => (mesh && mesh.codes.length > 0 ? mesh : undefined),
    close: () => unlisten().catch(() => undefined),
  };
}
