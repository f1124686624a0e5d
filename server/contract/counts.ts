/** Counts and other figures over the rows of a layer, and what they rest on. */
import { z } from '@hono/zod-openapi';
import { CELL_LEVELS } from '../filter/predicate.ts';
import { Text } from './basics.ts';

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

export type HexagonCounts = z.infer<typeof HexagonCounts>;

export type CellCounts = z.infer<typeof CellCounts>;

export type Aggregate = z.infer<typeof Aggregate>;

export type WrittenFilter = z.infer<typeof WrittenFilter>;

export type WhyNumber = z.infer<typeof WhyNumber>;
