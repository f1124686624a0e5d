import { randomBytes } from 'node:crypto';
import { createRoute, z } from '@hono/zod-openapi';
import { maskValue } from '../../layers/access.ts';
import { tokenFingerprint } from '../auth/caller.ts';
import { CategoryList, Reporter } from '../contract/incidents.ts';
import { ReportFile, ReportInput, ReportProgress, ReportRating, ReportReceipt } from '../contract/reports.ts';
import type { Sql } from '../db/connect.ts';
import { ApiError } from '../errors.ts';
import { categories } from '../incidents/categories.ts';
import { groupOf, isRestricted } from '../incidents/category-group.ts';
import type { RateLimit } from '../intake/rate-limit.ts';
import { addressOf } from '../intake/rate-limit.ts';
import { receiveMessages, refusal, senderOf } from '../intake/receive.ts';
import { readReport, REPORT_DAYS } from '../intake/report.ts';
import { writeAudit } from '../queries/audit.ts';
import { findProgress, findReporter, findToken } from '../queries/reports.ts';
import { PHASES } from '../workflow/contract.ts';
import type { Actor } from '../workflow/history.ts';
import { addMedia, MOST_FILES_OF_REPORTER } from '../workflow/media.ts';
import { rate } from '../workflow/rating.ts';
import { entityTag, hasCurrent, notModified } from './cache.ts';
import { failure, json, NOT_MODIFIED, numberInPath } from './parameters.ts';
import { requireStaff } from './require-staff.ts';
import { createRouter, endpoint, type AppEnv } from './router.ts';
import type { Context } from 'hono';

const tags = ['reports'];

/** A secret that leads to one report. */
export function newToken(): string {
  return randomBytes(15).toString('base64url');
}

/** Lets staff through; of everybody else one address may report so much. */
export function limitReports(c: Context<AppEnv>, limit: RateLimit): void {
  if (c.var.caller.role === 'staff') return;
  const wait = limit.take(addressOf(c), Date.now());
  if (wait === 0) return;
  c.header('Retry-After', String(wait));
  throw new ApiError('TOO_MANY_REPORTS', `Too many reports from this address; the next may come in ${wait} s.`);
}

const ReportToken = z.object({
  token: z
    .string()
    .min(1)
    .max(64)
    .openapi({ param: { name: 'token', in: 'path' } }),
});
const REPORTER: Actor = { actor: 'reporter', post: 'reporter' };

/** Where the report with this token stands. @throws ApiError REPORT_NOT_FOUND, REPORT_EXPIRED */
async function getProgress(sql: Sql, token: string): Promise<ReportProgress> {
  const found = /^[\w-]+$/.test(token) ? await findProgress(sql, token, REPORT_DAYS) : undefined;
  if (!found) throw new ApiError('REPORT_NOT_FOUND', 'There is no report with this token.', { field: 'token' });
  if (found.isExpired) {
    const message = `The report was over ${REPORT_DAYS} days ago: its token leads nowhere any more.`;
    throw new ApiError('REPORT_EXPIRED', message, { field: 'token' });
  }
  const { progress, filesOfReporter } = found;
  return {
    ...progress,
    // What was merged is over when the matter is that it was merged into.
    mayRate: progress.state === 'closed' && (progress.stage !== 'duplicate' || progress.merged?.state !== 'open'),
    filesLeft: progress.state === 'open' ? Math.max(0, MOST_FILES_OF_REPORTER - filesOfReporter) : 0,
  };
}

/** The forms of citizens and collectors: kinds, reports, news of a report. */
export function reportRoutes({ limit, mediaLimit }: { limit: RateLimit; mediaLimit: RateLimit }) {
  const list = endpoint(
    createRoute({
      method: 'get',
      path: '/api/categories',
      tags,
      summary: 'Kinds of incidents with their groups',
      responses: { 200: json(CategoryList, 'The kinds'), 304: NOT_MODIFIED },
    }),
    async (c) => {
      const body = {
        categories: categories.map(({ code, title }) => ({
          code,
          title,
          group: groupOf(code),
          restricted: isRestricted(code),
        })),
      };
      const headers = { ETag: entityTag(JSON.stringify(body)), 'Cache-Control': 'public, max-age=300' };
      return hasCurrent(c, headers.ETag) ? notModified(c, headers) : c.json(body, 200, headers);
    },
  );

  const report = endpoint(
    createRoute({
      method: 'post',
      path: '/api/reports',
      tags,
      summary: 'Report an incident by a form: anybody may',
      description:
        'By staff it is a collector’s, by anybody else a citizen’s report. `id` is made by the form: the same id is the same report, and is answered with the same number and token. What is said of the reporter is kept apart and never shown unmasked.',
      request: { body: { required: true, ...json(ReportInput, 'The report') } },
      responses: {
        200: json(ReportReceipt, 'The report was known'),
        201: json(ReportReceipt, 'Stored'),
        409: failure('KEY_REUSED'),
        422: failure('OUTSIDE_DISTRICT, UNKNOWN_CATEGORY, ADDRESS_UNKNOWN'),
        429: failure('TOO_MANY_REPORTS from this address, or OVERLOADED; come back after `Retry-After` seconds'),
        503: failure('The database is away or the district is not loaded; repeat with the same id'),
      },
    }),
    async (c) => {
      limitReports(c, limit);
      const { intake, messages } = c.var.services;
      const input = c.req.valid('json');
      const draft = readReport(input, { role: c.var.caller.role, token: newToken(), now: Date.now() });
      c.set('isMessageKept', true);
      const [result] = await receiveMessages(
        { intake, messages },
        [{ read: { draft }, body: new Uint8Array(await c.req.arrayBuffer()) }],
        {
          channel: 'report',
          sender: senderOf(c),
          contentType: c.req.header('Content-Type') ?? null,
          rename: (field) => (field === 'occurredAt' ? 'at' : field === 'key' ? 'id' : (field ?? 'body')),
        },
      );
      if (!result) throw new Error('a report has no result');
      if (result.rejection) throw refusal(result.rejection);
      const token = await findToken(intake.sql, draft.key);
      if (token === undefined) throw new Error(`report ${draft.key} has no token`);
      const { id, isNew } = result.stored;
      return c.json({ number: id, token, isNew }, isNew ? 201 : 200, { 'Cache-Control': 'no-store' });
    },
  );

  const progress = endpoint(
    createRoute({
      method: 'get',
      path: '/api/reports/{token}',
      tags,
      summary: 'What became of a report, for whoever has its token',
      request: { params: ReportToken },
      responses: {
        200: json(ReportProgress, 'Where it stands'),
        404: failure('REPORT_NOT_FOUND'),
        410: failure('REPORT_EXPIRED: it was over 180 days ago'),
      },
    }),
    async (c) =>
      c.json(await getProgress(c.var.services.db.sql, c.req.valid('param').token), 200, {
        'Cache-Control': 'no-store',
      }),
  );

  const rating = endpoint(
    createRoute({
      method: 'post',
      path: '/api/reports/{token}/rating',
      tags,
      summary: 'How content the reporter is, once it is over; the latest word counts',
      request: { params: ReportToken, body: { required: true, ...json(ReportRating, 'The rating') } },
      responses: {
        204: { description: 'Kept' },
        404: failure('REPORT_NOT_FOUND'),
        409: failure('MOVE_NOT_ALLOWED: not over yet'),
        410: failure('REPORT_EXPIRED'),
        429: failure('TOO_MANY_REPORTS from this address'),
      },
    }),
    async (c) => {
      limitReports(c, limit);
      const { sql } = c.var.services.db;
      const { number, mayRate, stage } = await getProgress(sql, c.req.valid('param').token);
      if (!mayRate) {
        const message = 'The matter is not over yet: it can be rated then.';
        throw new ApiError('MOVE_NOT_ALLOWED', message, { field: 'stage', value: stage });
      }
      await rate(sql, number, c.req.valid('json'), REPORTER);
      return c.body(null, 204);
    },
  );

  const media = endpoint(
    createRoute({
      method: 'post',
      path: '/api/reports/{token}/media',
      tags,
      summary: 'Add a photo or video to a report: JPEG, PNG or WebP up to 8 MiB, MP4 up to 32 MiB',
      description:
        'The body is the file itself. Its first bytes say what it is. Place, time, owner and camera in the file are not kept. The same file again is the same. Whoever has the token may send 6 while the matter is open; staff also say whether it shows it before or after the work.',
      request: {
        params: ReportToken,
        query: z.object({ phase: z.enum(PHASES).default('report') }),
        body: {
          required: true,
          content: { 'application/octet-stream': { schema: z.string().openapi({ format: 'binary' }) } },
        },
      },
      responses: {
        201: json(ReportFile, 'Kept'),
        400: failure('BODY_INVALID: not a whole file'),
        403: failure('FORBIDDEN: a phase for staff, or a file that was taken out before'),
        404: failure('REPORT_NOT_FOUND'),
        409: failure('MOVE_NOT_ALLOWED: the matter is over'),
        410: failure('REPORT_EXPIRED'),
        413: failure('BODY_TOO_LARGE'),
        415: failure('MEDIA_TYPE_UNSUPPORTED'),
        422: failure('LIMIT_EXCEEDED: so many files'),
        429: failure('TOO_MANY_REPORTS from this address'),
      },
    }),
    async (c) => {
      limitReports(c, mediaLimit);
      const { db, media: store } = c.var.services;
      const { caller } = c.var;
      const { token } = c.req.valid('param');
      const { phase } = c.req.valid('query');
      const { number, state } = await getProgress(db.sql, token);
      const [post] = caller.posts;
      if (post === undefined && phase !== 'report') {
        const message = 'Only staff tell photos before the work from those after it.';
        throw new ApiError('FORBIDDEN', message, { field: 'phase', value: phase });
      }
      if (post === undefined && state !== 'open') {
        throw new ApiError('MOVE_NOT_ALLOWED', 'The matter is over: nothing can be added.', { field: 'state' });
      }
      const who = post === undefined ? REPORTER : { actor: caller.name, post, department: caller.department };
      const bytes = new Uint8Array(await c.req.arrayBuffer());
      const { type, bytes: size, sha256 } = await addMedia(db.sql, store, number, phase, bytes, who);
      const { filesLeft } = await getProgress(db.sql, token);
      return c.json({ type, bytes: size, sha256, phase, filesLeft }, 201, { 'Cache-Control': 'no-store' });
    },
  );

  const reporter = endpoint(
    createRoute({
      method: 'get',
      path: '/api/incidents/{id}/reporter',
      tags,
      summary: 'Who reported an incident: masked, or with a purpose as it was said',
      description: 'For staff. With `purpose` the answer is unmasked and is written to the audit.',
      request: {
        params: z.object({
          id: numberInPath('id'),
        }),
        query: z.object({ purpose: z.string().trim().min(4).max(500).optional() }),
      },
      responses: {
        200: json(Reporter, 'Who it was'),
        403: failure('FORBIDDEN: staff only'),
        404: failure('REPORT_NOT_FOUND'),
      },
    }),
    async (c) => {
      const { role } = c.var.caller;
      requireStaff(c, 'Only staff may see who reported.');
      const { db } = c.var.services;
      const { id } = c.req.valid('param');
      const { purpose } = c.req.valid('query');
      const found = await findReporter(db.sql, role, id);
      if (!found)
        throw new ApiError('REPORT_NOT_FOUND', `Nobody is named for incident ${id}.`, { field: 'id', value: id });
      if (purpose !== undefined) {
        await writeAudit(db.sql, {
          role,
          token: tokenFingerprint(c.req.header('Authorization')),
          action: 'incident.reporter',
          layer: '*',
          load: null,
          purpose,
          detail: { incident: id },
          requestId: c.var.requestId,
        });
        return c.json(found, 200, { 'Cache-Control': 'no-store' });
      }
      const masked: Reporter = {
        ...(found.name === undefined ? {} : { name: String(maskValue('name', found.name)) }),
        ...(found.phone === undefined ? {} : { phone: String(maskValue('phone', found.phone)) }),
        ...(found.email === undefined ? {} : { email: maskEmail(found.email) }),
      };
      return c.json(masked, 200, { 'Cache-Control': 'no-store' });
    },
  );

  return createRouter()
    .openapi(list.route, list.handler)
    .openapi(report.route, report.handler)
    .openapi(progress.route, progress.handler)
    .openapi(rating.route, rating.handler)
    .openapi(media.route, media.handler)
    .openapi(reporter.route, reporter.handler);
}

/** `w***@example.cn`: the first letter and where it is. */
function maskEmail(email: string): string {
  return email.replace(/^(.)[^@]*/u, '$1***');
}
