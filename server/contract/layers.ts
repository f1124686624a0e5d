/** Layers as the API tells of them: their fields, legends, versions. */
import { z } from '@hono/zod-openapi';
import { Bbox, Text } from './basics.ts';

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

export const LayerList = z.object({ layers: z.array(LayerSummary) }).openapi('LayerList');

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

export type LayerSummary = z.infer<typeof LayerSummary>;

export type LayerDetail = z.infer<typeof LayerDetail>;

export type RasterValue = z.infer<typeof RasterValue>;

export type VersionList = z.infer<typeof VersionList>;

export type DiffSummary = z.infer<typeof DiffSummary>;
