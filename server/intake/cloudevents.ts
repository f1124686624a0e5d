import { createHash } from 'node:crypto';
import { z } from '@hono/zod-openapi';
import { ApiError } from '../errors.ts';
import type { IncidentDraft, Rejection } from '../incidents/validate.ts';
import { IncidentInput } from '../contract/incidents.ts';
import { readJson } from './read-text.ts';

export const EVENT_TYPE = 'application/cloudevents+json';
export const BATCH_TYPE = 'application/cloudevents-batch+json';
/** Events of one batch at most. */
const MOST_EVENTS = 5000;

/** Names of extension attributes. */
const ATTRIBUTE = /^[a-z0-9]{1,40}$/;

/** Attributes of CloudEvents 1.0 that concern us. What an event is about must be an incident. */
const Attributes = z.object({
  specversion: z.literal('1.0'),
  id: z.string().min(1).max(150),
  source: z
    .string()
    .min(1)
    .max(64)
    .regex(/^[^\s<>"{}|\\^`]+$/, 'must be a URI reference'),
  type: z.string().regex(/(^|\.)incident\.(reported|created)$/, 'must end in incident.reported'),
  time: z.iso.datetime({ offset: true }).optional(),
  subject: z.string().min(1).max(200).optional(),
  datacontenttype: z
    .string()
    .regex(/^application\/([\w.+-]+\+)?json\s*(;|$)/i, 'must be JSON')
    .optional(),
});

/** What an event carries: an incident, whose key and source are those of the event. */
const Data = z.object(IncidentInput.omit({ key: true, source: true }).partial({ title: true, occurredAt: true }).shape);

export type ReadEvent = { draft: IncidentDraft; rejection?: undefined } | { rejection: Rejection };

/**
 * The incident an event in structured mode tells of. `id` and `source` of the event make its key, since together they
 * name it once in the world; `time` and `subject` stand in for what the data leaves out.
 */
export function readCloudEvent(event: unknown): ReadEvent {
  if (typeof event !== 'object' || event === null || Array.isArray(event)) {
    return refuse('event', 'is no object', event);
  }
  const { data, data_base64: base64, dataschema, ...attributes } = event as Record<string, unknown>;
  const parsed = Attributes.loose().safeParse(attributes);
  if (!parsed.success) return issueOf('', attributes, parsed.error.issues[0]);
  for (const [name, value] of Object.entries(attributes)) {
    if (!ATTRIBUTE.test(name)) return refuse(name, 'is no name of an attribute', value);
    if (!['string', 'number', 'boolean'].includes(typeof value) && value !== null) {
      return refuse(name, 'must be a text, a number or a truth value', value);
    }
  }
  if (dataschema !== undefined && typeof dataschema !== 'string')
    return refuse('dataschema', 'must be a URI', dataschema);
  if (data !== undefined && base64 !== undefined) return refuse('data_base64', 'is there beside data', undefined);
  let content = data;
  if (base64 !== undefined) {
    if (typeof base64 !== 'string' || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) {
      return refuse('data_base64', 'is no base64', base64);
    }
    try {
      content = readJson(Buffer.from(base64, 'base64'));
    } catch (error) {
      return refuse('data_base64', error instanceof Error ? error.message : 'is no JSON', undefined);
    }
  }
  return draftOf(parsed.data, content);
}

function draftOf(attributes: z.infer<typeof Attributes>, content: unknown): ReadEvent {
  const { id, source, time, subject } = attributes;
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    return refuse('data', 'must be an object: an incident without key and source', content);
  }
  const data = Data.strict().safeParse(content);
  if (!data.success) return issueOf('data', content, data.error.issues[0]);
  const title = data.data.title ?? subject;
  if (title === undefined) return refuse('data.title', 'is missing, and so is subject', undefined);
  const occurredAt = data.data.occurredAt ?? time;
  return {
    draft: { ...data.data, title, ...(occurredAt === undefined ? {} : { occurredAt }), key: keyOf(source, id), source },
  };
}

/** A URI has no spaces, so that no two pairs make one key. */
function keyOf(source: string, id: string): string {
  const key = `${source} ${id}`;
  return key.length <= 200 ? key : `${source} ${createHash('sha256').update(id).digest('hex')}`;
}

/** An event in binary mode: its attributes are headers `ce-…`, its data the body. Text in headers is percent-encoded. */
export function readBinaryEvent(headers: Iterable<[string, string]>, body: Uint8Array): ReadEvent {
  const attributes: Record<string, unknown> = {};
  for (const [name, value] of headers) {
    if (name.toLowerCase() === 'content-type') attributes['datacontenttype'] = value;
    if (!name.toLowerCase().startsWith('ce-')) continue;
    const attribute = name.slice(3).toLowerCase();
    try {
      attributes[attribute] = decodeURIComponent(value);
    } catch {
      return refuse(`ce-${attribute}`, 'is not percent-encoded UTF-8', value);
    }
  }
  const read = readCloudEvent({ ...attributes, data: readJson(body) });
  if (!read.rejection) return read;
  const { field = '' } = read.rejection;
  const isHeader = field !== '' && field !== 'datacontenttype' && !field.startsWith('data');
  return isHeader ? { rejection: { ...read.rejection, field: `ce-${field}` } } : read;
}

/**
 * The events of a batch; each stands for itself.
 * @throws ApiError when it is no list
 */
export function readEventBatch(body: Uint8Array): { event: unknown; read: ReadEvent }[] {
  const events = readJson(body);
  if (!Array.isArray(events)) {
    throw new ApiError('BODY_INVALID', 'body: must be a list of events', { field: 'body' });
  }
  if (events.length > MOST_EVENTS) {
    throw new ApiError('BODY_INVALID', `body: more than ${MOST_EVENTS} events`, {
      field: 'body',
      value: events.length,
    });
  }
  return events.map((event: unknown) => ({ event, read: readCloudEvent(event) }));
}

/** The member of an event that a field of its incident comes from. */
export function eventField(field: string | undefined): string {
  if (field === 'key') return 'id';
  return field === 'source' || field === undefined ? (field ?? 'data') : `data.${field}`;
}

function refuse(field: string, why: string, value: unknown): { rejection: Rejection } {
  return { rejection: { code: 'BODY_INVALID', message: `${field}: ${why}`, field, value } };
}

function issueOf(
  prefix: string,
  input: unknown,
  issue: { path: PropertyKey[]; message: string; keys?: string[] } | undefined,
): { rejection: Rejection } {
  const path = [...(issue?.path.map(String) ?? []), ...(issue?.keys?.slice(0, 1) ?? [])];
  let value = input;
  for (const name of path) value = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  const field = [prefix, ...path].filter(Boolean).join('.') || 'event';
  return refuse(field, issue?.message ?? 'is not valid', value);
}
