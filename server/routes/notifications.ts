import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { ApiError } from '../errors.ts';
import {
  DeadLetters,
  Inbox,
  NewSubscription,
  Subscription,
  SubscriptionInput,
  SubscriptionList,
} from '../notify/contract.ts';
import { addTestLetter, discardLetter, readDeadLetters, readInbox, retryLetter } from '../notify/letters.ts';
import { channelsOf } from '../notify/settings.ts';
import { addSubscription, listSubscriptions, removeSubscription, switchSubscription } from '../notify/subscriptions.ts';
import { failure, json } from './parameters.ts';
import { requireStaff } from './require-staff.ts';
import { endpoint, type AppEnv } from './router.ts';

const tags = ['notifications'];
/** What the public is told. */
const STAFF_ONLY = 'Subscriptions are the business of staff.';
const subscriptionId = z.object({
  id: z
    .string()
    .regex(/^[1-9]\d{0,9}$/, 'must be a positive whole number')
    .transform(Number)
    .openapi({ param: { name: 'id', in: 'path' }, type: 'integer', example: 3 }),
});
const letterId = z.object({ letter: z.uuid().openapi({ param: { name: 'letter', in: 'path' } }) });
const limit = (most: number, usual: number) =>
  z
    .string()
    .regex(/^[1-9]\d{0,3}$/, `must be a whole number from 1 to ${most}`)
    .transform(Number)
    .pipe(z.int().max(most))
    .default(usual)
    .openapi({ type: 'integer', minimum: 1, maximum: most, default: usual });
const NO_STORE = { 'Cache-Control': 'no-store' };
const NO_CONTENT = { description: 'Done' };

export const readNotifications = endpoint(
  createRoute({
    method: 'get',
    path: '/api/notifications',
    tags,
    summary: 'What the bell shows: the inbox of the caller’s role and posts, the newest first',
    request: {
      query: z.object({
        limit: limit(200, 50),
        before: z
          .string()
          .regex(/^[1-9]\d{0,14}$/, 'must be a positive whole number')
          .transform(Number)
          .optional()
          .openapi({ type: 'integer', description: '`next` of the page before' }),
      }),
    },
    responses: { 200: json(Inbox, 'The messages of the last 30 days') },
  }),
  async (c) => {
    const { before = null, limit: most } = c.req.valid('query');
    return c.json(await readInbox(c.var.services.db.sql, c.var.caller, before, most), 200, NO_STORE);
  },
);

export const listNotificationSubscriptions = endpoint(
  createRoute({
    method: 'get',
    path: '/api/notifications/subscriptions',
    tags,
    summary: 'Who is told of what, and by which channels this service can tell',
    responses: { 200: json(SubscriptionList, 'The subscriptions; addresses are shortened') },
  }),
  async (c) => {
    requireStaff(c, STAFF_ONLY);
    const { db, notify } = c.var.services;
    const body = {
      subscriptions: await listSubscriptions(db.sql),
      channels: channelsOf(notify),
      pushKey: channelsOf(notify).includes('push') ? (notify.vapid?.publicKey ?? null) : null,
    };
    return c.json(body, 200, NO_STORE);
  },
);

export const makeSubscription = endpoint(
  createRoute({
    method: 'post',
    path: '/api/notifications/subscriptions',
    tags,
    summary: 'Subscribe',
    description:
      'Told is what happens from now on. The secret that a webhook is signed with is answered once, where the service made it.',
    request: { body: { required: true, ...json(SubscriptionInput, 'Who wants to be told of what') } },
    responses: {
      201: json(NewSubscription, 'Stored'),
      409: failure('CHANNEL_UNAVAILABLE: the operator has not set it up'),
    },
  }),
  async (c) => {
    requireStaff(c, STAFF_ONLY);
    const { db, notify } = c.var.services;
    const { id, secret } = await addSubscription(db.sql, c.req.valid('json'), c.var.caller, notify);
    return c.json({ subscription: await getSubscription(c, id), secret }, 201);
  },
);

export const changeSubscription = endpoint(
  createRoute({
    method: 'patch',
    path: '/api/notifications/subscriptions/{id}',
    tags,
    summary: 'Switch a subscription on or off',
    request: {
      params: subscriptionId,
      body: { required: true, ...json(z.strictObject({ active: z.boolean() }), 'On or off') },
    },
    responses: { 200: json(Subscription, 'The subscription'), 404: failure('SUBSCRIPTION_NOT_FOUND') },
  }),
  async (c) => {
    requireStaff(c, STAFF_ONLY);
    const { id } = c.req.valid('param');
    if (!(await switchSubscription(c.var.services.db.sql, id, c.req.valid('json').active))) throw noSubscription(id);
    return c.json(await getSubscription(c, id), 200);
  },
);

export const stopSubscription = endpoint(
  createRoute({
    method: 'delete',
    path: '/api/notifications/subscriptions/{id}',
    tags,
    summary: 'Remove a subscription, with what was on its way',
    request: { params: subscriptionId },
    responses: { 204: NO_CONTENT, 404: failure('SUBSCRIPTION_NOT_FOUND') },
  }),
  async (c) => {
    requireStaff(c, STAFF_ONLY);
    const { id } = c.req.valid('param');
    if (!(await removeSubscription(c.var.services.db.sql, id))) throw noSubscription(id);
    return c.body(null, 204);
  },
);

export const testSubscription = endpoint(
  createRoute({
    method: 'post',
    path: '/api/notifications/subscriptions/{id}/test',
    tags,
    summary: 'Send a message that says only that the subscription works',
    request: { params: subscriptionId },
    responses: { 202: { description: 'On its way' }, 404: failure('SUBSCRIPTION_NOT_FOUND, or it is switched off') },
  }),
  async (c) => {
    requireStaff(c, STAFF_ONLY);
    const { id } = c.req.valid('param');
    const { db, publicUrl } = c.var.services;
    if (!(await addTestLetter(db.sql, id, publicUrl))) throw noSubscription(id);
    return c.body(null, 202);
  },
);

export const readDeadLetterList = endpoint(
  createRoute({
    method: 'get',
    path: '/api/notifications/dead',
    tags,
    summary: 'Messages that could not be delivered',
    request: { query: z.object({ limit: limit(500, 100) }) },
    responses: { 200: json(DeadLetters, 'The latest first') },
  }),
  async (c) => {
    requireStaff(c, STAFF_ONLY);
    return c.json(await readDeadLetters(c.var.services.db.sql, c.req.valid('query').limit), 200, NO_STORE);
  },
);

export const retryDeadLetter = endpoint(
  createRoute({
    method: 'post',
    path: '/api/notifications/dead/{letter}/retry',
    tags,
    summary: 'Send a dead letter again',
    request: { params: letterId },
    responses: { 202: { description: 'On its way' }, 404: failure('LETTER_NOT_FOUND') },
  }),
  async (c) => {
    requireStaff(c, STAFF_ONLY);
    const { letter } = c.req.valid('param');
    if (!(await retryLetter(c.var.services.db.sql, letter))) throw noLetter(letter);
    return c.body(null, 202);
  },
);

export const discardDeadLetter = endpoint(
  createRoute({
    method: 'post',
    path: '/api/notifications/dead/{letter}/discard',
    tags,
    summary: 'Give a dead letter up',
    request: { params: letterId },
    responses: { 204: NO_CONTENT, 404: failure('LETTER_NOT_FOUND') },
  }),
  async (c) => {
    requireStaff(c, STAFF_ONLY);
    const { letter } = c.req.valid('param');
    if (!(await discardLetter(c.var.services.db.sql, letter))) throw noLetter(letter);
    return c.body(null, 204);
  },
);

async function getSubscription(c: Context<AppEnv>, id: number): Promise<Subscription> {
  const [subscription] = await listSubscriptions(c.var.services.db.sql, id);
  if (!subscription) throw noSubscription(id);
  return subscription;
}

function noSubscription(id: number): ApiError {
  return new ApiError('SUBSCRIPTION_NOT_FOUND', `There is no active subscription ${id}.`, { field: 'id', value: id });
}

function noLetter(letter: string): ApiError {
  return new ApiError('LETTER_NOT_FOUND', `No dead letter has the id ${letter}.`, { field: 'letter', value: letter });
}
