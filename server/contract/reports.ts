/** What citizens and collectors report by form, and how it goes on. */
import { z } from '@hono/zod-openapi';
import { Text } from './basics.ts';
import { INCIDENT_STATES, Reporter } from './incidents.ts';

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
