import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../../server/db/connect.ts';
import type { Inbox, NewSubscription, SubscriptionList } from '../../../server/notify/contract.ts';
import { testDatabase } from '../../support/database.ts';
import { STAFF, testApi, type TestApi } from '../api-fixture.ts';

let db: Database;
let api: TestApi;
beforeAll(async () => {
  db = await testDatabase();
  api = testApi(db, { notify: { hosts: ['hooks.example.org'] } });
});
afterAll(() => api.close());

async function send<T>(method: string, path: string, body?: object): Promise<[number, T]> {
  const answer = await api.send(method, path, body === undefined ? undefined : JSON.stringify(body), STAFF);
  return [answer.status, (answer.status === 204 || answer.status === 202 ? null : await answer.json()) as T];
}

const input = {
  name: '值班群',
  channel: 'webhook',
  target: { url: 'https://hooks.example.org/very-secret-key' },
  wants: { kinds: ['incident'], severities: [1] },
};

test('subscribed, listed without its secrets, switched off and on, tested, removed', async () => {
  const [status, { subscription, secret }] = await send<NewSubscription>(
    'POST',
    '/api/notifications/subscriptions',
    input,
  );
  expect([status, subscription]).toMatchObject([
    201,
    {
      name: '值班群',
      target: 'hooks.example.org',
      role: 'staff',
      fullText: false,
      language: 'zh',
      active: true,
      createdBy: 'staff',
    },
  ]);
  expect(secret).toMatch(/^[\w-]{43}$/);
  const { id } = subscription;
  const [, list] = await send<SubscriptionList>('GET', '/api/notifications/subscriptions');
  expect(list.channels).toEqual(['inapp', 'webhook', 'wecom', 'dingtalk']);
  expect(list.pushKey).toBeNull();
  expect(list.subscriptions.map((each) => each.id)).toContain(id);
  expect(JSON.stringify(list)).not.toMatch(new RegExp(`very-secret-key|${secret}`));

  const path = `/api/notifications/subscriptions/${id}`;
  expect(await send('PATCH', path, { active: false })).toMatchObject([200, { active: false }]);
  expect((await send('POST', `${path}/test`))[0]).toBe(404);
  expect(await send('PATCH', path, { active: true })).toMatchObject([200, { active: true, pending: 0 }]);
  expect(await send('POST', `${path}/test`)).toEqual([202, null]);
  expect(await send('PATCH', path, { active: true })).toMatchObject([200, { pending: 1 }]);
  expect(await send('DELETE', path)).toEqual([204, null]);
  expect(await send('DELETE', path)).toMatchObject([404, { error: { code: 'SUBSCRIPTION_NOT_FOUND' } }]);
});

test.each([
  [{ target: { url: 'http://169.254.169.254/latest' } }, 400, 'BODY_INVALID', 'target.url'],
  [{ target: { url: 'nonsense' } }, 400, 'BODY_INVALID', 'target.url'],
  [{ target: { url: input.target.url, more: 1 } }, 400, 'BODY_INVALID', 'target'],
  [{ channel: 'email', target: { to: 'a@example.org' } }, 409, 'CHANNEL_UNAVAILABLE', 'channel'],
  [{ channel: 'pigeon' }, 400, 'BODY_INVALID', 'channel'],
  [{ wants: { kinds: [] } }, 400, 'BODY_INVALID', 'wants.kinds'],
  [{ wants: { kinds: ['incident'], towns: ['x'] } }, 400, 'BODY_INVALID', 'wants.towns.0'],
  [{ role: 'public', fullText: true }, 400, 'BODY_INVALID', 'fullText'],
])('%j is refused', async (changes, status, code, field) => {
  const answer = await send<{ error: object }>('POST', '/api/notifications/subscriptions', { ...input, ...changes });
  expect(answer).toMatchObject([status, { error: { code, field } }]);
  // An address may hold a key: it is not echoed.
  expect(JSON.stringify(answer)).not.toContain('169.254');
});

test('the inbox is read page by page', async () => {
  await db.sql`
    insert into app.inbox (outbox_id, cause, role, message)
    select gen_random_uuid(), 'page:' || n, 'staff', json_build_object('id', n::text, 'kind', 'test',
      'title', json_build_object('zh', 'a', 'en', 'a'), 'text', json_build_object('zh', '', 'en', ''), 'link', '', 'severity', null,
      'at', '2026-11-27T00:00:00.000Z', 'incident', null)
    from generate_series(1, 5) n`;
  const [, first] = await send<Inbox>('GET', '/api/notifications?limit=3');
  expect(first.messages.map(({ id }) => id)).toEqual(['5', '4', '3']);
  const [, second] = await send<Inbox>('GET', `/api/notifications?limit=2&before=${first.next}`);
  expect(second.messages.map(({ id }) => id)).toEqual(['2', '1']);
  const open = (await (await api.get('/api/notifications')).json()) as Inbox;
  // Messages to everybody may be there, of other tests.
  expect(open.messages.filter(({ id }) => /^[1-5]$/.test(id))).toEqual([]);
  await db.sql`delete from app.inbox where cause like 'page:%'`;
});
