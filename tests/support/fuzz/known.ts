import * as fc from 'fast-check';
import type { LayerDetail } from '../../../server/contract/layers.ts';

export interface KnownLayer extends LayerDetail {
  /** Some of its rows, and of its versions. */
  fids: readonly number[];
  loads: readonly number[];
}

export interface KnownThings {
  layers: readonly KnownLayer[];
  loads: readonly number[];
  /** Codes of grids, communities and towns. */
  cells: readonly string[];
  towns: readonly string[];
  sensors: readonly { id: string; layer: string; metric: string }[];
  vehicles: readonly { kind: string; vehicle: string }[];
  staffToken: string;
  /** A moment after everything was loaded. */
  now: string;
}

/** Things of a kind that are remembered: the newest. */
const REMEMBERED = 40;

/** Where an answer tells the number of what was made, or of what there is, by the route that was asked. */
const TOLD: Readonly<Record<string, { pool: string; ids: (answer: unknown, path: readonly string[]) => unknown[] }>> = {
  'POST /api/incidents': { pool: 'incident', ids: (answer) => [at(answer, 'id')] },
  'GET /api/incidents': { pool: 'cursor', ids: (answer) => [at(answer, 'cursor')] },
  'POST /api/reports': { pool: 'report', ids: (answer) => [at(answer, 'token')] },
  'POST /open311/v2/requests.json': { pool: 'report', ids: (answer) => [at(answer, '0', 'token')] },
  'POST /api/rules': { pool: 'rule', ids: (answer) => [at(answer, 'id')] },
  'GET /api/alarms': { pool: 'alarm', ids: (answer) => each(at(answer, 'alarms'), 'id') },
  'POST /api/alerts': { pool: 'alert', ids: (answer) => [at(answer, 'id')] },
  'POST /api/incidents/{id}/dispatch': { pool: 'dispatch', ids: (answer) => [at(answer, 'id')] },
  'POST /api/exports': { pool: 'export', ids: (answer) => [at(answer, 'id')] },
  'POST /api/analysis/overlay': { pool: 'job', ids: (answer) => [at(answer, 'id')] },
  'POST /api/analysis/save': { pool: 'job', ids: (answer) => [at(answer, 'id')] },
  'POST /api/analysis/attach': { pool: 'job', ids: (answer) => [at(answer, 'id')] },
  'GET /api/user-layers': { pool: 'user layer', ids: (answer) => each(at(answer, 'layers'), 'id') },
  'POST /api/notifications/subscriptions': {
    pool: 'subscription',
    ids: (answer) => [at(answer, 'subscription', 'id')],
  },
  'GET /api/intake/messages': { pool: 'message', ids: (answer) => each(at(answer, 'messages'), 'id') },
  'PUT /api/intake/feeds/{id}': { pool: 'feed', ids: (_answer, path) => [path[4]] },
  // Of an incident: both numbers, as they stand in an address.
  'POST /api/incidents/{id}/media': {
    pool: 'media',
    ids: (answer, path) => [`${path[3]}/${String(at(answer, 'id'))}`],
  },
  'GET /api/incidents/{id}/history': {
    pool: 'task',
    ids: (answer, path) => each(at(answer, 'tasks'), 'id').map((id) => `${path[3]}/${String(id)}`),
  },
};

function at(answer: unknown, ...names: string[]): unknown {
  let value = answer;
  for (const name of names) value = value !== null && typeof value === 'object' ? Reflect.get(value, name) : undefined;
  return value;
}

function each(list: unknown, name: string): unknown[] {
  return Array.isArray(list) ? list.map((item) => at(item, name)) : [];
}

/** What is really there, so that many requests get past the first check. It grows with what the requests make. */
export class Known {
  readonly things: KnownThings;
  /** With rows; those of them with a place on the map; pictures. */
  readonly tables: readonly KnownLayer[];
  readonly located: readonly KnownLayer[];
  readonly rasters: readonly KnownLayer[];
  private readonly pools = new Map<string, string[]>();

  constructor(things: KnownThings) {
    this.things = things;
    const loaded = things.layers.filter(({ load, count }) => load !== null && count !== 0);
    this.rasters = loaded.filter(({ geometry }) => geometry === 'raster');
    this.tables = loaded.filter(({ geometry, fids }) => geometry !== 'raster' && fids.length > 0);
    this.located = this.tables.filter(({ geometry }) => geometry !== 'table');
  }

  /** One of a kind, as it is known when the request is made; `1` while there is none. */
  one(pool: string): fc.Arbitrary<string> {
    return fc.nat().map((number) => {
      const list = this.pools.get(pool) ?? [];
      return list[number % Math.max(1, list.length)] ?? '1';
    });
  }

  /** @param route method and path of the contract */
  learn(route: string, address: string, answer: unknown): void {
    const path = (address.split('?')[0] ?? '').split('/');
    const told = TOLD[route];
    const next = at(answer, 'next');
    for (const [pool, id] of [
      ...(told === undefined ? [] : told.ids(answer, path).map((each): [string, unknown] => [told.pool, each])),
      [`next of ${route}`, next] as [string, unknown],
    ]) {
      if (typeof id !== 'string' && typeof id !== 'number') continue;
      const list = this.pools.get(pool) ?? [];
      if (list.includes(String(id))) continue;
      list.push(String(id));
      if (list.length > REMEMBERED) list.shift();
      this.pools.set(pool, list);
    }
  }
}
