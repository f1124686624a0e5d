/** Loads of department files, and the rows set aside. */
import { z } from '@hono/zod-openapi';
import { Bbox, Text } from './basics.ts';

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

export type LoadSummary = z.infer<typeof LoadSummary>;

export type LoadList = z.infer<typeof LoadList>;

export type LoadDetail = z.infer<typeof LoadDetail>;

export type RejectedRow = z.infer<typeof RejectedRow>;

export type RejectList = z.infer<typeof RejectList>;

export type RejectPlaces = z.infer<typeof RejectPlaces>;
