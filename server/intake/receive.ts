import type { Context, Next } from 'hono';
import { tokenFingerprint } from '../auth/caller.ts';
import { ApiError, toApiError } from '../errors.ts';
import { QueueFull } from '../incidents/batcher.ts';
import { NoGrids, type Intake, type IntakeResult } from '../incidents/intake.ts';
import type { IncidentDraft, Rejection } from '../incidents/validate.ts';
import type { AppEnv } from '../routes/router.ts';
import type { Channel, Messages, ReceivedMessage } from './messages.ts';

/** One message of a format: what its reader made of it, and its bytes. */
export interface ReadMessage {
  read: { draft: IncidentDraft; rejection?: undefined } | { rejection: Rejection };
  body: Uint8Array;
}

export interface Receiver {
  intake: Intake;
  messages: Messages;
}

interface ReceiveOptions {
  channel: Channel;
  sender: string | null;
  contentType: string | null;
  /** Names a field of an incident as the format calls it. */
  rename?(field: string | undefined): string;
  once?: boolean;
}

/**
 * Takes what readers made of messages through the one intake and keeps the messages with what became of them. One result
 * for each, in order; fulfilled after the commit of both.
 */
export async function receiveMessages(
  { intake, messages }: Receiver,
  read: readonly ReadMessage[],
  { channel, sender, contentType, rename, once }: ReceiveOptions,
): Promise<IntakeResult[]> {
  const drafts = read.flatMap(({ read: { rejection }, read: item }) =>
    rejection ? [] : [(item as { draft: IncidentDraft }).draft],
  );
  const taken = drafts.length > 0 ? await submitting(() => intake.submitDrafts(drafts)) : [];
  let next = 0;
  const results = read.map(({ read: item }): IntakeResult => {
    if (item.rejection) return { rejection: item.rejection };
    const result = taken[next++] as IntakeResult;
    if (!result.rejection || !rename) return result;
    const field = rename(result.rejection.field);
    return { rejection: { ...result.rejection, field } };
  });
  await messages.keep(
    results.map((result, index): ReceivedMessage => ({
      channel,
      sender,
      contentType,
      body: (read[index] as ReadMessage).body,
      ...(once === undefined ? {} : { once }),
      ...(result.rejection
        ? { outcome: 'refused', rejection: reasonOf(result.rejection) }
        : { outcome: result.stored.isNew ? 'stored' : 'known', incident: result.stored.id }),
    })),
  );
  return results;
}

/** What cannot be taken now is said so that the sender comes again with the same keys. */
export async function submitting<T>(submit: () => Promise<T>): Promise<T> {
  try {
    return await submit();
  } catch (cause) {
    if (cause instanceof QueueFull) throw new ApiError('OVERLOADED', `${cause.message}. Try again.`, { cause });
    if (cause instanceof NoGrids) throw new ApiError('NOT_READY', cause.message, { cause });
    throw cause;
  }
}

export function reasonOf({ code, message, field }: Rejection): NonNullable<ReceivedMessage['rejection']> {
  return { code, message, ...(field === undefined ? {} : { field }) };
}

/** The answer to a message that was refused. */
export function refusal({ code, message, field, value }: Rejection): ApiError {
  return new ApiError(code, message, { ...(field === undefined ? {} : { field }), value });
}

/** Who sent a request, as far as it may be kept: the fingerprint of the token. */
export function senderOf(c: Context<AppEnv>): string | null {
  return tokenFingerprint(c.req.header('Authorization'));
}

/** Who may not send at all, or sends too much, fills no table. */
const NOT_KEPT = new Set([401, 403, 404, 405, 413, 429]);

/** Keeps the messages of a channel that are refused as a whole, before a handler of theirs has seen them. */
export function keepRefused(channel: Channel) {
  return async (c: Context<AppEnv>, next: Next): Promise<void> => {
    await next();
    if (c.req.method !== 'POST' || !c.error || c.get('isMessageKept')) return;
    const error = toApiError(c.error);
    const { status } = c.res;
    if (status < 400 || status >= 500 || NOT_KEPT.has(status)) return;
    const body = new Uint8Array(await c.req.arrayBuffer().catch(() => new ArrayBuffer(0)));
    const { code, message, field } = error;
    await c.var.services.messages.keep([
      {
        channel,
        sender: senderOf(c),
        contentType: c.req.header('Content-Type') ?? null,
        body,
        outcome: 'refused',
        rejection: { code, message, ...(field === undefined ? {} : { field }) },
      },
    ]);
  };
}
