import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { ANALYSIS_LIMITS, requireWithin } from '../analysis/limits.ts';
import { ApiError } from '../errors.ts';
import { writeAudit } from '../queries/audit.ts';
import { type ExportRecord, findExport } from '../queries/exports.ts';
import { AttachQuery, OverlayInput, ResultJob, SaveInput } from '../results/contract.ts';
import type { MadeOf } from '../results/made-of.ts';
import { planOverlay } from '../results/plan-overlay.ts';
import { planSave } from '../results/plan-save.ts';
import type { ResultPlan } from '../results/result-plan.ts';
import { body } from './analysis.ts';
import { ownerOf } from './owner-of.ts';
import { failure, json } from './parameters.ts';
import { requireStaff } from './require-staff.ts';
import { type AppEnv, endpoint } from './router.ts';

/** The one address that takes a file as it is. */
export const ATTACH_PATH = '/api/analysis/attach';

/** Layers are made by those who are signed in to the government network: what anybody makes would be seen by all of them. */
export const MADE_BY_STAFF = 'Layers are made, renamed and deleted by staff.';

function newId(operation: string): string {
  return `user_${operation}_${randomBytes(5).toString('hex')}`;
}

function jobOf(record: ExportRecord): ResultJob {
  const { id, layer, format, state, phase, rowsDone, rowsTotal, errorCode, error, result, file } = record;
  return {
    id,
    layer,
    operation: format,
    state,
    phase: phase === 'computing' || phase === 'loading' ? phase : null,
    rows: { done: rowsDone, total: rowsTotal },
    error: errorCode === null ? null : { code: errorCode, message: error ?? '' },
    result,
    createdAt: record.createdAt.toISOString(),
    expiresAt: record.expiresAt.toISOString(),
    leftOut: state === 'ready' && file !== null ? `/api/analysis/jobs/${id}/left-out` : null,
  };
}

function byOf(c: Context<AppEnv>, purpose: string | undefined): Pick<MadeOf, 'by' | 'at' | 'purpose'> {
  return { by: ownerOf(c), at: new Date().toISOString(), purpose: purpose ?? null };
}

/** Notes whose personal data is kept in a result, before it is made. */
async function audit(c: Context<AppEnv>, plan: ResultPlan): Promise<void> {
  const { purpose, operation } = plan.madeOf;
  for (const { layer, load, rows } of plan.personal) {
    if (purpose === null) {
      throw new ApiError('PARAMETER_INVALID', `purpose: is needed for layer ${layer}, which holds personal data`, {
        field: 'purpose',
      });
    }
    await writeAudit(c.var.services.db.sql, {
      ...ownerOf(c),
      action: 'result',
      layer,
      load,
      purpose,
      detail: { operation, rows, result: plan.layer.id },
      requestId: c.var.requestId,
    });
  }
}

const STARTED = {
  201: json(ResultJob, 'The job; its address is in Location'),
  400: failure('BODY_INVALID, BODY_MALFORMED, FILTER_INVALID, PARAMETER_INVALID'),
  403: failure('FORBIDDEN'),
  404: failure('LAYER_NOT_FOUND, VERSION_NOT_FOUND, FEATURE_NOT_FOUND'),
  422: failure('LIMIT_EXCEEDED'),
  429: failure('OVERLOADED'),
  503: failure('NOT_READY'),
};

const HOW =
  'Made in the background: ask its job until it is ready. The layer is at least internal, and as sensitive as the strictest of what it was made of; fields that are masked for the caller stay out.';

export const startOverlay = endpoint(
  createRoute({
    method: 'post',
    path: '/api/analysis/overlay',
    tags: ['results'],
    summary: 'Overlays two layers, or a layer and a shape, and keeps the pieces as a layer',
    description: `With the attributes of both (the layer's id before names that both have), and area or length on the ellipsoid. ${HOW}`,
    request: body(OverlayInput),
    responses: STARTED,
  }),
  async (c) => {
    requireStaff(c, MADE_BY_STAFF);
    const input = c.req.valid('json');
    const { services, caller } = c.var;
    const plan = await planOverlay(services, caller.role, newId('overlay'), input, byOf(c, input.purpose));
    await audit(c, plan);
    const record = await services.results.start(plan, ownerOf(c));
    return c.json(jobOf(record), 201, { Location: `/api/analysis/jobs/${record.id}` });
  },
);

export const startSave = endpoint(
  createRoute({
    method: 'post',
    path: '/api/analysis/save',
    tags: ['results'],
    summary: 'Keeps a selection or a result as a layer',
    description: `Rows by any filter, drawn shapes, buffers, reachable areas, hotspots, coverage, what is nearest. ${HOW}`,
    request: body(SaveInput),
    responses: STARTED,
  }),
  async (c) => {
    requireStaff(c, MADE_BY_STAFF);
    const input = c.req.valid('json');
    const { services, caller } = c.var;
    const plan = await planSave(services, caller.role, newId('saved'), input, byOf(c, input.purpose));
    await audit(c, plan);
    const record = await services.results.start(plan, ownerOf(c));
    return c.json(jobOf(record), 201, { Location: `/api/analysis/jobs/${record.id}` });
  },
);

const BINARY = { schema: z.string().openapi({ format: 'binary' }) };

export const startAttach = endpoint(
  createRoute({
    method: 'post',
    path: ATTACH_PATH,
    tags: ['results'],
    summary: 'Joins a table to micro-grids, communities or towns by code, and keeps it as a layer',
    description:
      'The body is the file: CSV, XLSX or any other table that can be imported, at most 8 MB and 5000 rows. Encoding, code column and kind of boundary are found where they are not stated; the map is coloured by the first number. Rows whose code is not found or repeated are left out, counted and kept to be fetched.',
    request: {
      query: AttachQuery,
      body: {
        required: true,
        content: {
          'text/csv': BINARY,
          'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': BINARY,
          'application/octet-stream': BINARY,
        },
      },
    },
    responses: { ...STARTED, 413: failure('BODY_TOO_LARGE') },
  }),
  async (c) => {
    requireStaff(c, MADE_BY_STAFF);
    const { title, name, ...asked } = c.req.valid('query');
    const bytes = new Uint8Array(await c.req.arrayBuffer());
    if (bytes.length === 0) throw new ApiError('BODY_INVALID', 'The body is empty; it should be a table.');
    requireWithin('attachBytes', bytes.length, 'body');
    const id = newId('attached');
    const owner = ownerOf(c);
    const madeOf: MadeOf = {
      ...byOf(c, undefined),
      operation: 'attach',
      inputs: [],
      parameters: { file: name.slice(0, 200) },
    };
    const plan = {
      ...asked,
      id,
      title: { zh: title, en: title },
      owner,
      madeOf,
      mostRows: ANALYSIS_LIMITS.attachRows,
    };
    const record = await c.var.services.results.attach({ id, name, bytes, plan }, owner);
    return c.json(jobOf(record), 201, { Location: `/api/analysis/jobs/${record.id}` });
  },
);

const JobId = z.object({
  id: z
    .string()
    .max(64)
    .openapi({ param: { name: 'id', in: 'path' }, example: '5b6c0d1e-8f3a-4c57-9a51-0f7e6f2f3c11' }),
});

/** The caller's own job. Somebody else's answers like one that does not exist. */
async function getJob(c: Context<AppEnv>, id: string): Promise<ExportRecord> {
  const isId = z.uuid().safeParse(id).success;
  const record = isId ? await findExport(c.var.services.db.sql, id, 'layer', ownerOf(c)) : null;
  if (record === null) {
    throw new ApiError('JOB_NOT_FOUND', `There is no job "${id.slice(0, 64)}".`, { field: 'id', value: id });
  }
  return record;
}

export const readResultJob = endpoint(
  createRoute({
    method: 'get',
    path: '/api/analysis/jobs/{id}',
    tags: ['results'],
    summary: 'How far a layer that is made is',
    request: { params: JobId },
    responses: { 200: json(ResultJob, 'The job'), 404: failure('JOB_NOT_FOUND') },
  }),
  async (c) => c.json(jobOf(await getJob(c, c.req.valid('param').id)), 200),
);

export const readLeftOut = endpoint(
  createRoute({
    method: 'get',
    path: '/api/analysis/jobs/{id}/left-out',
    tags: ['results'],
    summary: 'Rows of a table that were not attached, each with its reason',
    request: { params: JobId },
    responses: {
      200: { description: 'CSV in UTF-8 with BOM', content: { 'text/csv': BINARY } },
      404: failure('JOB_NOT_FOUND'),
    },
  }),
  async (c) => {
    const { id } = c.req.valid('param');
    const { file, state } = await getJob(c, id);
    const path = file === null || state !== 'ready' ? null : c.var.services.results.pathOf(file);
    const found = path === null ? null : await stat(path).catch(() => null);
    if (path === null || found === null) {
      throw new ApiError('JOB_NOT_FOUND', 'This job has left no rows out, or they are no longer kept.', {
        field: 'id',
      });
    }
    const headers = {
      'Content-Type': 'text/csv; charset=utf-8',
      'Content-Length': String(found.size),
      'Content-Disposition': 'attachment; filename="left-out.csv"',
      'Cache-Control': 'no-store',
    };
    if (c.req.raw.method === 'HEAD') return c.body(null, 200, headers);
    return c.body(Readable.toWeb(createReadStream(path)) as ReadableStream<Uint8Array>, 200, headers);
  },
);

export const cancelResultJob = endpoint(
  createRoute({
    method: 'delete',
    path: '/api/analysis/jobs/{id}',
    tags: ['results'],
    summary: 'Cancels a layer that is made; one that is ready stays',
    request: { params: JobId },
    responses: { 204: { description: 'The job has ended' }, 404: failure('JOB_NOT_FOUND') },
  }),
  async (c) => {
    const { id } = await getJob(c, c.req.valid('param').id);
    await c.var.services.results.cancel(id);
    return c.body(null, 204);
  },
);
