import { createRoute, z } from '@hono/zod-openapi';
import type { Layer } from '../../layers/define.ts';
import { parseSensorId, sensorOf } from '../../layers/sensor.ts';
import { SensorList, SensorReadings, type SensorSummary } from '../contract/sensors.ts';
import { ApiError } from '../errors.ts';
import { parseBboxParameter } from '../filter/parse.ts';
import {
  findSensor,
  listSensors,
  listSilences,
  listSteps,
  sensorsVersion,
  type ReadingStep,
  type SensorRow,
} from '../queries/sensors.ts';
import { cacheHeaders, entityTag, hasCurrent, notModified } from './cache.ts';
import { layersAsked } from './layers-asked.ts';
import { BboxParameter, failure, json, NOT_MODIFIED } from './parameters.ts';
import { readInstant } from './read-instant.ts';
import { endpoint } from './router.ts';

const MOST_SENSORS = 20_000;
/** Steps of a chart, at most, and when nothing is asked. */
const MOST_POINTS = 2000;
const POINTS = 400;
const DEFAULT_DAYS = 7;
const MOST_DAYS = 400;
const DAY_MS = 86_400_000;
/** Lengths of steps, in seconds: people read minutes, hours and days. */
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];

function metricsOf(layer: Layer) {
  return (sensorOf(layer)?.metrics ?? []).map((name) => ({
    name,
    title: layer.fields[name]?.title ?? { zh: name, en: name },
    unit: layer.fields[name]?.unit ?? null,
  }));
}

function latestOf({ latest }: Pick<SensorRow, 'latest'>): SensorSummary['latest'] {
  return (latest ?? []).map(({ metric, at, value }) => ({ metric, at: new Date(at).toISOString(), value }));
}

const whole = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,6}$/, `must be a whole number from ${least} to ${most}`)
    .transform(Number)
    .pipe(z.int().min(least).max(most));

export const readSensors = endpoint(
  createRoute({
    method: 'get',
    path: '/api/sensors',
    tags: ['sensors'],
    summary: 'Sensors of live layers, with the newest reading of each of their metrics',
    request: {
      query: z.object({
        layer: z
          .string()
          .max(2000)
          .optional()
          .openapi({ description: 'Ids of layers, with commas between; all sensor layers when left out' }),
        bbox: BboxParameter,
        town: z
          .string()
          .regex(/^\d{12}$/, 'must be a 12-digit town code')
          .optional(),
        silent: z
          .enum(['true', 'false'])
          .optional()
          .openapi({ description: 'Only those that are, or are not, silent' }),
        limit: whole(1, MOST_SENSORS)
          .default(1000)
          .openapi({ type: 'integer', minimum: 1, maximum: MOST_SENSORS, default: 1000 }),
      }),
    },
    responses: {
      200: json(SensorList, 'The sensors, by name'),
      304: NOT_MODIFIED,
      400: failure('PARAMETER_INVALID: also a layer without sensors'),
      404: failure('LAYER_NOT_FOUND'),
    },
  }),
  async (c) => {
    const { role } = c.var.caller;
    const { catalogue, db } = c.var.services;
    const query = c.req.valid('query');
    const area = parseBboxParameter(query.bbox);
    const asked = { name: 'layer', text: query.layer };
    const layers = await layersAsked(
      catalogue,
      role,
      asked,
      (layer) => sensorOf(layer) !== undefined,
      'measure nothing',
    );
    const tag = entityTag('sensors', role, JSON.stringify(query), await sensorsVersion(db.sql));
    const headers = cacheHeaders(layers, tag);
    if (hasCurrent(c, tag)) return notModified(c, headers);
    const rows = await listSensors(db.sql, {
      layers: layers.map(({ id }) => id),
      town: query.town ?? null,
      bbox: area.kind === 'bbox' ? area.bbox : null,
      silent: query.silent === undefined ? null : query.silent === 'true',
      limit: query.limit,
    });
    const body = {
      total: rows[0]?.total ?? 0,
      silent: rows[0]?.silentTotal ?? 0,
      layers: layers.map((layer) => ({ id: layer.id, title: layer.title, metrics: metricsOf(layer) })),
      sensors: rows.map((row) => ({
        id: row.id,
        layer: row.layer,
        fid: row.fid,
        title: row.title,
        lon: row.lon,
        lat: row.lat,
        town: row.town,
        intervalSeconds: row.intervalSeconds,
        silentSince: row.silentSince?.toISOString() ?? null,
        heardAt: row.heardAt?.toISOString() ?? null,
        latest: latestOf(row),
      })),
    };
    return c.json(body, 200, headers);
  },
);

/** The shortest step that makes no more than some points of a range. */
function stepOf(rangeMs: number, points: number): number {
  return STEPS.find((seconds) => rangeMs / 1000 / seconds <= points) ?? Math.ceil(rangeMs / DAY_MS / points) * 86_400;
}

/** Steps of several metrics as columns that belong to the same times. */
function columnsOf(steps: readonly ReadingStep[], layer: Layer) {
  const times = [...new Set(steps.map(({ at }) => at.getTime()))];
  const place = new Map(times.map((time, i) => [time, i]));
  const empty = (): (number | null)[] => times.map(() => null);
  return {
    times: times.map((time) => new Date(time).toISOString()),
    values: metricsOf(layer).map((metric) => {
      const columns = { count: times.map(() => 0), min: empty(), avg: empty(), max: empty() };
      for (const step of steps) {
        if (step.metric !== metric.name) continue;
        const i = place.get(step.at.getTime()) as number;
        columns.count[i] = step.count;
        columns.min[i] = step.min;
        columns.avg[i] = step.avg;
        columns.max[i] = step.max;
      }
      return { ...metric, ...columns };
    }),
  };
}

export const readReadings = endpoint(
  createRoute({
    method: 'get',
    path: '/api/sensors/{id}/readings',
    tags: ['sensors'],
    summary: 'Readings of a sensor over time by steps, with the least, mean and most of each',
    request: {
      params: z.object({
        id: z
          .string()
          .min(1)
          .max(200)
          .openapi({ param: { name: 'id', in: 'path' }, example: 'water_level_station:440604SW001' }),
      }),
      query: z.object({
        from: z.string().optional().openapi({
          description: 'Included; `days` before `to` when left out',
          example: '2026-10-25',
        }),
        to: z.string().optional().openapi({ description: 'Excluded; just behind the newest reading when left out' }),
        days: whole(1, MOST_DAYS).default(DEFAULT_DAYS).openapi({
          type: 'integer',
          minimum: 1,
          maximum: MOST_DAYS,
          default: DEFAULT_DAYS,
          description: 'Without `from`: days before `to`',
        }),
        points: whole(1, MOST_POINTS).default(POINTS).openapi({
          type: 'integer',
          minimum: 1,
          maximum: MOST_POINTS,
          default: POINTS,
          description: 'Steps at most',
        }),
      }),
    },
    responses: {
      200: json(SensorReadings, 'The readings'),
      304: NOT_MODIFIED,
      400: failure('PARAMETER_INVALID'),
      404: failure('LAYER_NOT_FOUND, SENSOR_NOT_FOUND'),
    },
  }),
  async (c) => {
    const { role } = c.var.caller;
    const { catalogue, db } = c.var.services;
    const { id } = c.req.valid('param');
    const query = c.req.valid('query');
    const missing = new ApiError('SENSOR_NOT_FOUND', `There is no sensor "${id.slice(0, 80)}".`, {
      field: 'id',
      value: id,
    });
    const parsed = parseSensorId(id);
    if (parsed === undefined) throw missing;
    const { layer } = await catalogue.get(parsed.layer, role);
    const sensor = await findSensor(db.sql, id);
    if (sensor === null) throw missing;
    const newest = Math.max(...(sensor.latest ?? []).map(({ at }) => at), 0);
    // A reading at the very end counts.
    const to = query.to === undefined ? new Date((newest || Date.now()) + 1) : readInstant('to', query.to);
    const from =
      query.from === undefined ? new Date(to.getTime() - query.days * DAY_MS) : readInstant('from', query.from);
    const rangeMs = to.getTime() - from.getTime();
    const invalid = (message: string) =>
      new ApiError('PARAMETER_INVALID', `from: ${message}`, { field: 'from', value: query.from ?? from.toISOString() });
    if (rangeMs <= 0) throw invalid('is not before to');
    if (rangeMs > MOST_DAYS * DAY_MS + 1) throw invalid(`is more than ${MOST_DAYS} days before to`);
    const step = stepOf(rangeMs, query.points);
    const tag = entityTag(
      'readings',
      id,
      role,
      from.toISOString(),
      to.toISOString(),
      step,
      sensor.heardAt?.getTime() ?? 0,
      sensor.load ?? 0,
      sensor.silenceAt.getTime(),
    );
    const headers = cacheHeaders([layer], tag);
    if (hasCurrent(c, tag)) return notModified(c, headers);
    const names = sensorOf(layer)?.metrics ?? [];
    const [steps, silences] = await Promise.all([
      listSteps(db.sql, id, names, from, to, step),
      listSilences(db.sql, id, from, to),
    ]);
    const body = {
      sensor: id,
      layer: layer.id,
      title: sensor.title,
      from: from.toISOString(),
      to: to.toISOString(),
      stepSeconds: step,
      silentSince: sensor.silentSince?.toISOString() ?? null,
      silences: silences.map((each) => ({ from: each.from.toISOString(), to: each.to?.toISOString() ?? null })),
      latest: latestOf(sensor),
      ...columnsOf(steps, layer),
    };
    return c.json(body, 200, headers);
  },
);
