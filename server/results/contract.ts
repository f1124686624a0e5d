/** What goes into results that are kept as layers, and what is told of them. */
import { z } from '@hono/zod-openapi';
import {
  BufferInput,
  CoverageInput,
  GeoJson,
  HotspotInput,
  LayerInput,
  NearestInput,
  ReachInput,
  ShapeInput,
} from '../analysis/contract.ts';
import { ANALYSIS_LIMITS } from '../analysis/limits.ts';
import { Text } from '../contract/basics.ts';
import { OVERLAY_OPERATIONS } from './overlay.ts';

const Words = z.string().trim().min(1).max(100);

/** A title in both languages, or one text for both. */
export const Title = z
  .union([Words, z.strictObject({ zh: Words, en: Words })])
  .transform((title) => (typeof title === 'string' ? { zh: title, en: title } : title))
  .openapi({ type: 'string', description: 'A text, or `{"zh","en"}`', example: '叠加结果' });

const Purpose = z.string().trim().min(4).max(500).optional().openapi({
  description: 'What it is wanted for; needed where rows of personal data are kept, and noted in the audit',
});

const Properties = z.record(z.string().max(50), z.union([z.string().max(2000), z.number(), z.boolean(), z.null()]));

export const SaveInput = z
  .strictObject({
    title: Title,
    of: z.union([
      z.strictObject({ kind: z.literal('rows'), ...LayerInput.shape }),
      z.strictObject({
        kind: z.literal('shapes'),
        features: z
          .array(
            z.strictObject({
              type: z.literal('Feature').optional(),
              id: z.unknown().optional(),
              geometry: GeoJson,
              properties: Properties.nullable().optional(),
            }),
          )
          .min(1)
          .max(ANALYSIS_LIMITS.drawnShapes),
      }),
      z.strictObject({ kind: z.literal('buffer'), ...BufferInput.shape }),
      z.strictObject({ kind: z.literal('reach'), ...ReachInput.shape }),
      z.strictObject({ kind: z.literal('hotspot'), ...HotspotInput.shape }),
      z.strictObject({ kind: z.literal('coverage'), ...CoverageInput.shape }),
      z.strictObject({ kind: z.literal('nearest'), ...NearestInput.shape }),
    ]),
    purpose: Purpose,
  })
  .openapi('SaveInput');
export type SaveInput = z.infer<typeof SaveInput>;

const Side = z.union([LayerInput, z.strictObject({ shape: ShapeInput })]);

export const OverlayInput = z
  .strictObject({
    title: Title,
    operation: z.enum(OVERLAY_OPERATIONS),
    a: Side,
    b: Side,
    /** Pieces narrower than this are slivers. */
    sliverMetres: z.number().min(0).max(100).default(0.05),
    purpose: Purpose,
  })
  .openapi('OverlayInput');
export type OverlayInput = z.infer<typeof OverlayInput>;

export const AttachQuery = z.object({
  title: z.string().trim().min(1).max(100).openapi({ example: '各社区老年人口' }),
  name: z
    .string()
    .max(200)
    .openapi({ description: 'Name of the file; its ending says what it is', example: 'elderly.csv' }),
  level: z
    .enum(['grid', 'community', 'town'])
    .optional()
    .openapi({ description: 'Kind of boundary; found if left out' }),
  code: z.string().min(1).max(200).optional().openapi({ description: 'Column with the codes; found if left out' }),
  value: z.string().min(1).max(200).optional().openapi({ description: 'Column that colours the map' }),
  encoding: z.string().min(1).max(40).optional().openapi({ description: 'Of a text; found if left out' }),
});

/** A layer that is made in the background. */
export const ResultJob = z
  .object({
    id: z.string(),
    /** The layer it makes; there once the job is ready. */
    layer: z.string(),
    operation: z.string(),
    state: z.enum(['waiting', 'running', 'ready', 'failed', 'cancelled']),
    phase: z.enum(['computing', 'loading']).nullable(),
    rows: z.object({ done: z.number().int(), total: z.number().int() }),
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
    /** What there is to say of it once it is ready: slivers, codes that were not found … */
    result: z.record(z.string(), z.unknown()).nullable(),
    createdAt: z.string(),
    expiresAt: z.string(),
    /** Address of the rows that were left out; null where there are none. */
    leftOut: z.string().nullable(),
  })
  .openapi('ResultJob');
export type ResultJob = z.infer<typeof ResultJob>;

export const UserLayer = z
  .object({
    id: z.string(),
    title: Text,
    geometry: z.string(),
    sensitivity: z.string(),
    rows: z.number().int().nullable(),
    /** Whether the caller may rename and delete it. */
    own: z.boolean(),
    /** What was done to make it; null of an imported file. */
    operation: z.string().nullable(),
    createdAt: z.string(),
    /** Since when it is deleted, and until when it can be taken back; null while it is there. */
    deletedAt: z.string().nullable(),
    restorableUntil: z.string().nullable(),
  })
  .openapi('UserLayer');
export type UserLayer = z.infer<typeof UserLayer>;

export const UserLayerList = z.object({ layers: z.array(UserLayer) }).openapi('UserLayerList');
export type UserLayerList = z.infer<typeof UserLayerList>;
