import type { Field } from '../../layers/define.ts';
import { sensorOf } from '../../layers/sensor.ts';
import type { Catalogue } from '../catalogue.ts';
import type { Sql } from '../db/connect.ts';

/** What the sensors of a layer measure: the fields that their values are checked by. */
export type Metrics = ReadonlyMap<string, Field>;

/** Who may send readings, in memory: renewed when sensors are registered, and now and then in case that was not heard. */
export interface SensorList {
  /** Resolves once the list has been read; the first call begins to. */
  ready(): Promise<void>;
  /** The metrics of a sensor; undefined for one that is not registered. */
  metricsOf(sensor: string): Metrics | undefined;
  close(): Promise<void>;
}

const RENEW_MS = 60_000;

export function createSensorList(
  sql: Sql,
  catalogue: Pick<Catalogue, 'list'>,
  onError: (cause: unknown) => void,
): SensorList {
  let sensors = new Map<string, Metrics>();
  let reading = Promise.resolve();
  let started: Promise<() => Promise<void>> | null = null;

  async function read(): Promise<void> {
    const ofLayer = new Map<string, Metrics>();
    for (const { layer } of await catalogue.list('staff')) {
      const names = sensorOf(layer)?.metrics ?? [];
      ofLayer.set(layer.id, new Map(names.flatMap((name) => (layer.fields[name] ? [[name, layer.fields[name]]] : []))));
    }
    const rows = await sql<{ layer: string; ids: string[] }[]>`
      select layer, array_agg(id) as ids from app.sensor group by layer`;
    const next = new Map<string, Metrics>();
    for (const { layer, ids } of rows) {
      const metrics = ofLayer.get(layer);
      if (metrics !== undefined) for (const id of ids) next.set(id, metrics);
    }
    sensors = next;
  }

  const renew = (): Promise<void> => (reading = reading.then(() => read().catch(onError)));

  async function start(): Promise<() => Promise<void>> {
    // Also after a lost connection: what was registered meanwhile was not heard of.
    const { unlisten } = await sql.listen('sensors', renew, renew);
    const timer = setInterval(renew, RENEW_MS);
    await renew();
    return async () => {
      clearInterval(timer);
      await unlisten().catch(() => undefined);
      await reading;
    };
  }

  return {
    async ready() {
      started ??= start();
      try {
        await started;
      } catch (cause) {
        // The next sender tries again.
        started = null;
        throw cause;
      }
    },
    metricsOf: (sensor) => sensors.get(sensor),
    async close() {
      const stop = await started?.catch(() => undefined);
      await stop?.();
    },
  };
}
