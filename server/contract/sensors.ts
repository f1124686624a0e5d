/** Sensors with their readings, and vehicles with their positions. */
import { z } from '@hono/zod-openapi';
import { Numbers, Text } from './basics.ts';

const Metric = z.object({ name: z.string(), title: Text, unit: z.string().nullable() });

/** The newest reading of a metric. */
const Latest = z.object({ metric: z.string(), at: z.string(), value: z.number() });

/** A sensor: a feature of a live layer that measures. */
export const SensorSummary = z
  .object({
    /** `<layer>:<key of the feature>`. */
    id: z.string(),
    layer: z.string(),
    fid: z.number().int(),
    title: z.string(),
    lon: z.number().nullable(),
    lat: z.number().nullable(),
    town: z.string().nullable(),
    /** Seconds from one reading to the next, as a rule. */
    intervalSeconds: z.number().int(),
    /** Its last reading before it fell silent; null for one that speaks, or never spoke for itself. */
    silentSince: z.string().nullable(),
    /** When it spoke last; null while all that is known came with files. */
    heardAt: z.string().nullable(),
    latest: z.array(Latest),
  })
  .openapi('SensorSummary');

export const SensorList = z
  .object({
    /** How many there are; `sensors` may hold fewer. */
    total: z.number().int(),
    silent: z.number().int(),
    /** What the sensors of each layer measure. */
    layers: z.array(z.object({ id: z.string(), title: Text, metrics: z.array(Metric) })),
    sensors: z.array(SensorSummary),
  })
  .openapi('SensorList');

/**
 * Readings of a sensor by steps. `times` and the columns of `values` belong together; a step without any reading is left out.
 * Least and most of each step are there, so that no extreme is lost.
 */
export const SensorReadings = z
  .object({
    sensor: z.string(),
    layer: z.string(),
    title: z.string(),
    from: z.string(),
    to: z.string(),
    stepSeconds: z.number(),
    silentSince: z.string().nullable(),
    /** Times of silence within; `to` is null for one that lasts. */
    silences: z.array(z.object({ from: z.string(), to: z.string().nullable() })),
    latest: z.array(Latest),
    /** Beginnings of the steps. */
    times: z.array(z.string()),
    values: z.array(Metric.extend({ count: z.array(z.number().int()), min: Numbers, avg: Numbers, max: Numbers })),
  })
  .openapi('SensorReadings');

export const ReadingInput = z
  .object({
    sensor: z.string().openapi({ example: 'water_level_station:440604SW001' }),
    metric: z.string().openapi({ example: 'level_m' }),
    at: z.union([z.string(), z.number().int()]).openapi({ description: 'A time with a zone, or ms since 1970' }),
    value: z.number(),
  })
  .openapi('ReadingInput');

export const ReadingReceipt = z
  .object({
    stored: z.number().int(),
    /** Sent before, and the same. */
    known: z.number().int(),
    rejected: z.array(
      z.object({
        /** Place in what was sent. */
        index: z.number().int(),
        code: z.string(),
        field: z.string(),
        message: z.string(),
      }),
    ),
  })
  .openapi('ReadingReceipt');

/** What was sent and not stored, by sensor, metric and reason. */
export const ReadingRejects = z
  .object({
    rejects: z.array(
      z.object({
        sensor: z.string(),
        metric: z.string(),
        code: z.string(),
        message: z.string(),
        /** What was sent last. */
        value: z.string().nullable(),
        via: z.string(),
        count: z.number(),
        firstAt: z.string(),
        lastAt: z.string(),
      }),
    ),
  })
  .openapi('ReadingRejects');

export const PositionInput = z
  .object({
    kind: z.string().openapi({ description: 'Layer of the vehicles', example: 'bus_position' }),
    vehicle: z.string().openapi({ description: 'Number of the vehicle in its layer', example: 'GJ00001' }),
    at: z.union([z.string(), z.number().int()]).openapi({ description: 'A time with a zone, or ms since 1970' }),
    lon: z.number(),
    lat: z.number(),
    speed: z.number().nullable().optional().openapi({ description: 'km/h' }),
    bearing: z.number().nullable().optional().openapi({ description: 'Degrees clockwise from north' }),
    label: z.string().nullable().optional().openapi({ description: 'What it runs as: the route of a bus' }),
  })
  .openapi('PositionInput');

export const PositionReceipt = z
  .object({
    stored: z.number().int(),
    known: z.number().int(),
    rejected: z.array(z.object({ index: z.number().int(), code: z.string(), field: z.string(), message: z.string() })),
  })
  .openapi('PositionReceipt');

/** Where vehicles are. The columns from `ids` to `bearing` belong together by position. */
export const Positions = z
  .object({
    /** To ask on from. */
    cursor: z.number(),
    /** Whether these are all; false: those that were heard of after `since`. */
    full: z.boolean(),
    /** ms since 1970, of the server. */
    now: z.number(),
    kinds: z.array(z.object({ id: z.string(), title: Text, everySeconds: z.number() })),
    ids: z.array(z.string()),
    /** Index in `kinds`. */
    kind: z.array(z.number().int()),
    label: z.array(z.string()),
    /** ms since 1970. */
    at: z.array(z.number()),
    lon: z.array(z.number()),
    lat: z.array(z.number()),
    /** km/h. */
    speed: Numbers,
    /** Degrees clockwise from north. */
    bearing: Numbers,
    /** With `trail`: where they were before, oldest first. */
    trails: z.array(
      z.object({ id: z.string(), at: z.array(z.number()), lon: z.array(z.number()), lat: z.array(z.number()) }),
    ),
  })
  .openapi('Positions');

export type SensorSummary = z.infer<typeof SensorSummary>;

export type SensorList = z.infer<typeof SensorList>;

export type SensorReadings = z.infer<typeof SensorReadings>;

export type PositionReceipt = z.infer<typeof PositionReceipt>;

export type Positions = z.infer<typeof Positions>;

export type ReadingReceipt = z.infer<typeof ReadingReceipt>;

export type ReadingRejects = z.infer<typeof ReadingRejects>;
