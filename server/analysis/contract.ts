/** What goes into the analyses and what comes out of them. */
import { z } from '@hono/zod-openapi';
import { reportSections } from '../../layers/define.ts';
import { Bbox, Text } from '../contract/basics.ts';
import { FILTER_LIMITS } from '../filter/check.ts';
import { ANALYSIS_LIMITS } from './limits.ts';

const Position = z.tuple([z.number().min(-180).max(180), z.number().min(-90).max(90)]);
const LayerName = z.string().min(1).max(64);
const Metres = z.number().positive().max(ANALYSIS_LIMITS.bufferMetres);

const PolygonInput = z.union([
  z.strictObject({ type: z.literal('Polygon'), coordinates: z.array(z.array(Position)) }),
  z.strictObject({ type: z.literal('MultiPolygon'), coordinates: z.array(z.array(z.array(Position))) }),
]);

/** An area: drawn, a circle, a cell of the hierarchy, or a feature; lines, points and features may have a buffer. */
export const ShapeInput = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('polygon'), geometry: PolygonInput }),
    z.strictObject({ kind: z.literal('circle'), center: Position, metres: Metres }),
    z.strictObject({ kind: z.literal('line'), coordinates: z.array(Position).min(2).max(2000), metres: Metres }),
    z.strictObject({ kind: z.literal('cell'), code: z.string().regex(/^\d{12}(W\d{3})?$/) }),
    z.strictObject({
      kind: z.literal('feature'),
      layer: LayerName,
      fid: z.number().int().nonnegative(),
      metres: Metres.optional(),
    }),
  ])
  .openapi('ShapeInput');
export type ShapeInput = z.infer<typeof ShapeInput>;

export const Filter = z
  .union([z.record(z.string(), z.unknown()), z.string().max(FILTER_LIMITS.characters)])
  .optional()
  .openapi({ description: 'As the parameter `filter`: JSON, or OGC CQL2 as JSON or text' });

/** Rows of a layer. */
export const LayerInput = z.strictObject({ layer: LayerName, filter: Filter });
export type LayerInput = z.infer<typeof LayerInput>;

export const GeoJson = z.looseObject({ type: z.string() });

export const ShapeInfo = z.object({
  kind: z.string(),
  geometry: GeoJson,
  areaM2: z.number(),
  bbox: Bbox,
  /** Metres by which a complicated outline was simplified; null when it was not. */
  simplifiedMetres: z.number().nullable(),
});

const Amount = z.number().nullable();

export const InsideItem = z.object({
  section: z.enum(reportSections),
  layer: z.string(),
  title: Text,
  load: z.number().int(),
  measure: z.enum(['rows', 'metres', 'squareMetres']),
  /** Only rows with this value were counted. */
  where: z.object({ field: z.string(), title: Text, value: Text }).nullable(),
  /** Counts below this are withheld (null); 1 where nothing is. */
  k: z.number().int(),
  total: Amount,
  groups: z.array(
    z.object({
      field: z.string(),
      title: Text,
      /** `value` null: rows without one. */
      values: z.array(z.object({ value: z.string().nullable(), title: Text, total: Amount })),
    }),
  ),
  /** Bands of age by the values of a field. */
  ages: z
    .object({
      field: z.string(),
      title: Text,
      values: z.array(z.object({ value: z.string(), title: Text })),
      bands: z.array(z.object({ from: z.number().int(), to: z.number().int().nullable(), totals: z.array(Amount) })),
    })
    .nullable(),
  /** Whose area it is, by name; at most 50. */
  named: z
    .array(z.object({ fid: z.number().int(), name: z.string(), properties: z.record(z.string(), z.unknown()) }))
    .nullable(),
});
export type InsideItem = z.infer<typeof InsideItem>;

export const InsideReport = z.object({ shape: ShapeInfo, items: z.array(InsideItem) }).openapi('InsideReport');
export type InsideReport = z.infer<typeof InsideReport>;

export const BufferInput = z
  .strictObject({
    of: z.union([
      z.strictObject({ point: Position }),
      z.strictObject({ line: z.array(Position).min(2).max(2000) }),
      z.strictObject({ shape: ShapeInput }),
      z.strictObject({ layer: LayerName, fid: z.number().int().nonnegative() }),
      LayerInput,
    ]),
    metres: z.number().positive().max(ANALYSIS_LIMITS.bufferMetres),
    dissolve: z.boolean().default(true),
  })
  .openapi('BufferInput');

export const AnalysisFeatures = z
  .object({
    type: z.literal('FeatureCollection'),
    features: z.array(
      z.object({
        type: z.literal('Feature'),
        id: z.number().int().optional(),
        geometry: GeoJson.nullable(),
        properties: z.record(z.string(), z.unknown()),
      }),
    ),
  })
  .openapi('AnalysisFeatures');
export type AnalysisFeatures = z.infer<typeof AnalysisFeatures>;

export type BufferInput = z.infer<typeof BufferInput>;

export const BufferAnswer = AnalysisFeatures.extend({
  areaM2: z.number(),
  /** Features that got a buffer. */
  count: z.number().int(),
}).openapi('BufferAnswer');
export type BufferAnswer = z.infer<typeof BufferAnswer>;

export const NearestInput = z
  .strictObject({
    from: z.union([
      z.strictObject({ point: Position }),
      z.strictObject({ layer: LayerName, fid: z.number().int().nonnegative() }),
      LayerInput,
    ]),
    to: LayerInput,
    count: z.number().int().min(1).max(ANALYSIS_LIMITS.nearest).default(5),
    maxMetres: z.number().positive().max(ANALYSIS_LIMITS.nearestMetres).default(ANALYSIS_LIMITS.nearestMetres),
  })
  .openapi('NearestInput');

const Neighbour = z.object({
  fid: z.number().int(),
  /** Its label, masked where the caller may not see it; its key where the layer has none. */
  name: z.string().nullable(),
  metres: z.number(),
  /** A point of it, `[lon, lat]`: for shapes the one nearest. */
  at: Position,
});

export const NearestAnswer = z
  .object({
    from: z.string().nullable(),
    to: z.string(),
    load: z.number().int(),
    rows: z.array(
      z.object({
        /** Null when the start is a point of the map. */
        fid: z.number().int().nullable(),
        name: z.string().nullable(),
        at: Position,
        neighbours: z.array(Neighbour),
      }),
    ),
  })
  .openapi('NearestAnswer');
export type NearestAnswer = z.infer<typeof NearestAnswer>;

const StatisticLevel = z.enum(['grid', 'community']).default('grid');

export const HotspotInput = z
  .strictObject({
    by: StatisticLevel,
    value: LayerInput,
    /** The value is then counted per so many of these. */
    per: LayerInput.extend({ factor: z.number().positive().max(1e9).default(1000) }).optional(),
    method: z.enum(['gi', 'moran']).default('gi'),
    /** Cells that share a corner, an edge, or the nearest ones. */
    weights: z.enum(['queen', 'rook', 'knn']).default('queen'),
    neighbours: z.number().int().min(1).max(50).default(8).openapi({ description: 'Of `knn`' }),
    /** Holds the rate of false discoveries among all cells below 5 %, instead of each cell's own. */
    fdr: z.boolean().default(false),
  })
  .openapi('HotspotInput');
export type HotspotInput = z.infer<typeof HotspotInput>;

export const HOTSPOT_CLASSES = [
  'hot99',
  'hot95',
  'hot90',
  'cold99',
  'cold95',
  'cold90',
  'HH',
  'LL',
  'HL',
  'LH',
  'none',
] as const;

export const HotspotAnswer = z
  .object({
    by: z.enum(['grid', 'community']),
    method: z.enum(['gi', 'moran']),
    n: z.number().int(),
    /** Cells left out: their count is withheld, or there is nothing to count per. */
    leftOut: z.number().int(),
    links: z.number().int(),
    /** Cells without a neighbour. */
    islands: z.number().int(),
    global: z
      .object({ i: z.number(), expected: z.number(), variance: z.number(), z: z.number(), p: z.number() })
      .nullable(),
    /** Columns that belong together. */
    codes: z.array(z.string()),
    values: z.array(z.number()),
    /** Gi* as z, or local I. */
    statistics: z.array(z.number()),
    p: z.array(z.number()),
    classes: z.array(z.enum(HOTSPOT_CLASSES)),
  })
  .openapi('HotspotAnswer');
export type HotspotAnswer = z.infer<typeof HotspotAnswer>;

export const CorrelationInput = z
  .strictObject({ by: StatisticLevel, a: LayerInput, b: LayerInput })
  .openapi('CorrelationInput');
export type CorrelationInput = z.infer<typeof CorrelationInput>;

const Coefficient = z.object({ r: z.number().nullable(), p: z.number() });

export const CorrelationAnswer = z
  .object({
    by: z.enum(['grid', 'community']),
    n: z.number().int(),
    leftOut: z.number().int(),
    /** `r` is null when one of both is everywhere the same. */
    pearson: Coefficient,
    spearman: Coefficient,
    codes: z.array(z.string()),
    a: z.array(z.number()),
    b: z.array(z.number()),
  })
  .openapi('CorrelationAnswer');
export type CorrelationAnswer = z.infer<typeof CorrelationAnswer>;

const Mode = z.enum(['walk', 'drive']).default('walk');

export const ReachInput = z
  .strictObject({
    from: z.union([z.strictObject({ point: Position }), LayerInput]),
    mode: Mode,
    minutes: z.array(z.number().positive().max(ANALYSIS_LIMITS.minutes)).min(1).max(4).default([10]),
  })
  .openapi('ReachInput');
export type ReachInput = z.infer<typeof ReachInput>;

export const ReachAnswer = z
  .object({
    roads: z.object({ layer: z.string(), load: z.number().int() }),
    /** Starting points, and those of them with no road near. */
    origins: z.number().int(),
    offRoad: z.number().int(),
    areas: z.array(
      z.object({ minutes: z.number(), areaM2: z.number(), roadMetres: z.number(), geometry: GeoJson.nullable() }),
    ),
  })
  .openapi('ReachAnswer');
export type ReachAnswer = z.infer<typeof ReachAnswer>;

export const RouteInput = z
  .strictObject({ points: z.array(Position).min(2).max(10), mode: Mode })
  .openapi('RouteInput');

export const RouteAnswer = z
  .object({
    roads: z.object({ layer: z.string(), load: z.number().int() }),
    metres: z.number(),
    seconds: z.number(),
    geometry: GeoJson,
  })
  .openapi('RouteAnswer');
export type RouteAnswer = z.infer<typeof RouteAnswer>;

export const CoverageInput = z
  .strictObject({
    from: LayerInput,
    mode: Mode,
    minutes: z.number().positive().max(ANALYSIS_LIMITS.minutes).default(10),
  })
  .openapi('CoverageInput');

export const CoverageAnswer = z
  .object({
    roads: z.object({ layer: z.string(), load: z.number().int() }),
    origins: z.number().int(),
    offRoad: z.number().int(),
    /** Columns that belong together: micro-grids with roads, metres of them, and the share of these that is reached. */
    codes: z.array(z.string()),
    metres: z.array(z.number()),
    shares: z.array(z.number()),
    /** Of all roads. */
    share: z.number(),
  })
  .openapi('CoverageAnswer');
export type CoverageAnswer = z.infer<typeof CoverageAnswer>;
