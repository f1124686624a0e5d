/** Warnings, in the words of CAP 1.2. */
import { z } from '@hono/zod-openapi';
import {
  ALERT_CATEGORIES,
  ALERT_CERTAINTIES,
  ALERT_RESPONSES,
  ALERT_STATUSES,
  ALERT_URGENCIES,
} from '../alerts/alert.ts';
import { CELL_LEVELS } from '../filter/predicate.ts';
import { Ring, Text } from './basics.ts';

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

export const Words = (longest: number) =>
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
