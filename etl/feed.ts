import { setTimeout as pause } from 'node:timers/promises';
import type { Feature, FeatureCollection, LineString, MultiLineString } from 'geojson';
import { findLayer } from '../layers/index.ts';
import { Way } from './demo/feed/place-along.ts';
import { surgeAt, type Weather } from './demo/feed/surge.ts';
import { hashed, isSilentAt, readingAt, type ReadingModel } from './demo/feed/reading-at.ts';

export interface FeedOptions {
  /** Base of the API. */
  url: string;
  headers?: Record<string, string>;
  seed?: number;
  /** Sensors of each layer that speak, at most. */
  sensors?: number;
  /** Vehicles of each kind that move, at most. */
  vehicles?: number;
  /** What happens in the district, from the beginning of the feed on. */
  weather?: Weather;
}

interface SensorList {
  sensors: {
    id: string;
    layer: string;
    lon: number | null;
    lat: number | null;
    intervalSeconds: number;
    latest: { metric: string; value: number }[];
  }[];
}

/** A sensor of the demo: when it speaks, and what of. */
interface Speaker {
  id: string;
  everyMs: number;
  models: ReadingModel[];
}

interface Vehicle {
  kind: string;
  vehicle: string;
  label?: string;
  way: Way;
  /** Metres gone at 1970, and km/h. */
  start: number;
  speed: number;
}

/** Layers whose sensors speak in a demo. Those of cars and stacks are known by files alone, as they may be elsewhere. */
const SPEAKING = [
  'water_level_station',
  'flow_station',
  'waterlogging_sensor',
  'pipe_level_sensor',
  'rain_gauge',
  'pump_operation',
  'air_station',
  'air_micro_station',
  'water_auto_station',
  'noise_station',
  'voc_fence',
  'smart_manhole',
  'parking_lot',
];
const TICK_MS = 5000;
/** Layers may still be loading: those that come later join. */
const RENEW_MS = 60_000;
/** Sensors that speak seldom would look dead in a demo. */
const LONGEST_EVERY_MS = 300_000;
/** In a storm stations speak more often, as real ones do. */
const LONGEST_EVERY_IN_EVENT_MS = 30_000;
const MOVE_MS = 10_000;

/** Keeps the sensors and vehicles of a demo alive until `signal`: readings and positions at a low rate, the same for the same seed and time. */
export async function feed(options: FeedOptions, signal: AbortSignal): Promise<void> {
  const { url, headers = {}, seed = 1, sensors = 40, vehicles = 60, weather = 'normal' } = options;
  const since = Date.now();
  let speakers: Speaker[] = [];
  let movers: Vehicle[] = [];
  let renewedAt = 0;
  let movedAt = 0;
  let spokenAt = Date.now();
  while (!signal.aborted) {
    try {
      if (Date.now() - renewedAt > RENEW_MS) {
        renewedAt = Date.now();
        // What each was at first stays its middle, or they would wander away.
        const known = new Map(speakers.map((speaker) => [speaker.id, speaker]));
        speakers = (await listSpeakers(url, headers, { seed, most: sensors, weather, since })).map(
          (speaker) => known.get(speaker.id) ?? speaker,
        );
        movers = await listMovers(url, headers, seed, vehicles);
      }
      const now = Date.now();
      const readings = speakers.flatMap((speaker) => readingsBetween(seed, speaker, spokenAt, now));
      spokenAt = now;
      if (readings.length > 0) await post(url, headers, '/api/readings', readings);
      if (movers.length > 0 && now - movedAt >= MOVE_MS) {
        movedAt = now;
        await post(
          url,
          headers,
          '/api/positions',
          movers.map((vehicle) => positionOf(vehicle, now)),
        );
      }
    } catch {
      // The service is starting, or away: it goes on when it is back.
    }
    await pause(TICK_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** Readings that a sensor sends after one instant and up to another, each on its own beat. */
export function readingsBetween(seed: number, { id, everyMs, models }: Speaker, from: number, to: number) {
  const phase = Math.floor(hashed(seed, id, 'beat') * everyMs);
  const first = Math.floor((from - phase) / everyMs) + 1;
  const last = Math.floor((to - phase) / everyMs);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => (first + i) * everyMs + phase).flatMap((at) =>
    isSilentAt(seed, id, at)
      ? []
      : models.map((model) => ({ sensor: id, metric: model.metric, at, value: readingAt(model, at) })),
  );
}

/** Where a vehicle is at an instant. */
export function positionOf({ kind, vehicle, label, way, start, speed }: Vehicle, at: number) {
  const { lon, lat, bearing } = way.placeAt(start + ((at % 86_400_000) / 1000) * (speed / 3.6));
  return { kind, vehicle, at, lon, lat, bearing, speed, ...(label === undefined ? {} : { label }) };
}

async function listSpeakers(
  url: string,
  headers: Record<string, string>,
  { seed, most, weather, since }: { seed: number; most: number; weather: Weather; since: number },
): Promise<Speaker[]> {
  const longest = weather === 'normal' ? LONGEST_EVERY_MS : LONGEST_EVERY_IN_EVENT_MS;
  const answer = await get<SensorList>(url, headers, '/api/sensors?limit=20000');
  const spoken = new Map<string, number>();
  return answer.sensors.flatMap(({ id, layer, lon, lat, intervalSeconds, latest }): Speaker[] => {
    const definition = findLayer(layer);
    const count = spoken.get(layer) ?? 0;
    if (definition === undefined || !SPEAKING.includes(layer) || count >= most) return [];
    spoken.set(layer, count + 1);
    const { sensor, series } = definition;
    const models = (sensor?.metrics ?? series?.values ?? []).flatMap((metric): ReadingModel[] => {
      const field = definition.fields[metric];
      const base = latest.find((each) => each.metric === metric)?.value ?? null;
      if (field === undefined) return [];
      const sensed = { seed, sensor: id, metric, lon: lon ?? 0, lat: lat ?? 0 };
      const model: ReadingModel = { seed, sensor: id, metric, field, base };
      return [weather === 'normal' ? model : { ...model, surge: (at) => surgeAt(weather, since, sensed, at) }];
    });
    return [{ id, everyMs: Math.min(intervalSeconds * 1000, longest), models }];
  });
}

async function listMovers(
  url: string,
  headers: Record<string, string>,
  seed: number,
  most: number,
): Promise<Vehicle[]> {
  const list = <G extends LineString | MultiLineString>(layer: string, limit: number) =>
    get<FeatureCollection<G>>(url, headers, `/api/layers/${layer}/features?limit=${limit}`);
  const [routes, buses, patrols] = await Promise.all([
    list('bus_route', 100),
    list('bus_position', 500),
    list('patrol_position', 30),
  ]);
  const ways = new Map(routes.features.map((route) => [String(route.properties?.['route_id']), wayOf(route)]));
  const all = [...ways.values()].filter((way) => way.length > 500);
  const vehicle = (kind: string, key: string, way: Way, speed: number, label?: string): Vehicle => ({
    kind,
    vehicle: key,
    way,
    start: hashed(seed, key, 'start') * way.length * 2,
    speed: Math.round(speed * (0.8 + 0.4 * hashed(seed, key, 'speed'))),
    ...(label === undefined ? {} : { label }),
  });
  return [
    ...buses.features
      .flatMap(({ properties }) => {
        const way = ways.get(String(properties?.['route_id']));
        return way === undefined || way.length < 500
          ? []
          : [vehicle('bus_position', String(properties?.['vehicle_id']), way, 24, String(properties?.['short_name']))];
      })
      .slice(0, most),
    ...patrols.features.flatMap(({ properties }, i) => {
      const way = all[i % Math.max(1, all.length)];
      return way === undefined ? [] : [vehicle('patrol_position', String(properties?.['unit_no']), way, 30)];
    }),
  ];
}

function wayOf({ geometry }: Feature<LineString | MultiLineString>): Way {
  const parts = geometry.type === 'LineString' ? [geometry.coordinates] : geometry.coordinates;
  // The longest part: between parts nobody can drive.
  return new Way(parts.toSorted((a, b) => b.length - a.length)[0] ?? []);
}

async function get<T>(url: string, headers: Record<string, string>, path: string): Promise<T> {
  const answer = await fetch(new URL(path, url), { headers, signal: AbortSignal.timeout(30_000) });
  if (!answer.ok) throw new Error(`${answer.url}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

async function post(url: string, headers: Record<string, string>, path: string, items: object[]): Promise<void> {
  const answer = await fetch(new URL(path, url), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(items),
    signal: AbortSignal.timeout(30_000),
  });
  if (!answer.ok) throw new Error(`${answer.url}: ${answer.status} ${await answer.text()}`);
}
