/** Incidents as they come in and go out. */
import { z } from '@hono/zod-openapi';
import { Text } from './basics.ts';

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

/** Incidents of a batch at most. */
export const MOST_IN_BATCH = 5000;

export const IncidentBatchInput = z
  .object({ incidents: z.array(z.unknown()).min(1).max(MOST_IN_BATCH) })
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

export type IncidentInput = z.infer<typeof IncidentInput>;

export type Reporter = z.infer<typeof Reporter>;

export type Incident = z.infer<typeof Incident>;

export type IncidentReceipt = z.infer<typeof IncidentReceipt>;

export type IncidentBatchReceipt = z.infer<typeof IncidentBatchReceipt>;

export type IncidentSnapshot = z.infer<typeof IncidentSnapshot>;

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
