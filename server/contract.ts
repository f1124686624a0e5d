/**
 * The words the API speaks: zod schemas of what goes in and out, and their types. The dashboard imports the types
 * (through `server/app.ts`), the routes validate with the schemas, the OpenAPI document is made from them.
 */
import { z } from '@hono/zod-openapi';

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
    legend: z.array(LegendEntry),
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
  /** Fields of which `/features/{fid}/series` has readings over time; null for a layer that has none. */
  series: z.object({ fields: z.array(z.string()), stepMinutes: z.number() }).nullable(),
  fields: z.array(FieldInfo),
  label: z.string().nullable(),
  key: z.string(),
}).openapi('LayerDetail');

const Numbers = z.array(z.number().nullable());

/** Readings of a feature by steps. `times`, `counts` and the columns of `values` belong together; a step without a reading is left out. */
export const FeatureSeries = z
  .object({
    layer: z.string(),
    fid: z.number().int(),
    from: z.string(),
    to: z.string(),
    stepSeconds: z.number(),
    /** The delivery of readings that was added last; null while there is none. */
    load: z.number().int().nullable(),
    /** First and last reading of the layer. */
    kept: z.object({ from: z.string(), to: z.string() }).nullable(),
    /** Beginnings of the steps. */
    times: z.array(z.string()),
    counts: z.array(z.number().int()),
    values: z.array(
      z.object({
        name: z.string(),
        title: Text,
        unit: z.string().nullable(),
        min: Numbers,
        avg: Numbers,
        max: Numbers,
      }),
    ),
  })
  .openapi('FeatureSeries');

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
  .extend({ by: z.enum(['grid', 'community', 'town']), codes: z.array(z.string()) })
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
/** What a count of rows rests on. `rows.in = accepted + quarantined`, `accepted = counted + unmatched` where both are told. */
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
            kind: z.enum(['rows', 'place', 'reference', 'address', 'grid']),
            layer: z.string(),
            title: Text,
            load: z.number().int(),
            file: z.string(),
            sha256: z.string().nullable(),
            deliveredAt: z.string(),
          }),
        ),
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

/** What a reporting system sends. `key` is the idempotency key: the same key is the same incident, for ever. */
export const IncidentInput = z
  .strictObject({
    key: z.string().min(1).max(200),
    source: z.string().min(1).max(64),
    /** GB/T 47678.5-2026 five-digit matter code, or `Znn` / `Znnnn` of the social-governance list. */
    category: z.string().regex(/^(\d{5}|Z\d{2}(\d{2})?)$/),
    title: z.string().min(1).max(200),
    /** 1 red … 4 blue, 0 ordinary grid matter. */
    severity: z.number().int().min(0).max(4),
    /** EPSG:4326 degrees. */
    lon: z.number().min(-180).max(180),
    lat: z.number().min(-90).max(90),
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
    /** Id of the lead department, and `source_id` of the grid staff who has it. */
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

/** There is something new in the inbox of the bell; its words are read from `/api/notifications`. */
export interface NotificationEvent extends LogEntryBase {
  type: 'notification.created';
  notification: { number: number; kind: string; severity: number | null };
}

/** One entry of the live log as it travels in a frame. */
export type LiveEvent = IncidentEvent | NotificationEvent;

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
    live: z.object({ clients: z.number().int(), cursor: z.string(), since: z.string() }),
  })
  .openapi('Status');

export type ErrorBody = z.infer<typeof ErrorBody>;
export type LayerSummary = z.infer<typeof LayerSummary>;
export type LayerDetail = z.infer<typeof LayerDetail>;
export type FeatureSeries = z.infer<typeof FeatureSeries>;
export type RasterValue = z.infer<typeof RasterValue>;
export type HexagonCounts = z.infer<typeof HexagonCounts>;
export type CellCounts = z.infer<typeof CellCounts>;
export type WhyNumber = z.infer<typeof WhyNumber>;
export type VersionList = z.infer<typeof VersionList>;
export type DiffSummary = z.infer<typeof DiffSummary>;
export type IncidentInput = z.infer<typeof IncidentInput>;
export type Incident = z.infer<typeof Incident>;
export type IncidentReceipt = z.infer<typeof IncidentReceipt>;
export type IncidentBatchReceipt = z.infer<typeof IncidentBatchReceipt>;
export type IncidentSnapshot = z.infer<typeof IncidentSnapshot>;
export type IncidentStats = z.infer<typeof IncidentStats>;
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
