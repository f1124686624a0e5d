import { z } from '@hono/zod-openapi';
import { Incident } from '../contract/incidents.ts';

/** An incident and its other reports. */
export const ReportGroup = z
  .object({
    /** The one that stands for all of them: the oldest open one when they were linked. */
    parent: Incident,
    /** The others, oldest first. */
    reports: z.array(Incident),
  })
  .openapi('ReportGroup');

/** Open incidents that may be the same thing, the likeliest first. */
export const SimilarIncidents = z
  .object({
    similar: z.array(
      z.object({
        incident: Incident,
        /** 0 … 1; from `sure` on the service links by itself. */
        score: z.number(),
        /** From the middle of its reports. */
        metres: z.number(),
        /** From the nearest of its reports in time. */
        minutes: z.number(),
        /** Somebody said before that they are not the same. */
        apart: z.boolean(),
      }),
    ),
    sure: z.number(),
  })
  .openapi('SimilarIncidents');

const reason = z.string().trim().min(1).max(500).optional();
export const LinkInput = z.strictObject({ parent: z.number().int().positive(), reason }).openapi('LinkInput');
export const UnlinkInput = z.strictObject({ reason }).openapi('UnlinkInput');

export type ReportGroup = z.infer<typeof ReportGroup>;
export type SimilarIncidents = z.infer<typeof SimilarIncidents>;
export type LinkInput = z.infer<typeof LinkInput>;
export type UnlinkInput = z.infer<typeof UnlinkInput>;
