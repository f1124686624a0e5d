import { randomBytes } from 'node:crypto';
import { createRoute, z } from '@hono/zod-openapi';
import { maskValue } from '../../layers/access.ts';
import { tokenFingerprint } from '../auth/caller.ts';
import { CategoryList, Reporter, ReportInput, ReportProgress, ReportReceipt } from '../contract.ts';
import { ApiError } from '../errors.ts';
import { categories } from '../incidents/categories.ts';
import { groupOf, isRestricted } from '../incidents/category-group.ts';
import type { RateLimit } from '../intake/rate-limit.ts';
import { addressOf } from '../intake/rate-limit.ts';
import { receiveMessages, refusal, senderOf } from '../intake/receive.ts';
import { readReport } from '../intake/report.ts';
import { writeAudit } from '../queries/audit.ts';
import { findProgress, findReporter, findToken } from '../queries/reports.ts';
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

/** The forms of citizens and collectors: kinds, reports, news of a report. */
export function reportRoutes({ limit }: { limit: RateLimit }) {
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
      request: {
        params: z.object({
          token: z
            .string()
            .min(1)
            .max(64)
            .openapi({ param: { name: 'token', in: 'path' } }),
        }),
      },
      responses: { 200: json(ReportProgress, 'Where it stands'), 404: failure('REPORT_NOT_FOUND') },
    }),
    async (c) => {
      const { token } = c.req.valid('param');
      const found = /^[\w-]+$/.test(token) ? await findProgress(c.var.services.db.sql, token) : undefined;
      if (!found) throw new ApiError('REPORT_NOT_FOUND', 'There is no report with this token.', { field: 'token' });
      return c.json(found, 200, { 'Cache-Control': 'no-store' });
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
    .openapi(reporter.route, reporter.handler);
}

/** `w***@example.cn`: the first letter and where it is. */
function maskEmail(email: string): string {
  return email.replace(/^(.)[^@]*/u, '$1***');
}
