import type { Sql } from '../db/connect.ts';
import type { Caller } from '../auth/caller.ts';
import type { DeadLetters, Inbox, Notification } from './contract.ts';

/** What the bell of a caller shows, the newest first, below `before`. */
export async function readInbox(sql: Sql, caller: Caller, before: number | null, limit: number): Promise<Inbox> {
  const rows = await sql<{ number: number; message: Notification }[]>`
    with mine as (
      select id, cause, message from app.inbox
      where role in ('public', ${caller.role}) and (posts is null or posts && ${[...caller.posts]}::text[])
    )
    select id::int as number, message from mine
    where (${before}::bigint is null or id < ${before})
      and not exists (select from mine other where other.cause = mine.cause and other.id < mine.id)
    order by mine.id desc limit ${limit}`;
  const messages = rows.map(({ number, message }) => ({ ...message, number }));
  return { messages, next: messages.length === limit ? (messages.at(-1)?.number ?? null) : null };
}

/** What could not be delivered, the latest first. */
export async function readDeadLetters(sql: Sql, limit: number): Promise<DeadLetters> {
  const letters = await sql<DeadLetters['letters']>`
    select o.id, s.id::int as subscription, s.name as "subscriptionName", s.channel, o.message -> 'title' as title,
      o.attempts, o.last_error as error, app.iso_time(o.created_at) as "createdAt", app.iso_time(o.ended_at) as "endedAt"
    from app.outbox o join app.subscription s on s.id = o.subscription_id
    where o.state = 'dead' order by o.ended_at desc, o.id limit ${limit}`;
  const [count] = await sql<{ total: number }[]>`select count(*)::int as total from app.outbox where state = 'dead'`;
  return { letters, total: count?.total ?? 0 };
}

/** Sends a dead letter again, with all attempts before it. False: no letter with this id is dead. */
export async function retryLetter(sql: Sql, id: string): Promise<boolean> {
  const rows = await sql`
    update app.outbox set state = 'pending', attempts = 0, next_at = now(), ended_at = null
    where id = ${id} and state = 'dead' returning id`;
  return rows.length > 0;
}

export async function discardLetter(sql: Sql, id: string): Promise<boolean> {
  const rows = await sql`
    update app.outbox set state = 'discarded', ended_at = now() where id = ${id} and state = 'dead' returning id`;
  return rows.length > 0;
}

/** Puts a message into the outbox that says only that the subscription works. */
export async function addTestLetter(sql: Sql, subscription: number, publicUrl: string | undefined): Promise<boolean> {
  const message: Omit<Notification, 'id'> = {
    kind: 'test',
    title: { zh: '一张图测试通知', en: 'One Map test notification' },
    text: { zh: '收到即表示订阅可用。', en: 'If you read this, the subscription works.' },
    link: `${publicUrl ?? ''}/wall`,
    severity: null,
    at: new Date().toISOString(),
    incident: null,
  };
  const rows = await sql`
    insert into app.outbox (subscription_id, cause, kind, message)
    select id, 'test:' || gen_random_uuid(), 'test', ${JSON.stringify(message)}::text::jsonb
    from app.subscription where id = ${subscription} and active returning id`;
  return rows.length > 0;
}
