import { randomBytes } from 'node:crypto';
import type { Caller } from '../auth/caller.ts';
import type { Sql } from '../db/connect.ts';
import { ApiError } from '../errors.ts';
import { TARGETS, type ChannelId, type Subscription, type SubscriptionInput } from './contract.ts';
import { isAllowed } from './outgoing.ts';
import { channelsOf, type NotifySettings } from './settings.ts';

type Target = Record<string, unknown>;
type Stored = Omit<Subscription, 'target'> & { target: Target };

/** Subscriptions, the oldest first; their addresses shortened, since they hold keys. */
export async function listSubscriptions(sql: Sql, id: number | null = null): Promise<Subscription[]> {
  const rows = await sql<Stored[]>`
    select s.id::int, s.name, s.channel, s.target, s.wants, s.role, s.full_text as "fullText", s.language, s.active,
      s.disabled_reason as "disabledReason", app.iso_time(s.created_at) as "createdAt", s.created_by as "createdBy",
      (count(o.id) filter (where o.state in ('pending', 'sending')))::int as pending,
      (count(o.id) filter (where o.state = 'delivered'))::int as delivered,
      (count(o.id) filter (where o.state = 'dead'))::int as dead
    from app.subscription s left join app.outbox o on o.subscription_id = s.id
    where ${id}::bigint is null or s.id = ${id} group by s.id order by s.id`;
  return rows.map((row) => ({ ...row, target: shorten(row.channel, row.target) }));
}

function shorten(channel: ChannelId, target: Target): string {
  switch (channel) {
    case 'inapp': {
      const { posts } = TARGETS.inapp.parse(target);
      return posts?.join(' ') ?? '';
    }
    case 'email':
      return String(target['to']).replace(/^(.).*(@.*)$/, '$1…$2');
    case 'sms':
      return String(target['to']).replace(/^(.{3}).*(.{2})$/, '$1…$2');
    case 'push':
      return new URL(String(target['endpoint'])).host;
    default:
      return new URL(String(target['url'])).host;
  }
}

/**
 * Stores a subscription. Returns the secret of a webhook where the service made it: it is not told again.
 * @throws ApiError what is wrong with the target, or that the channel cannot be used here
 */
export async function addSubscription(
  sql: Sql,
  input: Required<SubscriptionInput>,
  caller: Caller,
  settings: NotifySettings,
): Promise<{ id: number; secret: string | null }> {
  const { channel } = input;
  if (!channelsOf(settings).includes(channel)) {
    throw new ApiError('CHANNEL_UNAVAILABLE', `Channel ${channel} is not set up in this service.`, {
      field: 'channel',
      value: channel,
    });
  }
  const parsed = TARGETS[channel].safeParse(input.target);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const field = ['target', ...(issue?.path ?? [])].join('.');
    throw new ApiError('BODY_INVALID', `${field}: ${issue?.message ?? 'is not valid'}`, { field });
  }
  if (input.fullText && input.role !== 'staff') {
    throw new ApiError('BODY_INVALID', 'fullText: only for role staff', { field: 'fullText', value: true });
  }
  const target: Target = { ...parsed.data };
  const address = target['url'] ?? target['endpoint'];
  if (typeof address === 'string' && !isAllowed(address, settings.hosts)) {
    const field = target['url'] === undefined ? 'target.endpoint' : 'target.url';
    // The address itself may hold a key and is not repeated.
    throw new ApiError('BODY_INVALID', `${field}: its host is not among those the operator allows (NOTIFY_HOSTS)`, {
      field,
    });
  }
  let secret: string | null = null;
  if (channel === 'webhook' && target['secret'] === undefined) {
    target['secret'] = secret = randomBytes(32).toString('base64url');
  }
  const [row] = await sql<{ id: number }[]>`
    insert into app.subscription (name, channel, target, wants, role, full_text, language, created_by)
    values (${input.name}, ${channel}, ${JSON.stringify(target)}::text::jsonb, ${JSON.stringify(input.wants)}::text::jsonb,
      ${input.role}, ${input.fullText}, ${input.language}, ${caller.name})
    returning id::int`;
  if (!row) throw new Error('nothing was stored');
  return { id: row.id, secret };
}

/** Switches on or off. False: there is none with this id. What waited meanwhile goes out when it is on again. */
export async function switchSubscription(sql: Sql, id: number, active: boolean): Promise<boolean> {
  const rows = await sql`
    update app.subscription set active = ${active}, disabled_reason = null where id = ${id} returning id`;
  return rows.length > 0;
}

export async function removeSubscription(sql: Sql, id: number): Promise<boolean> {
  return (await sql`delete from app.subscription where id = ${id} returning id`).length > 0;
}
