import { randomUUID } from 'node:crypto';
import { createRoute, z } from '@hono/zod-openapi';
import type { Text } from '../../layers/define.ts';
import type { Context } from 'hono';
import { tokenFingerprint } from '../auth/caller.ts';
import { Alert, AlertInput, AlertList, AlertPreview } from '../contract/alerts.ts';
import type { Sql } from '../db/connect.ts';
import { ApiError } from '../errors.ts';
import type { AlertDraft } from '../alerts/alert.ts';
import { ringsOfCells } from '../alerts/rings-of-cells.ts';
import { findAlert, findSent, listAlerts, placeOf, referenceOf, storeAlert } from '../alerts/store.ts';
import { CAP_TYPE, writeAtom, writeCap } from '../alerts/write-cap.ts';
import { writeAudit } from '../queries/audit.ts';
import { entityTag, hasCurrent, notModified } from './cache.ts';
import { failure, json, NOT_MODIFIED } from './parameters.ts';
import { requireStaff } from './require-staff.ts';
import { createRouter, endpoint, type AppEnv } from './router.ts';
import { originOf } from './origin.ts';

const tags = ['alerts'];
/** What the public is told. */
const STAFF_ONLY = 'Only staff may issue warnings.';
const MOST_LISTED = 500;
/** Who issues the warnings that staff write here, in the words of CAP. */
const SENDER = 'one-map.chancheng';
const SENDER_NAME = '佛山市禅城区 Chancheng District';
const NOTHING: Text = { zh: '', en: '' };

function notFound(id: string): ApiError {
  return new ApiError('ALERT_NOT_FOUND', `There is no warning ${id.slice(0, 40)}.`, { field: 'id', value: id });
}

const AlertId = z.object({
  id: z
    .string()
    .max(40)
    .openapi({ param: { name: 'id', in: 'path' }, example: '17', description: 'May end in .cap: the message itself' }),
});

/** CAP knows no smaller parts. */
function wholeSecond(): string {
  return new Date(Math.floor(Date.now() / 1000) * 1000).toISOString();
}

/** The warning that staff want to issue, with the outlines of the cells it is for. @throws ApiError */
async function readDraft(sql: Sql, { id, replaces, ...input }: AlertInput): Promise<AlertDraft> {
  const identifier = `onemap-${id ?? randomUUID()}`;
  // Sent again, it was sent when it was sent first.
  const before = id === undefined ? undefined : await findSent(sql, SENDER, identifier);
  const sent = before ?? wholeSecond();
  if (before === undefined && Date.parse(input.expires) <= Date.parse(sent)) {
    throw new ApiError('BODY_INVALID', 'expires: is not in the future', { field: 'expires', value: input.expires });
  }
  if (input.onset !== undefined && Date.parse(input.onset) >= Date.parse(input.expires)) {
    throw new ApiError('BODY_INVALID', 'onset: is not before expires', { field: 'onset', value: input.onset });
  }
  const references: string[] = [];
  for (const each of replaces) {
    const old = await findAlert(sql, 'staff', each);
    if (!old) throw notFound(String(each));
    references.push(referenceOf(old));
  }
  const areas: AlertDraft['areas'] = [];
  for (const [index, area] of input.areas.entries()) areas.push(await readArea(sql, area, `areas.${index}`));
  return {
    ...input,
    identifier,
    sender: SENDER,
    sent,
    origin: 'staff',
    msgType: references.length > 0 ? 'Update' : 'Alert',
    description: input.description ?? NOTHING,
    instruction: input.instruction ?? NOTHING,
    senderName: SENDER_NAME,
    effective: sent,
    onset: input.onset ?? null,
    areas,
    references,
  };
}

async function readArea(
  sql: Sql,
  { description, cells, polygons, circles }: AlertInput['areas'][number],
  field: string,
): Promise<AlertDraft['areas'][number]> {
  for (const ring of polygons) {
    const [begin, end] = [ring[0], ring.at(-1)];
    if (begin?.[0] === end?.[0] && begin?.[1] === end?.[1]) continue;
    const message = `${field}.polygons: the last point is not the first`;
    throw new ApiError('BODY_INVALID', message, { field: `${field}.polygons` });
  }
  const adcode: [string, string] = ['adcode', '440604'];
  if (cells === undefined) return { description, polygons, circles, geocodes: [adcode] };
  const { rings, unknown } = await ringsOfCells(sql, cells.by, cells.codes);
  if (unknown.length > 0) {
    const message = `${field}.cells.codes: there is no ${cells.by} ${unknown[0]}`;
    throw new ApiError('BODY_INVALID', message, { field: `${field}.cells.codes`, value: unknown[0] });
  }
  const geocodes = cells.codes.map((code): [string, string] => [cells.by, code]);
  return { description, polygons: [...polygons, ...rings], circles, geocodes: [adcode, ...geocodes] };
}

/** Who issued what is for those to know who look into it afterwards, not for the message. */
async function noteIssuer(c: Context<AppEnv>, alert: Alert): Promise<void> {
  const { role, name } = c.var.caller;
  await writeAudit(c.var.services.intake.sql, {
    role,
    token: tokenFingerprint(c.req.header('Authorization')),
    action: 'alert',
    layer: '*',
    load: null,
    purpose: `${alert.msgType} ${alert.headline.zh}`.slice(0, 500),
    detail: { alert: alert.id, severity: alert.severity, name },
    requestId: c.var.requestId,
  });
}

/** Warnings: those in force, as JSON, as CAP 1.2 and as an Atom feed; staff issue and call off their own. */
export function alertRoutes() {
  const list = endpoint(
    createRoute({
      method: 'get',
      path: '/api/alerts',
      tags,
      summary: 'Warnings in force',
      request: {
        query: z.object({
          all: z.enum(['true', 'false']).default('false').openapi({ description: 'Those that are over, too' }),
        }),
      },
      responses: { 200: json(AlertList, 'The warnings, newest first') },
    }),
    async (c) => {
      const { sql } = c.var.services.db;
      const all = c.req.valid('query').all === 'true';
      const alerts = await listAlerts(sql, c.var.caller.role, { all, limit: MOST_LISTED });
      return c.json({ alerts }, 200, { 'Cache-Control': 'no-store' });
    },
  );

  const atom = endpoint(
    createRoute({
      method: 'get',
      path: '/api/alerts/cap.atom',
      tags,
      summary: 'Warnings in force as an Atom feed of CAP 1.2 messages',
      responses: {
        200: { description: 'The feed', content: { 'application/atom+xml': { schema: z.string() } } },
        304: NOT_MODIFIED,
      },
    }),
    async (c) => {
      const alerts = await listAlerts(c.var.services.db.sql, c.var.caller.role, { all: false, limit: MOST_LISTED });
      const body = writeAtom(alerts, originOf(c));
      const headers = {
        ETag: entityTag(body),
        'Content-Type': 'application/atom+xml; charset=utf-8',
        'Cache-Control': 'private, no-cache',
        Vary: 'Accept-Encoding, Authorization',
      };
      return hasCurrent(c, headers.ETag) ? notModified(c, headers) : c.body(body, 200, headers);
    },
  );

  const one = endpoint(
    createRoute({
      method: 'get',
      path: '/api/alerts/{id}',
      tags,
      summary: 'One warning; with .cap behind its number as a message of CAP 1.2',
      request: { params: AlertId },
      responses: {
        200: {
          description: 'The warning',
          content: { 'application/json': { schema: Alert }, [CAP_TYPE]: { schema: z.string() } },
        },
        404: failure('ALERT_NOT_FOUND'),
      },
    }),
    async (c) => {
      const { id } = c.req.valid('param');
      const [, number, suffix] = /^([1-9]\d{0,14})(\.cap)?$/.exec(id) ?? [];
      const alert = number ? await findAlert(c.var.services.db.sql, c.var.caller.role, Number(number)) : undefined;
      if (!alert) throw notFound(id);
      if (suffix === undefined) return c.json(alert, 200, { 'Cache-Control': 'no-store' });
      return c.body(writeCap(alert), 200, {
        'Content-Type': `${CAP_TYPE}; charset=utf-8`,
        'Cache-Control': 'no-store',
      });
    },
  );

  const issue = endpoint(
    createRoute({
      method: 'post',
      path: '/api/alerts',
      tags,
      summary: 'Issue a warning; it is on every wall within a second',
      description: 'For staff. `replaces` names warnings that this one takes the place of.',
      request: { body: { required: true, ...json(AlertInput, 'The warning') } },
      responses: {
        200: json(Alert, 'It was issued before, with the same `id`'),
        201: json(Alert, 'The warning'),
        400: failure('BODY_INVALID'),
        403: failure('FORBIDDEN: staff only'),
        404: failure('ALERT_NOT_FOUND: one that it replaces'),
        409: failure('KEY_REUSED: `id` belongs to another warning'),
        422: failure('OUTSIDE_DISTRICT'),
      },
    }),
    async (c) => {
      requireStaff(c, STAFF_ONLY);
      const { sql } = c.var.services.intake;
      const draft = await readDraft(sql, c.req.valid('json'));
      const { alert, isNew } = await storeAlert(sql, draft);
      if (isNew) await noteIssuer(c, alert);
      return c.json(alert, isNew ? 201 : 200);
    },
  );

  const preview = endpoint(
    createRoute({
      method: 'post',
      path: '/api/alerts/preview',
      tags,
      summary: 'What a warning would be as a message of CAP 1.2; nothing is issued',
      request: { body: { required: true, ...json(AlertInput, 'The warning') } },
      responses: {
        200: json(AlertPreview, 'The message, and where it would hold'),
        400: failure('BODY_INVALID'),
        403: failure('FORBIDDEN: staff only'),
        404: failure('ALERT_NOT_FOUND: one that it replaces'),
        422: failure('OUTSIDE_DISTRICT'),
      },
    }),
    async (c) => {
      requireStaff(c, STAFF_ONLY);
      const { sql } = c.var.services.intake;
      const draft = await readDraft(sql, c.req.valid('json'));
      const { towns } = await placeOf(sql, draft.areas);
      return c.json({ cap: writeCap(draft), areas: draft.areas, towns }, 200);
    },
  );

  const cancel = endpoint(
    createRoute({
      method: 'post',
      path: '/api/alerts/{id}/cancel',
      tags,
      summary: 'Call a warning off; again changes nothing',
      request: { params: AlertId },
      responses: {
        200: json(Alert, 'The warning that is over'),
        403: failure('FORBIDDEN: staff only'),
        404: failure('ALERT_NOT_FOUND'),
      },
    }),
    async (c) => {
      requireStaff(c, STAFF_ONLY);
      const { intake } = c.var.services;
      const { id } = c.req.valid('param');
      const number = /^[1-9]\d{0,14}$/.test(id) ? Number(id) : 0;
      const old = number > 0 ? await findAlert(intake.sql, 'staff', number) : undefined;
      if (!old) throw notFound(id);
      if (old.state === 'active') {
        const sent = wholeSecond();
        const { alert } = await storeAlert(intake.sql, {
          ...old,
          identifier: `onemap-${randomUUID()}`,
          sender: SENDER,
          senderName: SENDER_NAME,
          sent,
          origin: 'staff',
          msgType: 'Cancel',
          effective: sent,
          references: [referenceOf(old)],
        });
        await noteIssuer(c, alert);
      }
      const now = await findAlert(intake.sql, 'staff', number);
      if (!now) throw notFound(id);
      return c.json(now, 200);
    },
  );

  return createRouter()
    .openapi(list.route, list.handler)
    .openapi(atom.route, atom.handler)
    .openapi(one.route, one.handler)
    .openapi(issue.route, issue.handler)
    .openapi(preview.route, preview.handler)
    .openapi(cancel.route, cancel.handler);
}
