import { createRoute, z } from '@hono/zod-openapi';
import type { Sql } from '../db/connect.ts';
import {
  Incident,
  IncidentBatchInput,
  IncidentBatchReceipt,
  IncidentInput,
  IncidentReceipt,
  IncidentSnapshot,
  IncidentStats,
} from '../contract.ts';
import { ApiError } from '../errors.ts';
import { QueueFull } from '../incidents/batcher.ts';
import { NoGrids, type Intake } from '../incidents/intake.ts';
import { readSnapshot } from '../incidents/snapshot.ts';
import { dimensions, readStatistics } from '../incidents/statistics.ts';
import { closeIncident, findIncident } from '../incidents/store.ts';
import { failure, json } from './parameters.ts';
import { createRouter, endpoint, type AppEnv } from './router.ts';
import type { Context } from 'hono';

export interface IncidentRoutesOptions {
  sql: Sql;
  intake: Intake;
}

const tags = ['incidents'];
const id = z.object({
  id: z
    .string()
    .regex(/^[1-9]\d{0,14}$/, 'must be a positive whole number')
    .transform(Number)
    .openapi({ param: { name: 'id', in: 'path' }, type: 'integer', example: 17 }),
});

/** Everything under `/api/incidents`. */
export function incidentRoutes({ sql, intake }: IncidentRoutesOptions) {
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
      const [result] = await submit(c, intake, [c.req.valid('json')]);
      if (!result || result.rejection) {
        const { code, message, field, value } = result?.rejection ?? { code: 'INTERNAL', message: 'no result' };
        throw new ApiError(code, message, { ...(field === undefined ? {} : { field }), value });
      }
      const { stored, incident } = result;
      const receipt = { id: stored.id, key: incident.key, isNew: stored.isNew, grid: stored.grid };
      return c.json(receipt, stored.isNew ? 201 : 200);
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
      const receipt: IncidentBatchReceipt = { accepted: 0, duplicates: 0, receipts: [], rejected: [] };
      (await submit(c, intake, incidents)).forEach((result, index) => {
        if (result.rejection) {
          const { code, message, field } = result.rejection;
          const key = keyOf(incidents[index]);
          receipt.rejected.push({ index, code, message, ...(field ? { field } : {}), ...(key ? { key } : {}) });
        } else {
          const { stored, incident } = result;
          receipt[stored.isNew ? 'accepted' : 'duplicates'] += 1;
          receipt.receipts.push({ id: stored.id, key: incident.key, isNew: stored.isNew, grid: stored.grid });
        }
      });
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
          town: z
            .string()
            .regex(/^\d{12}$/, 'must be a 12-digit town code')
            .optional(),
        }),
      },
      responses: { 200: json(IncidentSnapshot, 'The snapshot') },
    }),
    async (c) => {
      const { limit, town } = c.req.valid('query');
      const body = await readSnapshot(sql, c.var.caller.role, town ?? null, limit);
      return c.json(body, 200, { 'Cache-Control': 'no-store' });
    },
  );

  const stats = endpoint(
    createRoute({
      method: 'get',
      path: '/api/incidents/stats',
      tags,
      summary: 'Counts of the last 24 hours by one dimension',
      request: { query: z.object({ by: z.enum(dimensions).default('town') }) },
      responses: { 200: json(IncidentStats, 'The counts') },
    }),
    async (c) => {
      const body = await readStatistics(sql, c.var.caller.role, c.req.valid('query').by, Date.now());
      return c.json(body, 200, { 'Cache-Control': 'no-store' });
    },
  );

  const one = endpoint(
    createRoute({
      method: 'get',
      path: '/api/incidents/{id}',
      tags,
      summary: 'One incident',
      request: { params: id },
      responses: { 200: json(Incident, 'The incident'), 404: failure('INCIDENT_NOT_FOUND') },
    }),
    async (c) => {
      const incident = await findIncident(sql, c.var.caller.role, c.req.valid('param').id);
      if (!incident) throw notFound(c.req.valid('param').id);
      return c.json(incident, 200, { 'Cache-Control': 'no-store' });
    },
  );

  const close = endpoint(
    createRoute({
      method: 'post',
      path: '/api/incidents/{id}/close',
      tags,
      summary: 'Close an incident at once, as the shift leader may; closing it again changes nothing',
      request: { params: id },
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
      if (!incident) throw notFound(c.req.valid('param').id);
      return c.json(incident, 200);
    },
  );

  return createRouter()
    .openapi(report.route, report.handler)
    .openapi(reportBatch.route, reportBatch.handler)
    .openapi(snapshot.route, snapshot.handler)
    .openapi(stats.route, stats.handler)
    .openapi(one.route, one.handler)
    .openapi(close.route, close.handler);
}

async function submit(c: Context<AppEnv>, intake: Intake, inputs: readonly unknown[]) {
  try {
    return await intake.submit(inputs);
  } catch (cause) {
    c.header('Retry-After', '1');
    if (cause instanceof QueueFull) throw new ApiError('OVERLOADED', `${cause.message}. Try again.`, { cause });
    if (cause instanceof NoGrids) throw new ApiError('NOT_READY', cause.message, { cause });
    throw cause;
  }
}

function requireStaff(c: Context<AppEnv>): void {
  if (c.var.caller.role !== 'staff') throw new ApiError('FORBIDDEN', 'Only staff and reporting systems may do this.');
}

function notFound(id: number): ApiError {
  return new ApiError('INCIDENT_NOT_FOUND', `There is no incident ${id}.`, { field: 'id', value: id });
}

function keyOf(input: unknown): string | undefined {
  const key = typeof input === 'object' && input !== null ? Reflect.get(input, 'key') : undefined;
  return typeof key === 'string' ? key.slice(0, 200) : undefined;
}
