import { resolve } from 'node:path';
import { checkLayer } from '../layers/check-layer.ts';
import type { Layer } from '../layers/define.ts';
import { findLayer } from '../layers/index.ts';
import { parseLayer } from '../layers/parse.ts';
import type { Database } from '../server/db/connect.ts';
import type { ActiveChecks } from './checks/active-checks.ts';
import { toWgs84 } from './crs/transform.ts';
import { LoadError } from './errors.ts';
import { loadLayer } from './load-layer.ts';
import type { LoadReport } from './report.ts';
import { LoadSession } from './session.ts';
import { noteUserLayer, settleUserLayer } from './user-layer.ts';

/** A layer that somebody has made of others, as the service hands it over. */
export interface DefinedLayer {
  layer: Layer;
  /** What it was made of; kept with the load. */
  madeOf: object;
  owner: { role: string; token: string | null };
}

/** A definition from a file. Throws BAD_USAGE when it is none of a user's layer. */
export function parseDefined(json: unknown): DefinedLayer {
  const { layer: given, madeOf, owner } = json as Record<keyof DefinedLayer, unknown>;
  const layer = parseLayer(given);
  const problems = checkLayer(layer, new Map(), 'user');
  if (!layer.id.startsWith('user_') || findLayer(layer.id) !== undefined || problems.length > 0) {
    throw new LoadError('BAD_USAGE', {
      zh: `图层定义不可用：${problems.join('；')}`,
      en: `the definition cannot be used: ${problems.join('; ')}`,
    });
  }
  return { layer, madeOf: madeOf as object, owner: owner as DefinedLayer['owner'] };
}

/** Loads a GeoJSON file in degrees as a user's layer of this definition, by the steps of every load. */
export async function importDefined(
  db: Database,
  file: string,
  { layer, madeOf, owner }: DefinedLayer,
  checks: ActiveChecks,
): Promise<LoadReport> {
  const session = new LoadSession(db);
  try {
    await noteUserLayer(db, layer, owner);
    const report = await loadLayer(session, layer, resolve(file), {
      isUser: true,
      inHierarchy: true,
      checks,
      madeOf,
      force: true,
      // The service has written the file in degrees.
      crs: {
        name: 'EPSG:4326',
        transform: toWgs84('EPSG:4326'),
        source: { crs: 'EPSG:4326' },
        confidence: 1,
        reasons: [{ zh: '由本系统写出', en: 'written by this service' }],
        candidates: ['EPSG:4326'],
      },
    });
    await settleUserLayer(db, layer.id, layer, report);
    return report;
  } finally {
    await session.close();
  }
}
