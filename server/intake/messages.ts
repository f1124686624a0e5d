import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import type { Sql } from '../db/connect.ts';
import { Batcher } from '../incidents/batcher.ts';
import { isDatabaseUnreachable } from '../errors.ts';

export type Channel = 'incidents' | 'cloudevents' | 'open311' | 'cap' | 'report' | 'feed';
export type Outcome = 'stored' | 'known' | 'refused';

/** A message as it was received, and what became of it. */
export interface ReceivedMessage {
  channel: Channel;
  sender: string | null;
  contentType: string | null;
  body: Uint8Array;
  outcome: Outcome;
  incident?: number;
  alert?: number;
  rejection?: { code: string; message: string; field?: string };
  /** A polled feed says the same again and again: kept once. */
  once?: boolean;
}

/** Of longer messages the beginning is kept; their size and digest are of all of it. */
const KEPT_BYTES = 65_536;
/** How long messages are kept. */
export const KEEP_DAYS = 90;

/** Keeps messages, in batches. A batch that cannot be stored costs nobody's answer but is logged. */
export class Messages {
  readonly #batcher: Batcher<ReceivedMessage, null>;
  readonly #log: Logger;

  constructor(sql: Sql, log: Logger) {
    this.#log = log;
    this.#batcher = new Batcher({
      commit: async (messages) => {
        await storeMessages(sql, messages);
        return messages.map(() => null);
      },
      isOutage: isDatabaseUnreachable,
    });
  }

  /** Fulfilled after the commit; false when they could not be kept, which is logged. */
  async keep(messages: readonly ReceivedMessage[]): Promise<boolean> {
    if (messages.length === 0) return true;
    try {
      const failed = (await this.#batcher.push(messages)).find((result) => result.status === 'rejected');
      if (failed) throw failed.reason;
      return true;
    } catch (error) {
      this.#log.error({ err: error, messages: messages.length }, 'messages could not be kept');
      return false;
    }
  }
}

async function storeMessages(sql: Sql, messages: readonly ReceivedMessage[]): Promise<void> {
  const rows = messages.map(({ channel, sender, contentType, body, outcome, incident, alert, rejection, once }) => ({
    channel,
    sender,
    content_type: contentType?.slice(0, 200) ?? null,
    size: body.length,
    sha256: createHash('sha256').update(body).digest('hex'),
    body: Buffer.from(body.subarray(0, KEPT_BYTES)).toString('base64'),
    outcome,
    incident_id: incident ?? null,
    alert_id: alert ?? null,
    rejection: rejection ? storable(rejection) : null,
    once: once ?? false,
  }));
  await sql`
    insert into app.intake_message (channel, sender, content_type, size, sha256, body, outcome, incident_id, alert_id,
      rejection)
    select channel, sender, content_type, size, sha256, decode(body, 'base64'), outcome, incident_id, alert_id, rejection
    from json_to_recordset(${JSON.stringify(rows)}::text::json) as m(channel text, sender text, content_type text,
      size int, sha256 text, body text, outcome text, incident_id bigint, alert_id bigint, rejection jsonb, once boolean)
    where not (once and exists (select from app.intake_message o
      where o.sha256 = m.sha256 and o.channel = m.channel and o.sender = m.sender and o.outcome = m.outcome))`;
}

/** A reason may quote what was sent: U+0000 and halves of surrogate pairs are no text of PostgreSQL. */
function storable(rejection: NonNullable<ReceivedMessage['rejection']>): object {
  return Object.fromEntries(
    Object.entries(rejection).map(([name, text]) => [
      name,
      String(text)
        .replaceAll(/[\p{Cc}\p{Cs}]/gu, '\ufffd')
        .slice(0, 500),
    ]),
  );
}

/** A message as it is listed: without its text, which may name people. */
export interface ListedMessage {
  id: number;
  receivedAt: string;
  channel: string;
  sender: string | null;
  contentType: string | null;
  size: number;
  sha256: string;
  outcome: Outcome;
  incident: number | null;
  alert: number | null;
  rejection: { code: string; message: string; field?: string } | null;
}

export interface MessageQuery {
  channel?: string | undefined;
  outcome?: string | undefined;
  incident?: number | undefined;
  /** Ids below this one. */
  before?: number | undefined;
  limit: number;
}

/** Messages, newest first. */
export async function listMessages(sql: Sql, query: MessageQuery): Promise<ListedMessage[]> {
  const { channel, outcome, incident, before, limit } = query;
  return sql<ListedMessage[]>`
    select id::float8, app.iso_time(received_at) as "receivedAt", channel, sender, content_type as "contentType", size,
      sha256, outcome, incident_id::float8 as incident, alert_id::float8 as alert, rejection
    from app.intake_message m
    where true
      ${channel === undefined ? sql`` : sql`and channel = ${channel}`}
      ${outcome === undefined ? sql`` : sql`and outcome = ${outcome}`}
      ${incident === undefined ? sql`` : sql`and incident_id = ${incident}`}
      ${before === undefined ? sql`` : sql`and m.id < ${before}`}
    order by m.id desc limit ${limit}`;
}

/** The bytes of a message, as far as they are kept. */
export async function readMessageBody(
  sql: Sql,
  id: number,
): Promise<{ body: Buffer; contentType: string | null; channel: string } | undefined> {
  const [row] = await sql<{ body: Buffer; contentType: string | null; channel: string }[]>`
    select body, content_type as "contentType", channel from app.intake_message where id = ${id}`;
  return row;
}
