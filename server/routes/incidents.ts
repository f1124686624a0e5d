import { createRoute, z } from '@hono/zod-openapi';
import type { Sql } from '../db/connect.ts';
import {
  Incident,
  IncidentBatchInput,
  IncidentBatchReceipt,
  IncidentInput,
  IncidentReceipt,
  IncidentSnapshot,
} from '../contract/incidents.ts';
import { IncidentStats } from '../contract/indicators.ts';
import { ReplayEntries } from '../contract/live.ts';
import { ApiError } from '../errors.ts';
import type { DirectReports } from '../incidents/direct-reports.ts';
import type { Intake, IntakeResult } from '../incidents/intake.ts';
import { batchReceiptOf, receiptOf } from '../incidents/receipt-of.ts';
import { reasonOf, refusal, senderOf, submitting } from '../intake/receive.ts';
import { readSnapshot } from '../incidents/snapshot.ts';
import { dimensions, readStatistics, readStatisticsAt } from '../incidents/statistics.ts';
import type { ReceivedMessage } from '../intake/messages.ts';
import { getIncident } from '../incidents/get-incident.ts';
import { incidentNotFound } from '../incidents/incident-not-found.ts';
import { closeIncident } from '../incidents/store.ts';
import { readEntries } from '../replay/read-entries.ts';
import { readSnapshotAt } from '../replay/snapshot-at.ts';
import { AtParameter, parseAt } from './as-of.ts';
import { failure, IncidentId, json } from './parameters.ts';
import { requireStaff } from './require-staff.ts';
import { createRouter, endpoint, type AppEnv } from './router.ts';
import type { Context } from 'hono';

export interface IncidentRoutesOptions {
  sql: Sql;
  intake: Intake;
  /** Stands in front of `POST /api/incidents` and of batches and answers what can be stored. */
  directReports: DirectReports;
}

const tags = ['incidents'];
const townCode = z.string().regex(/^\d{12}$/, 'must be a 12-digit town code');

/** Everything under `/api/incidents`. */
export function incidentRoutes({ sql, intake, directReports }: IncidentRoutesOptions) {
  const report = endpoint(
    createRoute({
      method: 'post',
      path: '/api/incidents',
      tags,
      summary: 'Report an incident',
      description:
        'Answered after the commit. `key` is the idempotency key: repeat the request after a lost answer and nothing is stored twice. A key that belongs to an incident of other content is refused (KEY_REUSED).',
      request: { body: { required: true, ...json(IncidentInput, 'The incident') } },
      responses: {
        200: json(IncidentReceipt, 'The key was known'),
        201: json(IncidentReceipt, 'Stored'),
        409: failure('KEY_REUSED'),
        422: failure('OUTSIDE_DISTRICT, UNKNOWN_CATEGORY, IN_THE_FUTURE'),
        429: failure('Too many incidents are waiting; come back after `Retry-After` seconds'),
        503: failure('The database is away or the district is not loaded; repeat with the same key'),
      },
    }),
    async (c) => {
      requireStaff(c);
      const taken = directReports.takenOf(c.env?.incoming);
      const [result] = await submit(c, () => taken ?? intake.submit([c.req.valid('json')]));
      if (!result) throw new Error('an incident has no result');
      if (result.rejection) throw refusal(result.rejection);
      return c.json(receiptOf(result), result.stored.isNew ? 201 : 200);
    },
  );

  const reportBatch = endpoint(
    createRoute({
      method: 'post',
      path: '/api/incidents/batch',
      tags,
      summary: 'Report up to 5000 incidents',
      description:
        'Each incident stands for itself: bad ones are listed in `rejected` by index, the others are stored.',
      request: { body: { required: true, ...json(IncidentBatchInput, 'The incidents') } },
      responses: {
        200: json(IncidentBatchReceipt, 'What became of each incident'),
        429: failure('Too many incidents are waiting; come back after `Retry-After` seconds'),
        503: failure('The database is away or the district is not loaded; repeat with the same keys'),
      },
    }),
    async (c) => {
      requireStaff(c);
      const { incidents } = c.req.valid('json');
      const taken = directReports.takenOf(c.env?.incoming);
      const results = await submit(c, () => taken ?? intake.submit(incidents));
      const receipt = batchReceiptOf(results);
      const refused: ReceivedMessage[] = [];
      results.forEach((result, index) => {
        if (result.rejection) {
          const { code, message, field } = result.rejection;
          const key = keyOf(incidents[index]);
          receipt.rejected.push({ index, code, message, ...(field ? { field } : {}), ...(key ? { key } : {}) });
          refused.push({
            channel: 'incidents',
            sender: senderOf(c),
            contentType: 'application/json',
            body: Buffer.from(JSON.stringify(incidents[index])),
            outcome: 'refused',
            rejection: reasonOf(result.rejection),
          });
        }
      });
      // What was stored is there as incidents, whole.
      await c.var.services.messages.keep(refused);
      return c.json(receipt, 200);
    },
  );

  const snapshot = endpoint(
    createRoute({
      method: 'get',
      path: '/api/incidents',
      tags,
      summary: 'Open incidents, and the cursor to follow them from',
      description:
        'Cursor and rows belong to one moment: this answer plus everything `/api/live?since={cursor}` sends is the truth.',
      request: {
        query: z.object({
          limit: z
            .string()
            .regex(/^\d{1,4}$/, 'must be a whole number from 0 to 5000')
            .transform(Number)
            .pipe(z.int().max(5000))
            .default(500)
            .openapi({ type: 'integer', minimum: 0, maximum: 5000, default: 500 }),
          town: townCode.optional(),
          at: AtParameter,
        }),
      },
      responses: { 200: json(IncidentSnapshot, 'The snapshot'), 410: failure('REPLAY_TOO_OLD') },
    }),
    async (c) => {
      const { limit, town = null, at: text } = c.req.valid('query');
      const at = parseAt(text);
      const { role } = c.var.caller;
      const body = at
        ? await readSnapshotAt(sql, role, { at, town, limit })
        : await readSnapshot(sql, role, town, limit);
      return c.json(body, 200, { 'Cache-Control': 'no-store' });
    },
  );

  const entries = endpoint(
    createRoute({
      method: 'get',
      path: '/api/incidents/log',
      tags,
      summary: 'Entries of the live log between a cursor and a time, to play them again',
      request: {
        query: z.object({
          after: z.string().max(64).openapi({ description: 'Cursor of a snapshot or of the page before' }),
          until: AtParameter,
          limit: z
            .string()
            .regex(/^[1-9]\d{0,3}$/, 'must be a whole number from 1 to 5000')
            .transform(Number)
            .pipe(z.int().max(5000))
            .default(1000)
            .openapi({ type: 'integer', minimum: 1, maximum: 5000, default: 1000 }),
          town: townCode.optional(),
        }),
      },
      responses: { 200: json(ReplayEntries, 'The entries'), 410: failure('REPLAY_TOO_OLD') },
    }),
    async (c) => {
      const { after, until, limit, town = null } = c.req.valid('query');
      const page = { after, until: parseAt(until, 'until') ?? new Date(), limit, town };
      return c.json(await readEntries(sql, c.var.caller.role, page), 200, { 'Cache-Control': 'no-store' });
    },
  );

  const stats = endpoint(
    createRoute({
      method: 'get',
      path: '/api/incidents/stats',
      tags,
      summary: 'Counts of the last 24 hours by one dimension, or of the 24 hours before `at`',
      request: { query: z.object({ by: z.enum(dimensions).default('town'), at: AtParameter }) },
      responses: { 200: json(IncidentStats, 'The counts'), 410: failure('REPLAY_TOO_OLD') },
    }),
    async (c) => {
      const { by, at: text } = c.req.valid('query');
      const at = parseAt(text);
      const { role } = c.var.caller;
      const body = at ? await readStatisticsAt(sql, role, by, at) : await readStatistics(sql, role, by, Date.now());
      return c.json(body, 200, { 'Cache-Control': 'no-store' });
    },
  );

  const one = endpoint(
    createRoute({
      method: 'get',
      path: '/api/incidents/{id}',
      tags,
      summary: 'One incident',
      request: { params: IncidentId },
      responses: { 200: json(Incident, 'The incident'), 404: failure('INCIDENT_NOT_FOUND') },
    }),
    async (c) => {
      const incident = await getIncident(sql, c.var.caller.role, c.req.valid('param').id);
      return c.json(incident, 200, { 'Cache-Control': 'no-store' });
    },
  );

  const close = endpoint(
    createRoute({
      method: 'post',
      path: '/api/incidents/{id}/close',
      tags,
      summary: 'Close an incident at once, as the shift leader may; closing it again changes nothing',
      request: { params: IncidentId },
      responses: {
        200: json(Incident, 'The closed incident'),
        403: failure('FORBIDDEN: neither shift leader nor supervising leader'),
        404: failure('INCIDENT_NOT_FOUND'),
      },
    }),
    async (c) => {
      requireStaff(c);
      const { caller } = c.var;
      const post = (['shift_lead', 'leader'] as const).find((each) => caller.posts.includes(each));
      if (!post) throw new ApiError('FORBIDDEN', 'Only the shift leader and the supervising leader close at once.');
      const incident = await closeIncident(sql, caller.role, c.req.valid('param').id, Date.now(), {
        actor: caller.name,
        post,
        department: caller.department,
      });
      if (!incident) throw incidentNotFound(c.req.valid('param').id);
      return c.json(incident, 200);
    },
  );

  return createRouter()
    .openapi(report.route, report.handler)
    .openapi(reportBatch.route, reportBatch.handler)
    .openapi(snapshot.route, snapshot.handler)
    .openapi(entries.route, entries.handler)
    .openapi(stats.route, stats.handler)
    .openapi(one.route, one.handler)
    .openapi(close.route, close.handler);
}

async function submit(c: Context<AppEnv>, taking: () => Promise<IntakeResult[]>): Promise<IntakeResult[]> {
  return submitting(taking).catch((error: unknown) => {
    c.header('Retry-After', '1');
    throw error;
  });
}

function keyOf(input: unknown): string | undefined {
  const key = typeof input === 'object' && input !== null ? Reflect.get(input, 'key') : undefined;
  return typeof key === 'string' ? key.slice(0, 200) : undefined;
}
