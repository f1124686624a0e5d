/**
 * The words the API speaks: zod schemas of what goes in and out, and their types. The dashboard imports the types
 * (through `server/app.ts`), the routes validate with the schemas, the OpenAPI document is made from them.
 */
import { z } from '@hono/zod-openapi';
import {
  ALERT_CATEGORIES,
  ALERT_CERTAINTIES,
  ALERT_RESPONSES,
  ALERT_STATUSES,
  ALERT_URGENCIES,
} from './alerts/alert.ts';
import { CELL_LEVELS } from './filter/predicate.ts';
import type { Alarm } from './rules/contract.ts';

/** Every failure has this body, whatever failed. `field` names the parameter or property at fault. */
export const ErrorBody = z
  .object({
    error: z.object({
      code: z.string(),
      message: z.string(),
      field: z.string().optional(),
      value: z.unknown().optional(),
      requestId: z.string(),
    }),
  })
  .openapi('Error');

export const Text = z.object({ zh: z.string(), en: z.string() });
/** `[minLon, minLat, maxLon, maxLat]`, EPSG:4326, degrees. */
export const Bbox = z.tuple([z.number(), z.number(), z.number(), z.number()]);

export const LegendEntry = z.object({ label: Text, color: z.string(), value: z.string().optional() });
export const FieldInfo = z.object({
  name: z.string(),
  type: z.enum(['string', 'int', 'number', 'bool', 'date', 'datetime']),
  title: Text,
  unit: z.string().optional(),
  filterable: z.boolean(),
  masked: z.boolean(),
  values: z.record(z.string(), Text).optional(),
});

/** Ways to draw a raster: as it is, by its ramp, by the ramp with light on it, by light alone, heights as Terrain-RGB. */
export const RASTER_STYLES = ['colours', 'ramp', 'relief', 'hillshade', 'terrain'] as const;
export type RasterStyle = (typeof RASTER_STYLES)[number];

export const LayerSummary = z
  .object({
    id: z.string(),
    title: Text,
    department: z.object({ id: z.string(), title: Text }),
    class: z.object({ id: z.string(), title: Text }),
    subclass: z.object({ id: z.string(), title: Text }),
    geometry: z.enum(['point', 'line', 'polygon', 'table', 'raster']),
    sensitivity: z.enum(['public', 'internal', 'restricted', 'personal']),
    minzoom: z.number().int(),
    maxzoom: z.number().int(),
    symbology: z.unknown(),
    /** `/api/icons/{icon}` is its picture. */
    icon: z.string().nullable(),
    /** The property of its tiles, of polygons in the layer `<id>_label`, that names a feature; null where they carry none. */
    tileLabel: z.string().nullable(),
    legend: z.array(LegendEntry),
    /** What the colours are of; null where all is of one colour. */
    legendField: Text.nullable(),
    /** Rows in the live table; null while the layer has never been loaded. */
    count: z.number().int().nullable(),
    unlocated: z.number().int().nullable(),
    bbox: Bbox.nullable(),
    load: z.object({ id: z.number().int(), at: z.string() }).nullable(),
    freshness: z.enum(['fresh', 'stale', 'never']),
    freshnessHours: z.number(),
    /** Of a raster that is loaded: what its pixels are, the times of its pictures, and the ways to draw them. */
    raster: z
      .object({
        kind: z.enum(['values', 'colours']),
        /** Oldest first: a year, a day or an instant; empty where the only picture says none. */
        times: z.array(z.string()),
        /** The first one is what is drawn when none is asked for. */
        styles: z.array(z.enum(RASTER_STYLES)),
        /** Ground size of the finest pixel, metres. */
        resolution: z.number(),
      })
      .nullable(),
    /** What its features measure (`/api/sensors`); null for a layer whose features measure nothing. */
    sensor: z.object({ metrics: z.array(z.string()), everyMinutes: z.number() }).nullable(),
    /** Its features move (`/api/positions`); null for a layer whose features stay where they are. */
    moving: z.object({ everySeconds: z.number() }).nullable(),
    /** A layer that somebody uploaded, not one of the catalogue. */
    user: z.boolean(),
  })
  .openapi('LayerSummary');

export const RasterValue = z
  .object({
    layer: z.string(),
    load: z.number().int(),
    /** Time of the picture; null where it says none. */
    time: z.string().nullable(),
    lon: z.number(),
    lat: z.number(),
    /** Of the pixel at the place; null where there is none, and of pictures in colours. */
    value: z.number().nullable(),
    unit: z.string().nullable(),
    title: Text.nullable(),
    /** Of a picture in colours: red, green, blue. */
    colour: z.array(z.number().int()).nullable(),
  })
  .openapi('RasterValue');

export const LayerDetail = LayerSummary.extend({
  fields: z.array(FieldInfo),
  label: z.string().nullable(),
  key: z.string(),
  /** How often it is handed in, and as what. */
  cadence: z.enum(['realtime', 'daily', 'monthly', 'yearly']),
  source: z.object({ format: z.string(), crs: z.string(), url: z.string().nullable() }),
}).openapi('LayerDetail');

const Numbers = z.array(z.number().nullable());

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

export const LayerList = z.object({ layers: z.array(LayerSummary) }).openapi('LayerList');

/** Hexagon counts. Rows of `cells` and `counts` belong together. A count of null is withheld (fewer than `k`). */
export const HexagonCounts = z
  .object({
    layer: z.string(),
    load: z.number().int(),
    res: z.number().int(),
    /** H3 cell ids, lower-case hexadecimal. */
    cells: z.array(z.string()),
    counts: z.array(z.number().int().nullable()),
    /** Rows that match the filter: located + unlocated. Null when withheld. */
    total: z.number().int().nullable(),
    unlocated: z.number().int().nullable(),
    /** Cells whose count is withheld, and their sum. `k` is 1 where nothing is withheld. */
    suppressed: z.object({ k: z.number().int(), groups: z.number().int(), count: z.number().int().nullable() }),
    /** With `metric` other than `count`: its values by cell and over all; `counts` are then the rows with a value. */
    metric: z.string().optional(),
    values: z.array(z.union([z.number(), z.string()]).nullable()).optional(),
    totalValue: z.union([z.number(), z.string()]).nullable().optional(),
  })
  .openapi('HexagonCounts');

export const CellCounts = HexagonCounts.omit({ res: true, cells: true })
  .extend({ by: z.enum(CELL_LEVELS), codes: z.array(z.string()) })
  .openapi('CellCounts');

const Key = z.union([z.string(), z.number(), z.boolean()]);

/** A metric by group. Columns belong together by position; null is withheld, or has no value. */
export const Aggregate = z
  .object({
    layer: z.string(),
    load: z.number().int(),
    metric: z.string(),
    /** Each grouping in full, e.g. `h3:9`. */
    by: z.array(z.string()),
    /** One array of keys per grouping; left out with `keys=none`. */
    keys: z.array(z.array(Key)).optional(),
    /** Rows of the group; of a metric on a field, those with a value. */
    counts: z.array(z.number().int().nullable()),
    /** The metric; left out for `count`. Dates and times of `min` and `max` are text. */
    values: z.array(z.union([z.number(), z.string()]).nullable()).optional(),
    /** Σ counts + suppressed.count + outside. */
    total: z.number().int().nullable(),
    totalValue: z.union([z.number(), z.string()]).nullable().optional(),
    /** Rows that belong to no group. */
    outside: z.number().int().nullable(),
    suppressed: HexagonCounts.shape.suppressed,
  })
  .openapi('Aggregate');

/** Keys of all groups of one grouping, in the order in which `keys=none` answers their figures. */
export const GroupKeys = z
  .object({ layer: z.string(), load: z.number().int(), by: z.string(), keys: z.array(Key) })
  .openapi('GroupKeys');

/** A filter in both ways of writing. */
export const WrittenFilter = z
  .object({
    layer: z.string(),
    /** In the JSON of this service, times in UTC. */
    filter: z.record(z.string(), z.unknown()),
    /** As CQL2 text; null where CQL2 cannot say it. */
    cql2: z.string().nullable(),
    /** Set where counts take the filter, but answers with single rows (tiles, features) do not: the part, and why. */
    rowsRefused: z.object({ field: z.string(), message: z.string() }).nullable(),
  })
  .openapi('WrittenFilter');

/** What a count of rows rests on. `rows.in = accepted + quarantined`, `accepted = counted + unmatched` where both are told. */
/** What a result was made of. */
export const MadeOf = z
  .object({
    operation: z.string(),
    /** Layers that the caller may not see are left out. */
    inputs: z.array(
      z.object({
        side: z.enum(['a', 'b']).optional(),
        layer: z.string().optional(),
        title: Text.optional(),
        load: z.number().int().nullable().optional(),
        /** As it was asked; null: all rows. */
        filter: z.unknown().optional(),
        rows: z.number().int().optional(),
        shape: z.object({ kind: z.string(), areaM2: z.number() }).optional(),
      }),
    ),
    parameters: z.record(z.string(), z.unknown()),
    by: z.object({ role: z.string(), token: z.string().nullable() }),
    at: z.string(),
    purpose: z.string().nullable(),
  })
  .openapi('MadeOf');

export const WhyNumber = z
  .object({
    layer: z.string(),
    title: Text,
    department: z.string(),
    /** The condition, as it was asked. */
    filter: z.unknown(),
    bbox: z.string().nullable(),
    freshness: z.object({
      verdict: z.enum(['fresh', 'stale', 'never']),
      /** Whole hours since the load was published or confirmed; null where there is none. */
      ageHours: z.number().nullable(),
      limitHours: z.number(),
    }),
    /** Null while the layer was never loaded. */
    evidence: z
      .object({
        load: z.number().int(),
        deliveredAt: z.string(),
        publishedAt: z.string().nullable(),
        confirmedAt: z.string(),
        /** Rows that match; null when withheld (fewer than `k`). */
        counted: z.number().int().nullable(),
        /** Those of them without a place. */
        unlocated: z.number().int().nullable(),
        k: z.number().int(),
        rows: z.object({
          in: z.number().int(),
          accepted: z.number().int(),
          repaired: z.number().int(),
          /** Rows that were set aside, and are not counted. */
          quarantined: z.number().int(),
          /** Accepted rows that the condition leaves out. */
          unmatched: z.number().int().nullable(),
        }),
        rejects: z.array(z.object({ code: z.string(), title: Text, count: z.number().int() })),
        /** Files: that of the rows first, then those of the layers by which they were placed and checked. */
        sources: z.array(
          z.object({
            kind: z.enum(['rows', 'input', 'place', 'reference', 'address', 'grid']),
            layer: z.string(),
            title: Text,
            load: z.number().int(),
            file: z.string(),
            sha256: z.string().nullable(),
            deliveredAt: z.string(),
          }),
        ),
        /** Null of a delivery. */
        madeOf: MadeOf.nullable(),
      })
      .nullable(),
  })
  .openapi('WhyNumber');

/** A version of a layer: the load that made it, and from when to when it was live. */
export const VersionList = z
  .object({
    layer: z.string(),
    versions: z.array(
      z.object({
        load: z.number().int(),
        from: z.string(),
        /** Null while it is live. */
        to: z.string().nullable(),
        rows: z.number().int(),
        /** What it was made of: name and fingerprint of the file. */
        file: z.string(),
        sha256: z.string().nullable(),
        /** False once retention has removed its rows. */
        kept: z.boolean(),
      }),
    ),
  })
  .openapi('VersionList');

const DiffVersion = z.object({ load: z.number().int(), at: z.string(), rows: z.number().int() });

/** What changed between two loads. */
export const DiffSummary = z
  .object({
    layer: z.string(),
    from: DiffVersion,
    to: DiffVersion,
    added: z.number().int(),
    removed: z.number().int(),
    /** Rows with another value in a field. */
    changed: z.number().int(),
    /** Rows with another place or shape. */
    moved: z.number().int(),
    /** Rows that count in both of these. */
    changedAndMoved: z.number().int(),
    unchanged: z.number().int(),
    /** Rows by the field that has another value. */
    fields: z.record(z.string(), z.number().int()),
    /** Metres; of shapes their centre. */
    movedMetres: z.object({ mean: z.number(), max: z.number() }).nullable(),
    /** Fields that only one of the versions has, or with another type: not compared. */
    fieldsAdded: z.array(z.string()),
    fieldsRemoved: z.array(z.string()),
  })
  .openapi('DiffSummary');

export const INCIDENT_STATES = ['open', 'closed'] as const;

/** Who reported: kept apart from the incident, never in an answer unmasked. */
export const Reporter = z.strictObject({
  name: z.string().min(1).max(60).optional(),
  phone: z
    .string()
    .regex(/^\+?[\d() -]{3,30}$/, 'must be a telephone number')
    .optional(),
  email: z.email().max(100).optional(),
});

/** What a reporting system sends. `key` is the idempotency key: the same key is the same incident, for ever. */
export const IncidentInput = z
  .strictObject({
    key: z.string().min(1).max(200),
    source: z.string().min(1).max(64),
    /** GB/T 47678.5-2026 five-digit matter code, or `Znn` / `Znnnn` of the social-governance list. With `standard` a code of 2013. */
    category: z.string().regex(/^(\d{5}|\d{2}-?\d{2}|Z\d{2}(\d{2})?)$/),
    /** The standard `category` is a code of, where it is not the one of 2026: its class cannot be told from the digits. */
    standard: z.enum(['2026', '2013']).optional(),
    title: z.string().min(1).max(200),
    /** 1 red … 4 blue, 0 ordinary grid matter. */
    severity: z.number().int().min(0).max(4),
    /** Degrees. Both, or an address instead. */
    lon: z.number().min(-180).max(180).optional(),
    lat: z.number().min(-90).max(90).optional(),
    /** What `lon` and `lat` are measured in; places of Chinese map services are GCJ-02 or BD-09 and are converted. */
    crs: z.enum(['EPSG:4326', 'EPSG:4490', 'GCJ-02', 'BD-09']).optional(),
    address: z.string().min(2).max(200).optional(),
    description: z.string().min(1).max(4000).optional(),
    reporter: Reporter.optional(),
    /** When it happened, ISO 8601 with zone. Not more than 5 minutes in the future. */
    occurredAt: z.iso.datetime({ offset: true }),
  })
  .openapi('IncidentInput');

export const Incident = z
  .object({
    id: z.number().int(),
    key: z.string(),
    source: z.string(),
    category: z.string(),
    categoryTitle: Text,
    title: z.string(),
    severity: z.number().int(),
    lon: z.number(),
    lat: z.number(),
    grid: z.string(),
    community: z.string(),
    town: z.string(),
    state: z.enum(INCIDENT_STATES),
    /** Where it stands in the workflow of seven stages. */
    stage: z.string(),
    /** Grows with every entry of its history; `If-Match` of a move. */
    version: z.number().int(),
    /** Id of the lead department; and who has it of the grid staff, as a word that stands for them. */
    department: z.string().nullable(),
    assignee: z.string().nullable(),
    /** The incident that this one is another report of. */
    parent: z.number().int().nullable(),
    /** Reports of it, itself included. */
    reports: z.number().int(),
    occurredAt: z.string(),
    receivedAt: z.string(),
    /** When the light of the matter turns yellow: 70 % of its limit is used up. */
    warnAt: z.string().nullable(),
    /** When the matter must be dealt with, or null where no limit is set or its clock stands: the light turns red. */
    dueAt: z.string().nullable(),
    stageWarnAt: z.string().nullable(),
    /** When the present stage must be left, or null where it has no limit. */
    stageDueAt: z.string().nullable(),
    closedAt: z.string().nullable(),
  })
  .openapi('Incident');

/** Answer to one incident: 201 when it is new, 200 when the key was known. */
export const IncidentReceipt = z
  .object({ id: z.number().int(), key: z.string(), isNew: z.boolean(), grid: z.string() })
  .openapi('IncidentReceipt');

export const IncidentBatchInput = z
  .object({ incidents: z.array(z.unknown()).min(1).max(5000) })
  .openapi('IncidentBatchInput');
export const IncidentBatchReceipt = z
  .object({
    accepted: z.number().int(),
    duplicates: z.number().int(),
    receipts: z.array(IncidentReceipt),
    rejected: z.array(
      z.object({
        index: z.number().int(),
        key: z.string().optional(),
        code: z.string(),
        message: z.string(),
        field: z.string().optional(),
      }),
    ),
  })
  .openapi('IncidentBatchReceipt');

/** Snapshot a screen starts from; then it follows `/api/live?since={cursor}`. */
export const IncidentSnapshot = z
  .object({
    cursor: z.string(),
    /** Open incidents, newest first, at most `limit`. */
    incidents: z.array(Incident),
    openTotal: z.number().int(),
    overdueTotal: z.number().int(),
    /** Today, Asia/Shanghai. */
    createdToday: z.number().int(),
    closedToday: z.number().int(),
    /** Open incidents per micro-grid; cells without one are left out. */
    cells: z.object({
      codes: z.array(z.string()),
      open: z.array(z.number().int()),
      overdue: z.array(z.number().int()),
    }),
  })
  .openapi('IncidentSnapshot');

/** A page of the live log. */
export const ReplayEntries = z
  .object({
    /** The next page starts after it. */
    cursor: z.string(),
    /** There are no more entries up to the time asked for. */
    isAll: z.boolean(),
    events: z.array(z.custom<LiveEvent>()).openapi({
      type: 'array',
      items: {
        type: 'object',
        required: ['id', 'type', 'committedAt'],
        properties: { id: { type: 'integer' }, type: { type: 'string' }, committedAt: { type: 'integer' } },
      },
    }),
  })
  .openapi('ReplayEntries');

/** Counts of the last 24 hours by town, community, category or hour. */
export const IncidentStats = z
  .object({
    by: z.enum(['town', 'community', 'category', 'hour']),
    from: z.string(),
    to: z.string(),
    groups: z.array(
      z.object({
        /** Code of the town, community or category; start of the hour, ISO 8601. */
        key: z.string(),
        /** Title of a category; null for the other dimensions. */
        title: Text.nullable(),
        /** Received in that time. */
        created: z.number().int(),
        /** Open now, whenever received. */
        open: z.number().int(),
        /** Open now and past the time limit. */
        overdue: z.number().int(),
        /** Closed in that time. */
        closed: z.number().int(),
      }),
    ),
  })
  .openapi('IncidentStats');

const Span = z.object({ from: z.string(), to: z.string() });
/** Indicators of city management: every one of them for every group. */
export const Indicators = z
  .object({
    by: z.string(),
    /** From the first moment to before the second. */
    period: Span,
    /** 环比: the period just before. */
    previous: Span,
    /** 同比: the same days of the year before. */
    lastYear: Span,
    indicators: z.array(
      z.object({
        id: z.string(),
        title: Text,
        /** `share`: 0 to 1; `minutes`: working minutes; `score`: 0 to 100. */
        unit: z.enum(['count', 'share', 'minutes', 'score']),
        /** Whether more of it is better, worse, or neither. */
        better: z.enum(['more', 'less']).nullable(),
        /** Of a score: the indicators it is made of; `rest`: what is missing of one to 1. */
        parts: z.array(z.object({ id: z.string(), weight: z.number(), rest: z.boolean() })).nullable(),
      }),
    ),
    groups: z.array(
      z.object({
        /** Code or name; null: what belongs to no group. */
        key: z.string().nullable(),
        /** Of categories and departments. */
        title: Text.nullable(),
        values: z.record(
          z.string(),
          z.object({
            /** Null where there is nothing to divide by. */
            value: z.number().nullable(),
            /** What was divided by what; null for counts, means and scores. */
            of: z.array(z.number()).length(2).nullable(),
            previous: z.number().nullable(),
            lastYear: z.number().nullable(),
          }),
        ),
      }),
    ),
  })
  .openapi('Indicators');

/** One indicator over time, for every group. */
export const IndicatorTrend = z
  .object({
    indicator: z.string(),
    by: z.string(),
    step: z.enum(['day', 'week', 'month']),
    /** From the first moment to before the second, one after the other. */
    steps: z.array(Span),
    groups: z.array(
      z.object({
        key: z.string().nullable(),
        title: Text.nullable(),
        /** By step; null where there is nothing to divide by. */
        values: z.array(z.number().nullable()),
      }),
    ),
  })
  .openapi('IndicatorTrend');

/** The incidents that a figure was counted from. */
export const IndicatorCases = z
  .object({
    indicator: z.string(),
    side: z.enum(['all', 'part', 'rest']),
    /** Acts on each side that can be listed: what was divided, by what, and what is missing to it. */
    counts: z.object({
      all: z.number().int().optional(),
      part: z.number().int().optional(),
      rest: z.number().int().optional(),
    }),
    cases: z.array(
      z.object({
        incident: Incident,
        /** When what is counted happened, or was owed. */
        at: z.string(),
        inTime: z.boolean().nullable(),
        /** Working minutes that it took. */
        minutes: z.number().nullable(),
      }),
    ),
    /** `cursor` of the next page. */
    next: z.string().nullable(),
  })
  .openapi('IndicatorCases');

interface LogEntryBase {
  /** Position in the live log: strictly increasing, with holes. */
  id: number;
  /** ms since 1970: commit of the log row. Source and ingest stamps are in the incident. */
  committedAt: number;
}

/** `updated` says anything but that it was opened or closed; `reopened` follows a `closed`. */
export interface IncidentEvent extends LogEntryBase {
  type: 'incident.created' | 'incident.updated' | 'incident.closed' | 'incident.reopened';
  incident: z.infer<typeof Incident>;
}

const Ring = z.array(z.tuple([z.number(), z.number()]));

/** A warning, received as CAP 1.2 or issued here. Words are those of CAP. */
export const Alert = z
  .object({
    id: z.number().int(),
    identifier: z.string(),
    sender: z.string(),
    senderName: z.string().nullable(),
    sent: z.string(),
    origin: z.enum(['cap', 'staff']),
    status: z.enum(ALERT_STATUSES),
    msgType: z.enum(['Alert', 'Update', 'Cancel']),
    scope: z.enum(['Public', 'Restricted', 'Private']),
    category: z.array(z.string()),
    responseType: z.array(z.string()),
    urgency: z.string(),
    certainty: z.string(),
    /** 1 red (Extreme), 2 orange (Severe), 3 yellow (Moderate), 4 blue (Minor), 0 not said. */
    severity: z.number().int(),
    event: Text,
    headline: Text,
    description: Text,
    instruction: Text,
    effective: z.string(),
    onset: z.string().nullable(),
    expires: z.string().nullable(),
    /** Where it holds; lon, lat. Circles have a radius in km. */
    areas: z.array(
      z.object({
        description: Text,
        polygons: z.array(Ring),
        circles: z.array(z.tuple([z.number(), z.number(), z.number()])),
        geocodes: z.array(z.tuple([z.string(), z.string()])),
      }),
    ),
    /** Towns that its shapes touch, 12-digit codes. */
    towns: z.array(z.string()),
    /** `sender,identifier,sent` of what it replaces. */
    references: z.array(z.string()),
    state: z.enum(['active', 'replaced', 'cancelled']),
    replacedBy: z.number().int().nullable(),
  })
  .openapi('Alert');
export type Alert = z.infer<typeof Alert>;

export const AlertList = z.object({ alerts: z.array(Alert) }).openapi('AlertList');
export type AlertList = z.infer<typeof AlertList>;

const Words = (longest: number) =>
  z.strictObject({ zh: z.string().min(1).max(longest), en: z.string().min(1).max(longest) });

/** A warning that staff issue. */
export const AlertInput = z
  .strictObject({
    /** Made by whoever issues it: the same again is the same warning. */
    id: z.uuid().optional(),
    event: Words(100),
    headline: Words(160),
    description: Words(4000).optional(),
    instruction: Words(4000).optional(),
    /** 1 red … 4 blue. */
    severity: z.number().int().min(1).max(4),
    category: z.array(z.enum(ALERT_CATEGORIES)).min(1).max(12),
    responseType: z.array(z.enum(ALERT_RESPONSES)).max(9).default([]),
    urgency: z.enum(ALERT_URGENCIES),
    certainty: z.enum(ALERT_CERTAINTIES),
    status: z.enum(['Actual', 'Exercise', 'Test']).default('Actual'),
    scope: z.enum(['Public', 'Restricted']).default('Public'),
    onset: z.iso.datetime({ offset: true }).optional(),
    expires: z.iso.datetime({ offset: true }),
    /** At least one; without cells, polygon or circle it holds for the whole district. */
    areas: z
      .array(
        z.strictObject({
          description: Words(200),
          /** Towns, communities or micro-grids: their outlines become polygons, their codes geocodes. */
          cells: z
            .strictObject({
              by: z.enum(CELL_LEVELS),
              codes: z
                .array(z.string().regex(/^\d{12}(W\d{3})?$/))
                .min(1)
                .max(200),
            })
            .optional(),
          polygons: z
            .array(
              z
                .array(z.tuple([z.number().min(-180).max(180), z.number().min(-90).max(90)]))
                .min(4)
                .max(5000),
            )
            .max(50)
            .default([]),
          circles: z
            .array(z.tuple([z.number().min(-180).max(180), z.number().min(-90).max(90), z.number().min(0.01).max(200)]))
            .max(50)
            .default([]),
        }),
      )
      .min(1)
      .max(50),
    /** Ids of warnings that this one takes the place of. */
    replaces: z.array(z.number().int()).max(20).default([]),
  })
  .openapi('AlertInput');
export type AlertInput = z.infer<typeof AlertInput>;

/** What a warning would be, were it issued now. */
export const AlertPreview = z
  .object({
    /** The message of CAP 1.2. */
    cap: z.string(),
    /** Outlines with those of the cells. */
    areas: Alert.shape.areas,
    towns: z.array(z.string()),
  })
  .openapi('AlertPreview');
export type AlertPreview = z.infer<typeof AlertPreview>;

/** `updated`: another warning took its place; `cancelled`: it was called off. */
export interface AlertEvent extends LogEntryBase {
  type: 'alert.raised' | 'alert.updated' | 'alert.cancelled';
  alert: Alert;
}

/** An alarm of a rule; only staff are told. `updated`: its condition was met again. */
export interface AlarmEvent extends LogEntryBase {
  type: 'alarm.raised' | 'alarm.updated' | 'alarm.acknowledged' | 'alarm.cleared';
  alarm: Alarm;
}

/** Sensors of a layer in a town that fell silent, or speak again. */
export interface Silence {
  layer: string;
  /** 12-digit code; empty for sensors in no town. */
  town: string;
  /** How many; the first of them are named. */
  count: number;
  /** `since`: the last reading before the silence. */
  sensors: { id: string; title: string; since: string }[];
}

export interface SilenceEvent extends LogEntryBase {
  type: 'silence.began' | 'silence.ended';
  silence: Silence;
}

/** There is something new in the inbox of the bell; its words are read from `/api/notifications`. */
export interface NotificationEvent extends LogEntryBase {
  type: 'notification.created';
  notification: { number: number; kind: string; severity: number | null };
}

/** One entry of the live log as it travels in a frame. */
export type LiveEvent = IncidentEvent | AlertEvent | SilenceEvent | AlarmEvent | NotificationEvent;

/** `data:` of an SSE message of `/api/live`. The message id is the cursor `epoch.id`. */
export interface LiveFrame {
  /** ms since 1970: when the server handed the frame to the sockets. */
  pushedAt: number;
  events: LiveEvent[];
}

/** One attempt to load one file into one layer. accepted + quarantined = in once it is published. */
export const LoadSummary = z
  .object({
    id: z.number().int(),
    layer: z.string(),
    status: z.enum(['running', 'published', 'unchanged', 'failed']),
    /** What the map shows now comes from this load. */
    live: z.boolean(),
    startedAt: z.string(),
    finishedAt: z.string().nullable(),
    /** Name of the file, without its folder. */
    file: z.string(),
    format: z.string().nullable(),
    encoding: z.string().nullable(),
    crs: z.object({ name: z.string(), confidence: z.number() }).nullable(),
    rows: z.object({
      in: z.number().int(),
      accepted: z.number().int(),
      repaired: z.number().int(),
      quarantined: z.number().int(),
      unlocated: z.number().int(),
    }),
    /** Why the load failed. `text` is for staff: it may quote the file. */
    error: z.object({ code: z.string(), title: Text, text: Text.nullable() }).nullable(),
  })
  .openapi('LoadSummary');

export const LoadList = z.object({ loads: z.array(LoadSummary), next: z.string().nullable() }).openapi('LoadList');

const CodeCount = z.object({ code: z.string(), title: Text, count: z.number().int() });

export const LoadDetail = LoadSummary.extend({
  sha256: z.string().nullable(),
  bytes: z.number().nullable(),
  /** Why the file was read in this encoding, 0..1. */
  encodingVerdict: z.object({ confidence: z.number(), reasons: z.array(z.string()) }).nullable(),
  /** Why its coordinates were read in this system; `candidates` are what else would have fitted. */
  crsVerdict: z.object({ reasons: z.array(Text), candidates: z.array(z.string()) }).nullable(),
  steps: z.array(z.object({ step: z.string(), seconds: z.number() })),
  seconds: z.number().nullable(),
  rowsPerSecond: z.number().nullable(),
  notes: z.array(z.string()),
  /** Rows set aside, by reason, most frequent first; `placed` of them are known to lie somewhere. */
  rejects: z.array(CodeCount.extend({ placed: z.number().int() })),
  repairs: z.array(CodeCount),
  /**
   * What rows point at, by link: accepted rows that found it (`matched`), have nothing to find it by (`empty`) or found nothing
   * (`dead`), and rows set aside for it (`refused`). `rate` is matched ÷ all of them. A link to a layer the caller may not see
   * is left out.
   */
  links: z.array(
    z.object({
      kind: z.enum(['place', 'reference', 'address', 'precision', 'building', 'grid']),
      by: z.string(),
      to: z.string(),
      title: Text,
      matched: z.number().int(),
      empty: z.number().int(),
      dead: z.number().int(),
      refused: z.number().int(),
      rate: z.number().nullable(),
      reasons: z.record(z.string(), z.number().int()).optional(),
    }),
  ),
}).openapi('LoadDetail');

/** A row that was set aside, masked as the layer's fields are. */
export const RejectedRow = z
  .object({
    id: z.number().int(),
    /** Line of a text file, row of a sheet, or number of the feature. */
    line: z.number().int().nullable(),
    code: z.string(),
    field: z.object({ name: z.string(), title: Text }).nullable(),
    value: z.string().nullable(),
    message: Text,
    /** The row under the column names of the department. */
    raw: z.array(z.object({ column: z.string(), value: z.string().nullable() })),
    place: z.tuple([z.number(), z.number()]).nullable(),
  })
  .openapi('RejectedRow');

export const RejectList = z
  .object({ total: z.number().int(), rejects: z.array(RejectedRow), next: z.string().nullable() })
  .openapi('RejectList');

/** The repair map. Columns belong together row by row. */
export const RejectPlaces = z
  .object({
    /** Rows set aside, those of them with a place, and whether more have one than are answered. */
    total: z.number().int(),
    placed: z.number().int(),
    cut: z.boolean(),
    /** Rectangle of the district, null while its boundary is not loaded, and how many of the places lie outside: they come first. */
    extent: Bbox.nullable(),
    outside: z.number().int(),
    ids: z.array(z.number().int()),
    loads: z.array(z.number().int()),
    layers: z.array(z.string()),
    codes: z.array(z.string()),
    lons: z.array(z.number()),
    lats: z.array(z.number()),
    titles: z.record(z.string(), Text),
  })
  .openapi('RejectPlaces');

export const CRITERIA = ['accepted', 'complete', 'located', 'fresh', 'intact', 'rowCount', 'crs'] as const;

const Criterion = z.object({ id: z.enum(CRITERIA), title: Text, weight: z.number(), rule: Text });
/** `value` is 0..1, or null where the criterion does not apply: its weight then does not count. */
const CriterionValue = z.object({ id: z.enum(CRITERIA), value: z.number().nullable(), reason: Text });

export const Quality = z
  .object({
    /** Mean of the layers of the catalogue that the caller may see and that have rows to load. */
    score: z.number().nullable(),
    criteria: z.array(Criterion),
    /** Layers whose cells are still to be counted; ask again. */
    pending: z.number().int(),
    departments: z.array(
      z.object({
        id: z.string(),
        title: Text,
        score: z.number(),
        layers: z.number().int(),
        loaded: z.number().int(),
        stale: z.number().int(),
        /** Layers whose last attempt failed. */
        failed: z.number().int(),
        quarantined: z.number().int(),
      }),
    ),
    layers: z.array(
      z.object({
        id: z.string(),
        title: Text,
        department: z.string(),
        /** 0..100; 0 while the layer was never loaded. */
        score: z.number(),
        freshness: z.enum(['fresh', 'stale', 'never']),
        /** The live load. */
        load: z.number().int().nullable(),
        publishedAt: z.string().nullable(),
        rows: LoadSummary.shape.rows.nullable(),
        /** The last attempt, when it failed. */
        failed: z.object({ load: z.number().int(), code: z.string(), title: Text }).nullable(),
        values: z.array(CriterionValue),
      }),
    ),
  })
  .openapi('Quality');

const ChainHop = z.object({
  /** The field that says where to go on, and its title. */
  by: z.string(),
  byTitle: Text,
  /** The layer it leads to; null for an address that is looked up, from whose row the next hop starts too. */
  to: z.string().nullable(),
  title: Text,
  /** entered = matched + sum of unmatched; what is matched enters the next hop. */
  entered: z.number().int(),
  matched: z.number().int(),
  rate: z.number().nullable(),
  unmatched: z.array(
    z.object({ reason: z.enum(['empty', 'dead', 'rough', 'several']), title: Text, count: z.number().int() }),
  ),
});

/** How far rows come along the chains of links: no row is lost between two hops. */
export const LinkChains = z
  .object({
    chains: z.array(
      z.object({
        id: z.string(),
        title: Text,
        /** The layer whose rows are followed. */
        layer: z.string(),
        /** Live loads this was counted over, in the order of the chain. */
        loads: z.array(z.object({ layer: z.string(), load: z.number().int() })),
        /** Layers of the chain that are not loaded: then nothing is counted. */
        missing: z.array(z.string()),
        counts: z
          .object({
            rows: z.number().int(),
            /** Rows that come to the end of the chain. */
            matched: z.number().int(),
            rate: z.number().nullable(),
            /** Rows of the first layer without a place. */
            unlocated: z.number().int(),
            /** Rows that come to the end, and lie in another micro-grid than that. */
            elsewhere: z.number().int(),
            hops: z.array(ChainHop),
          })
          .nullable(),
      }),
    ),
  })
  .openapi('LinkChains');

export const Status = z
  .object({
    version: z.string(),
    engine: z.enum(['embedded', 'server']),
    database: z.string(),
    /** What the loader is doing now; null when idle. */
    loading: z.object({ done: z.number().int(), total: z.number().int(), layer: z.string().nullable() }).nullable(),
    layers: z.object({ defined: z.number().int(), loaded: z.number().int(), features: z.number().int() }),
    feeds: z.array(z.object({ source: z.string(), lastEventAt: z.string(), events: z.number().int() })),
    /** Addresses that are asked for incidents; `isSilent` when one has not answered for longer than it may. */
    polled: z.array(
      z.object({ id: z.string(), title: Text, succeededAt: z.string().nullable(), isSilent: z.boolean() }),
    ),
    live: z.object({ clients: z.number().int(), cursor: z.string(), since: z.string() }),
  })
  .openapi('Status');

export type ErrorBody = z.infer<typeof ErrorBody>;
export type LayerSummary = z.infer<typeof LayerSummary>;
export type LayerDetail = z.infer<typeof LayerDetail>;
export type SensorSummary = z.infer<typeof SensorSummary>;
export type SensorList = z.infer<typeof SensorList>;
export type SensorReadings = z.infer<typeof SensorReadings>;
export type PositionReceipt = z.infer<typeof PositionReceipt>;
export type Positions = z.infer<typeof Positions>;
export type ReadingReceipt = z.infer<typeof ReadingReceipt>;
export type ReadingRejects = z.infer<typeof ReadingRejects>;
export type RasterValue = z.infer<typeof RasterValue>;
export type HexagonCounts = z.infer<typeof HexagonCounts>;
export type CellCounts = z.infer<typeof CellCounts>;
export type Aggregate = z.infer<typeof Aggregate>;
export type WrittenFilter = z.infer<typeof WrittenFilter>;
export type WhyNumber = z.infer<typeof WhyNumber>;
export type VersionList = z.infer<typeof VersionList>;
export type DiffSummary = z.infer<typeof DiffSummary>;
export type IncidentInput = z.infer<typeof IncidentInput>;
export type Reporter = z.infer<typeof Reporter>;
export type Incident = z.infer<typeof Incident>;
export type IncidentReceipt = z.infer<typeof IncidentReceipt>;
export type IncidentBatchReceipt = z.infer<typeof IncidentBatchReceipt>;
export type IncidentSnapshot = z.infer<typeof IncidentSnapshot>;
export type ReplayEntries = z.infer<typeof ReplayEntries>;
export type IncidentStats = z.infer<typeof IncidentStats>;
export type Indicators = z.infer<typeof Indicators>;
export type IndicatorTrend = z.infer<typeof IndicatorTrend>;
export type IndicatorCases = z.infer<typeof IndicatorCases>;
export type Status = z.infer<typeof Status>;
export type LoadSummary = z.infer<typeof LoadSummary>;
export type LoadList = z.infer<typeof LoadList>;
export type LoadDetail = z.infer<typeof LoadDetail>;
export type RejectedRow = z.infer<typeof RejectedRow>;
export type RejectList = z.infer<typeof RejectList>;
export type RejectPlaces = z.infer<typeof RejectPlaces>;
export type Quality = z.infer<typeof Quality>;
export type LinkChains = z.infer<typeof LinkChains>;

/** A file that is made of a selection. */
export const ExportJob = z
  .object({
    id: z.string(),
    layer: z.string(),
    load: z.number().int().nullable(),
    format: z.string(),
    state: z.enum(['waiting', 'running', 'ready', 'failed', 'cancelled']),
    phase: z.enum(['reading', 'converting', 'packing']).nullable(),
    rows: z.object({ done: z.number().int(), total: z.number().int() }),
    /** Of the file, as far as it is written. */
    bytes: z.number().int(),
    name: z.string().nullable(),
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
    createdAt: z.string(),
    /** When it is forgotten, and its file removed. */
    expiresAt: z.string(),
    /** Address of the file once it is ready. */
    file: z.string().nullable(),
  })
  .openapi('ExportJob');
export type ExportJob = z.infer<typeof ExportJob>;

/** Something the search box found. `fid` null: a layer. */
export const SearchHit = z.object({
  layer: z.string(),
  layerTitle: Text,
  fid: z.number().int().nullable(),
  title: Text,
  score: z.number(),
  /** `[lon, lat]`; the middle of the bbox where it is no point. Null without a place. */
  position: z.tuple([z.number(), z.number()]).nullable(),
  bbox: Bbox.nullable(),
  /** What matched; `range` are the characters of `text`, null where they are spread over it or hidden. */
  match: z.object({
    field: z.string(),
    title: Text,
    text: z.string(),
    range: z.tuple([z.number().int(), z.number().int()]).nullable(),
  }),
});
export type SearchHit = z.infer<typeof SearchHit>;

export const SearchGroup = z.object({
  group: z.enum(['layer', 'place', 'address', 'enterprise', 'camera', 'person', 'record']),
  title: Text,
  hits: z.array(SearchHit),
});
export type SearchGroup = z.infer<typeof SearchGroup>;

export const SearchResults = z
  .object({
    groups: z.array(SearchGroup),
    /** Layers whose live load is not indexed yet; their rows are missing. */
    pending: z.array(z.string()),
  })
  .openapi('SearchResults');
export type SearchResults = z.infer<typeof SearchResults>;

/** A kind of incident as forms and other systems know it. */
export const CategoryList = z
  .object({
    categories: z.array(
      z.object({
        code: z.string(),
        title: Text,
        group: Text,
        /** Not shown to the public once reported. */
        restricted: z.boolean(),
      }),
    ),
  })
  .openapi('CategoryList');
export type CategoryList = z.infer<typeof CategoryList>;

/** What a citizen or a collector reports by a form. `id` is made by the form: repeat it after a lost answer. */
export const ReportInput = z
  .strictObject({
    id: z.uuid(),
    category: z.string().regex(/^(\d{5}|Z\d{2}(\d{2})?)$/),
    lon: z.number().min(-180).max(180).optional(),
    lat: z.number().min(-90).max(90).optional(),
    address: z.string().min(2).max(200).optional(),
    description: z.string().min(1).max(4000).optional(),
    reporter: Reporter.optional(),
    /** When it was written down; sent later where there was no line. */
    at: z.iso.datetime({ offset: true }).optional(),
    /** Collectors only: 1 red … 4 blue, 0 ordinary. */
    severity: z.number().int().min(0).max(4).optional(),
  })
  .openapi('ReportInput');
export type ReportInput = z.infer<typeof ReportInput>;

export const ReportReceipt = z
  .object({
    /** Number of the incident. */
    number: z.number().int(),
    /** With it `GET /api/reports/{token}` tells what became of it. */
    token: z.string(),
    isNew: z.boolean(),
  })
  .openapi('ReportReceipt');
export type ReportReceipt = z.infer<typeof ReportReceipt>;

/** What became of a report, for whoever has its token. */
export const ReportProgress = z
  .object({
    number: z.number().int(),
    category: z.string(),
    categoryTitle: Text,
    state: z.enum(INCIDENT_STATES),
    stage: z.string(),
    receivedAt: z.string(),
    updatedAt: z.string(),
    dueAt: z.string().nullable(),
    closedAt: z.string().nullable(),
    lon: z.number(),
    lat: z.number(),
    /** The stages it went through since it was received, the oldest first. */
    stages: z.array(z.object({ stage: z.string(), at: z.string() })),
    /** Where the matter stands that this is another report of; null: it stands for itself. */
    merged: z.object({ state: z.enum(INCIDENT_STATES), stage: z.string() }).nullable(),
    /** It is over, and how content the reporter is may be said: `POST /api/reports/{token}/rating`. */
    mayRate: z.boolean(),
    /** 4 very satisfied … 1 very dissatisfied; null: nobody has said. */
    rating: z.object({ score: z.number().int(), by: z.enum(['reporter', 'staff']), at: z.string() }).nullable(),
    /** Photos and videos that came with it, and how many more may. */
    files: z.number().int(),
    filesLeft: z.number().int(),
  })
  .openapi('ReportProgress');
export type ReportProgress = z.infer<typeof ReportProgress>;

/** How content the reporter is with what became of a report. */
export const ReportRating = z
  .strictObject({
    score: z.number().int().min(1).max(4),
    comment: z
      .string()
      .trim()
      .min(1)
      .max(1000)
      .refine(
        (text) => !/[\p{Cs}]|(?![\n\r\t])\p{Cc}/u.test(text),
        'holds a control character or half of a surrogate pair',
      )
      .optional(),
  })
  .openapi('ReportRating');

/** A photo or video as it was kept. */
export const ReportFile = z
  .object({
    type: z.string(),
    bytes: z.number().int(),
    sha256: z.string(),
    phase: z.enum(['report', 'before', 'after']),
    /** How many more may come. */
    filesLeft: z.number().int(),
  })
  .openapi('ReportFile');
export type ReportFile = z.infer<typeof ReportFile>;

/** Messages as they came in, newest first; their texts are read one by one, with a purpose. */
export const MessageList = z
  .object({
    messages: z.array(
      z.object({
        id: z.number().int(),
        receivedAt: z.string(),
        channel: z.string(),
        sender: z.string().nullable(),
        contentType: z.string().nullable(),
        size: z.number().int(),
        sha256: z.string(),
        outcome: z.enum(['stored', 'known', 'refused']),
        incident: z.number().int().nullable(),
        alert: z.number().int().nullable(),
        rejection: z.object({ code: z.string(), message: z.string(), field: z.string().optional() }).nullable(),
      }),
    ),
    next: z.string().nullable(),
  })
  .openapi('MessageList');

/** Where an incident's fields stand in an item of a feed: `a.b` names a member, `=text` says the text itself. */
export const FeedMap = z.strictObject({
  /** Where the items are in a JSON answer; left out: the answer itself, or `features` of GeoJSON. */
  items: z.string().max(200).optional(),
  id: z.string().min(1).max(200),
  category: z.string().min(1).max(200),
  title: z.string().min(1).max(200),
  occurredAt: z.string().min(1).max(200),
  lon: z.string().min(1).max(200).optional(),
  lat: z.string().min(1).max(200).optional(),
  address: z.string().min(1).max(200).optional(),
  severity: z.string().min(1).max(200).optional(),
  description: z.string().min(1).max(200).optional(),
  /** How far the source is with it, in its own words. */
  state: z.string().min(1).max(200).optional(),
  crs: z.enum(['EPSG:4326', 'EPSG:4490', 'GCJ-02', 'BD-09']).optional(),
  standard: z.enum(['2026', '2013']).optional(),
});
export type FeedMap = z.infer<typeof FeedMap>;

export const FeedInput = z
  .strictObject({
    title: Words(100),
    url: z.url({ protocol: /^https?$/ }).max(1000),
    format: z.enum(['json', 'geojson', 'csv']),
    map: FeedMap,
    everySeconds: z.number().int().min(10).max(86_400),
    silentSeconds: z.number().int().min(10).max(864_000),
    isOn: z.boolean().default(true),
    /** Words of `state` by which an item is over in the source. */
    closed: z.array(z.string().trim().min(1).max(100)).max(20).default([]),
    /** What becomes of the incident then: its history says so, or it is closed here as well. */
    onClosed: z.enum(['note', 'close']).default('note'),
  })
  .openapi('FeedInput');
export type FeedInput = z.infer<typeof FeedInput>;

// Not `extend`: the input takes no other properties, and the contract would say that of this one, too.
export const Feed = z
  .object({
    ...FeedInput.shape,
    id: z.string(),
    triedAt: z.string().nullable(),
    succeededAt: z.string().nullable(),
    /** When it last said something new. */
    changedAt: z.string().nullable(),
    failures: z.number().int(),
    error: z.string().nullable(),
    isSilent: z.boolean(),
  })
  .openapi('Feed');
export type Feed = z.infer<typeof Feed>;
export const FeedList = z.object({ feeds: z.array(Feed) }).openapi('FeedList');
