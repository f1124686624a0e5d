import { createRoute, z } from '@hono/zod-openapi';
import { readCap } from '../alerts/read-cap.ts';
import { storeAlert } from '../alerts/store.ts';
import { tokenFingerprint } from '../auth/caller.ts';
import { Alert } from '../contract/alerts.ts';
import { IncidentBatchReceipt, IncidentReceipt } from '../contract/incidents.ts';
import { Feed, FeedInput, FeedList, MessageList } from '../contract/intake.ts';
import { ApiError } from '../errors.ts';
import {
  BATCH_TYPE,
  EVENT_TYPE,
  eventField,
  readBinaryEvent,
  readCloudEvent,
  readEventBatch,
} from '../intake/cloudevents.ts';
import { listMessages, readMessageBody } from '../intake/messages.ts';
import { readJson, readText } from '../intake/read-text.ts';
import { receiveMessages, refusal, senderOf } from '../intake/receive.ts';
import { writeAudit } from '../queries/audit.ts';
import { listFeedStates, removeFeed, saveFeed } from '../queries/intake-feeds.ts';
import { PageCursor, PageLimit } from './loads.ts';
import { failure, json, numberInPath } from './parameters.ts';
import { requireStaff } from './require-staff.ts';
import { createRouter, endpoint, type AppEnv } from './router.ts';
import type { Context } from 'hono';

const tags = ['intake'];
/** A warning with its outlines; one event. */
const LARGEST_MESSAGE = 1024 * 1024;
/** Bodies that a reader of ours checks: described here, not checked before it. */
const anyObject = { schema: { type: 'object' as const } };
const anyText = { schema: { type: 'string' as const } };

async function bytesOf(c: Context<AppEnv>, largest: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(await c.req.arrayBuffer());
  if (bytes.length > largest) {
    throw new ApiError('BODY_TOO_LARGE', `The message is larger than ${largest} bytes.`, { field: 'body' });
  }
  if (bytes.length === 0) throw new ApiError('BODY_MALFORMED', 'The body is empty.', { field: 'body' });
  return bytes;
}

/** What other systems send, what became of it, and what is asked for by us. */
export function intakeRoutes() {
  const cloudEvents = endpoint(
    createRoute({
      method: 'post',
      path: '/api/intake/cloudevents',
      tags,
      summary: 'Report incidents as CloudEvents 1.0: binary, structured or batch',
      description:
        '`type` ends in `incident.reported`; the data is an incident without key and source, which are the `id` and `source` of the event. `time` and `subject` stand in for `occurredAt` and `title`. Events of a batch stand for themselves: bad ones are listed in `rejected` by index.',
      request: {
        body: {
          required: true,
          description: 'The event, or a list of events',
          content: { [EVENT_TYPE]: anyObject, [BATCH_TYPE]: anyObject, 'application/json': anyObject },
        },
      },
      responses: {
        200: {
          description: 'The event was known; or what became of each event of a batch',
          content: { 'application/json': { schema: z.union([IncidentReceipt, IncidentBatchReceipt]) } },
        },
        201: json(IncidentReceipt, 'Stored'),
        400: failure('BODY_MALFORMED, BODY_INVALID'),
        403: failure('FORBIDDEN: staff and reporting systems only'),
        409: failure('KEY_REUSED'),
        422: failure('OUTSIDE_DISTRICT, UNKNOWN_CATEGORY, IN_THE_FUTURE, ADDRESS_UNKNOWN'),
        429: failure('OVERLOADED'),
        503: failure('The database is away or the district is not loaded; repeat with the same id'),
      },
    }),
    async (c) => {
      requireStaff(c);
      const { intake, messages } = c.var.services;
      const contentType = c.req.header('Content-Type') ?? '';
      const type = contentType.split(';', 1)[0]?.trim().toLowerCase();
      const how = {
        channel: 'cloudevents' as const,
        sender: senderOf(c),
        contentType,
        rename: eventField,
      };
      if (type === BATCH_TYPE) {
        const events = readEventBatch(new Uint8Array(await c.req.arrayBuffer()));
        const read = events.map(({ event, read }) => ({ read, body: Buffer.from(JSON.stringify(event)) }));
        c.set('isMessageKept', true);
        const results = await receiveMessages({ intake, messages }, read, how);
        const receipt: IncidentBatchReceipt = { accepted: 0, duplicates: 0, receipts: [], rejected: [] };
        results.forEach((result, index) => {
          if (result.rejection) {
            const { code, message, field } = result.rejection;
            receipt.rejected.push({ index, code, message, ...(field === undefined ? {} : { field }) });
          } else {
            const { stored, incident } = result;
            receipt[stored.isNew ? 'accepted' : 'duplicates'] += 1;
            receipt.receipts.push({ id: stored.id, key: incident.key, isNew: stored.isNew, grid: stored.grid });
          }
        });
        return c.json(receipt, 200);
      }
      const body = await bytesOf(c, LARGEST_MESSAGE);
      const read = type === EVENT_TYPE ? readCloudEvent(readJson(body)) : readBinaryEvent(c.req.raw.headers, body);
      c.set('isMessageKept', true);
      const [result] = await receiveMessages({ intake, messages }, [{ read, body }], how);
      if (!result) throw new Error('an event has no result');
      if (result.rejection) throw refusal(result.rejection);
      const { stored, incident } = result;
      const receipt = { id: stored.id, key: incident.key, isNew: stored.isNew, grid: stored.grid };
      return c.json(receipt, stored.isNew ? 201 : 200);
    },
  );

  const cap = endpoint(
    createRoute({
      method: 'post',
      path: '/api/intake/cap',
      tags,
      summary: 'A warning of another office, as CAP 1.2',
      description:
        'Held against the schema of the standard. Update and Cancel settle what they refer to, also when they arrive first. Shapes that touch nothing of the district are refused.',
      request: {
        body: {
          required: true,
          description: 'The message',
          content: { 'application/cap+xml': anyText, 'application/xml': anyText, 'text/xml': anyText },
        },
      },
      responses: {
        200: json(Alert, 'The message was known'),
        201: json(Alert, 'Stored'),
        400: failure('BODY_MALFORMED, BODY_INVALID'),
        403: failure('FORBIDDEN: staff and reporting systems only'),
        409: failure('KEY_REUSED'),
        422: failure('OUTSIDE_DISTRICT, IN_THE_FUTURE'),
        503: failure('The database is away or the district is not loaded; repeat the message'),
      },
    }),
    async (c) => {
      requireStaff(c);
      const { intake, messages } = c.var.services;
      const body = await bytesOf(c, LARGEST_MESSAGE);
      const draft = readCap(readText(body), Date.now());
      intake.requireGrids();
      const { alert, isNew } = await storeAlert(intake.sql, draft);
      await messages.keep([
        {
          channel: 'cap',
          sender: draft.sender,
          contentType: c.req.header('Content-Type') ?? null,
          body,
          outcome: isNew ? 'stored' : 'known',
          alert: alert.id,
        },
      ]);
      return c.json(alert, isNew ? 201 : 200);
    },
  );

  const listOfMessages = endpoint(
    createRoute({
      method: 'get',
      path: '/api/intake/messages',
      tags,
      summary: 'Messages as they came in, newest first, with the reason of those that were refused',
      description:
        'For staff. Incidents in the project’s own format are stored whole as incidents: of those only the refused ones are here. Texts are read one by one, since they may name people.',
      request: {
        query: z.object({
          channel: z.enum(['incidents', 'cloudevents', 'open311', 'cap', 'report', 'feed']).optional(),
          outcome: z.enum(['stored', 'known', 'refused']).optional(),
          incident: z
            .string()
            .regex(/^[1-9]\d{0,14}$/, 'must be a positive whole number')
            .transform(Number)
            .optional()
            .openapi({ type: 'integer' }),
          limit: PageLimit,
          cursor: PageCursor,
        }),
      },
      responses: { 200: json(MessageList, 'A page'), 403: failure('FORBIDDEN: staff only') },
    }),
    async (c) => {
      requireStaff(c, 'Only staff may see what came in.');
      const { channel, outcome, incident, limit, cursor } = c.req.valid('query');
      const rows = await listMessages(c.var.services.db.sql, {
        channel,
        outcome,
        incident,
        before: cursor,
        limit: limit + 1,
      });
      const messages = rows.slice(0, limit);
      const next = rows.length > limit ? String(messages.at(-1)?.id) : null;
      return c.json({ messages, next }, 200, { 'Cache-Control': 'no-store' });
    },
  );

  const body = endpoint(
    createRoute({
      method: 'get',
      path: '/api/intake/messages/{id}/body',
      tags,
      summary: 'The text of a message, as far as it is kept',
      description: 'For staff who say what for; written to the audit.',
      request: {
        params: z.object({
          id: numberInPath('id'),
        }),
        query: z.object({ purpose: z.string().trim().min(4).max(500) }),
      },
      responses: {
        200: { description: 'The bytes', content: { 'application/octet-stream': { schema: z.string() } } },
        400: failure('PARAMETER_INVALID: no purpose'),
        403: failure('FORBIDDEN: staff only'),
        404: failure('MESSAGE_NOT_FOUND'),
      },
    }),
    async (c) => {
      requireStaff(c, 'Only staff may read what came in.');
      const { db } = c.var.services;
      const { id } = c.req.valid('param');
      const found = await readMessageBody(db.sql, id);
      if (!found) throw new ApiError('MESSAGE_NOT_FOUND', `There is no message ${id}.`, { field: 'id', value: id });
      await writeAudit(db.sql, {
        role: c.var.caller.role,
        token: tokenFingerprint(c.req.header('Authorization')),
        action: 'intake.message',
        layer: '*',
        load: null,
        purpose: c.req.valid('query').purpose,
        detail: { message: id, channel: found.channel },
        requestId: c.var.requestId,
      });
      return c.body(new Uint8Array(found.body), 200, {
        'Content-Type': 'application/octet-stream',
        'Content-Disposition': `attachment; filename="message-${id}"`,
        'Cache-Control': 'no-store',
      });
    },
  );

  const listOfFeeds = endpoint(
    createRoute({
      method: 'get',
      path: '/api/intake/feeds',
      tags,
      summary: 'Addresses that are asked for incidents, and how they do',
      responses: { 200: json(FeedList, 'The feeds'), 403: failure('FORBIDDEN: staff only') },
    }),
    async (c) => {
      requireStaff(c, 'Only staff may see the feeds.');
      const feeds = await listFeedStates(c.var.services.db.sql);
      return c.json({ feeds }, 200, { 'Cache-Control': 'no-store' });
    },
  );

  const FeedId = z.object({
    id: z
      .string()
      .regex(/^[a-z0-9][a-z0-9_-]{0,39}$/, 'must be lower-case letters, digits, - and _')
      .openapi({ param: { name: 'id', in: 'path' }, example: 'usgs' }),
  });

  const putFeed = endpoint(
    createRoute({
      method: 'put',
      path: '/api/intake/feeds/{id}',
      tags,
      summary: 'Set a feed up, or change it; it is asked at once',
      request: { params: FeedId, body: { required: true, ...json(FeedInput, 'The feed') } },
      responses: { 200: json(Feed, 'The feed'), 400: failure('BODY_INVALID'), 403: failure('FORBIDDEN: staff only') },
    }),
    async (c) => {
      requireStaff(c, 'Only staff may set feeds up.');
      const { sql } = c.var.services.intake;
      const { id } = c.req.valid('param');
      await saveFeed(sql, id, c.req.valid('json'));
      const feed = (await listFeedStates(sql)).find((each) => each.id === id);
      if (!feed) throw new ApiError('FEED_NOT_FOUND', `There is no feed ${id}.`, { field: 'id', value: id });
      return c.json(feed, 200);
    },
  );

  const deleteFeed = endpoint(
    createRoute({
      method: 'delete',
      path: '/api/intake/feeds/{id}',
      tags,
      summary: 'Ask a feed no more; what it reported stays',
      request: { params: FeedId },
      responses: {
        204: { description: 'Removed' },
        403: failure('FORBIDDEN: staff only'),
        404: failure('FEED_NOT_FOUND'),
      },
    }),
    async (c) => {
      requireStaff(c, 'Only staff may remove feeds.');
      const { id } = c.req.valid('param');
      if (!(await removeFeed(c.var.services.intake.sql, id))) {
        throw new ApiError('FEED_NOT_FOUND', `There is no feed ${id}.`, { field: 'id', value: id });
      }
      return c.body(null, 204);
    },
  );

  return createRouter()
    .openapi(cloudEvents.route, cloudEvents.handler)
    .openapi(cap.route, cap.handler)
    .openapi(listOfMessages.route, listOfMessages.handler)
    .openapi(body.route, body.handler)
    .openapi(listOfFeeds.route, listOfFeeds.handler)
    .openapi(putFeed.route, putFeed.handler)
    .openapi(deleteFeed.route, deleteFeed.handler);
}
