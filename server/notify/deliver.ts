import type { Sql, TransactionSql } from '../db/connect.ts';
import type { AfterCommit } from '../duty/duty.ts';
import type { Channel, Delivery, Envelope } from './channel.ts';
import type { ChannelId, Notification } from './contract.ts';

export interface DeliverOptions {
  channels: ReadonlyMap<ChannelId, Channel>;
  /** s that a process has to say how it went before a message is sent again. */
  leaseSeconds?: number;
  /** Told of what could not be delivered, without addresses and words. */
  onFailure?(failure: { id: string; channel: ChannelId; subscription: number; error: string; isDead: boolean }): void;
}

/** Messages taken in one turn, and of one subscription, so that one of them with a thousand does not hold up the others. */
const MOST = 200;
const MOST_EACH = 8;
/** Longer than a turn of one subscription can take: 8 messages of 10 s each. */
const LEASE_SECONDS = 120;
/** Sent at most so often: the last time about 3 hours after the first. */
export const MOST_ATTEMPTS = 8;
const FIRST_WAIT_MS = 5000;
const LONGEST_WAIT_MS = 3_600_000;

/** ms until the next attempt after `attempts` of them, 5 s, 20 s, 80 s … one hour, each half as much to half as much again. */
export function backoff(attempts: number, random: () => number = Math.random): number {
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 4 ** (attempts - 1)) * (0.5 + random());
}

interface Claimed {
  id: string;
  subscription: number;
  channel: ChannelId;
  target: Record<string, unknown>;
  language: 'zh' | 'en' | 'both';
  role: 'public' | 'staff';
  message: Omit<Notification, 'id'>;
  attempts: number;
}

/** The duty of delivering: takes what is due, and sends it after the commit. */
export function deliver(sql: Sql, options: DeliverOptions) {
  return async (tx: TransactionSql): Promise<void | AfterCommit> => {
    await tx`
      update app.outbox o set state = 'merged', ended_at = now()
      where o.state = 'pending' and o.kind = 'incident' and o.next_at <= now() and exists (
        select from app.incident i where i.id = o.incident_id and i.parent_id is not null)`;
    const claimed = await claim(tx, options.leaseSeconds ?? LEASE_SECONDS);
    if (claimed.length === 0) return undefined;
    return async () => {
      const bySubscription = new Map<number, Claimed[]>();
      for (const letter of claimed) {
        const known = bySubscription.get(letter.subscription);
        if (known) known.push(letter);
        else bySubscription.set(letter.subscription, [letter]);
      }
      await Promise.all([...bySubscription.values()].map((letters) => sendAll(sql, letters, options)));
    };
  };
}

async function claim(tx: TransactionSql, leaseSeconds: number): Promise<Claimed[]> {
  return tx<Claimed[]>`
    with due as (
      select o.id, o.seq, row_number() over (partition by o.subscription_id order by o.seq) as place
      from app.outbox o join app.subscription s on s.id = o.subscription_id
      where s.active and ((o.state = 'pending' and o.next_at <= now()) or (o.state = 'sending' and o.claimed_until <= now()))
    ), taken as (
      select id from due where place <= ${MOST_EACH} order by seq limit ${MOST}
    ), claimed as (
      update app.outbox set state = 'sending', attempts = attempts + 1,
        claimed_until = now() + make_interval(secs => ${leaseSeconds})
      where id in (select id from taken)
      returning id, subscription_id, message, attempts, seq
    )
    select c.id, c.subscription_id::int as subscription, s.channel, s.target, s.language, s.role, c.message, c.attempts
    from claimed c join app.subscription s on s.id = c.subscription_id order by c.seq`;
}

/** One after the other. After a failure that may pass the others wait as long as the one that failed. */
async function sendAll(sql: Sql, letters: readonly Claimed[], options: DeliverOptions): Promise<void> {
  for (const [index, letter] of letters.entries()) {
    const delivery = await sendOne(letter, options.channels);
    await record(sql, letter, delivery, options);
    if (!delivery.ok && (delivery.retry || delivery.gone)) {
      await release(sql, letters.slice(index + 1), letter);
      return;
    }
  }
}

async function sendOne(letter: Claimed, channels: ReadonlyMap<ChannelId, Channel>): Promise<Delivery> {
  const channel = channels.get(letter.channel);
  // Another process may have it, or the operator will set it up again.
  if (!channel) return { ok: false, retry: true, error: `channel ${letter.channel} is not set up` };
  const { target, language, role } = letter;
  const envelope: Envelope = { message: { id: letter.id, ...letter.message }, target, language, role };
  try {
    return await channel.send(envelope);
  } catch (cause) {
    return { ok: false, retry: true, error: cause instanceof Error ? cause.name : 'failed' };
  }
}

async function record(sql: Sql, letter: Claimed, delivery: Delivery, { onFailure }: DeliverOptions): Promise<void> {
  // Of two who sent it the later one says how it went: only its number of attempts is still the row's.
  const mine = sql`id = ${letter.id} and state = 'sending' and attempts = ${letter.attempts}`;
  if (delivery.ok) {
    await sql`update app.outbox set state = 'delivered', ended_at = now(), last_error = null where ${mine}`;
    return;
  }
  const { error } = delivery;
  const isDead = !delivery.retry || letter.attempts >= MOST_ATTEMPTS;
  const wait = Math.max(delivery.retryAfterMs ?? 0, backoff(letter.attempts));
  await sql.begin(async (tx) => {
    if (isDead) {
      await tx`update app.outbox set state = 'dead', ended_at = now(), last_error = ${error} where ${mine}`;
    } else {
      await tx`update app.outbox set state = 'pending', last_error = ${error},
        next_at = now() + make_interval(secs => ${wait / 1000}) where ${mine}`;
    }
    if (delivery.gone) {
      await tx`update app.subscription set active = false, disabled_reason = ${error} where id = ${letter.subscription}`;
    }
  });
  const { id, channel, subscription } = letter;
  onFailure?.({ id, channel, subscription, error, isDead });
}

/** They were not tried: no attempt is counted. */
async function release(sql: Sql, letters: readonly Claimed[], failed: Claimed): Promise<void> {
  if (letters.length === 0) return;
  await sql`
    update app.outbox o set state = 'pending', attempts = o.attempts - 1,
      next_at = coalesce((select f.next_at from app.outbox f where f.id = ${failed.id}), now())
    from unnest(${letters.map(({ id }) => id)}::uuid[], ${letters.map(({ attempts }) => attempts)}::int[]) l(id, attempts)
    where o.id = l.id and o.state = 'sending' and o.attempts = l.attempts`;
}
