import { parse } from 'csv-parse/sync';
import type { FeedInput, FeedMap } from '../contract/intake.ts';
import type { IncidentDraft } from '../incidents/validate.ts';
import { findJsonProblem } from './json-text.ts';
import type { ReadMessage } from './receive.ts';

/** Items of one answer at most. */
const MOST_ITEMS = 5000;
const LONGEST_TITLE = 200;
const LONGEST_ID = 120;

export interface FeedItem extends ReadMessage {
  /** How far the source is with it, in its own words; null: it does not say. */
  state: string | null;
}

/**
 * The incidents in an answer of a feed, by the map that says where their fields are. The id of an item makes its key, so
 * that it is one incident however often the feed repeats it.
 * @throws Error when the answer is not of the format, in words for whoever set the feed up
 */
export function readFeed(text: string, id: string, { format, map }: Pick<FeedInput, 'format' | 'map'>): FeedItem[] {
  const items = format === 'csv' ? rowsOf(text) : itemsOf(text, format, map.items);
  if (items.length > MOST_ITEMS)
    throw new Error(`the answer has ${items.length} items, at most ${MOST_ITEMS} are read`);
  return items.map((item) => ({
    read: readItem(item, id, map, format),
    state: stateOf(item, map),
    body: Buffer.from(JSON.stringify(item) ?? ''),
  }));
}

function rowsOf(text: string): unknown[] {
  return parse(text, { columns: true, bom: true, skip_empty_lines: true, relax_column_count: false, trim: true });
}

function itemsOf(text: string, format: 'json' | 'geojson', path: string | undefined): unknown[] {
  const problem = findJsonProblem(text);
  if (problem) throw new Error(problem.message);
  let answer: unknown;
  try {
    answer = JSON.parse(text) as unknown;
  } catch (cause) {
    throw new Error('the answer is no JSON', { cause });
  }
  const where = path ?? (format === 'geojson' ? 'features' : '');
  const items = where === '' ? answer : valueAt(answer, where);
  if (!Array.isArray(items)) throw new Error(`the answer has no list ${where === '' ? 'as its whole' : `at ${where}`}`);
  return items;
}

function readItem(item: unknown, feed: string, map: FeedMap, format: FeedInput['format']): ReadMessage['read'] {
  const get = (field: keyof FeedMap): unknown => {
    const path = map[field];
    if (path === undefined) return undefined;
    return path.startsWith('=') ? path.slice(1) : valueAt(item, path);
  };
  const text = (field: keyof FeedMap): string | undefined => {
    const value = get(field);
    return value === undefined || value === null || value === '' ? undefined : String(value as string | number);
  };
  const id = text('id');
  if (id === undefined || id.length > LONGEST_ID)
    return refuse('id', `must be a text of 1 to ${LONGEST_ID} characters`, id);
  const category = text('category');
  if (category === undefined) return refuse('category', 'is missing', undefined);
  const title = text('title');
  if (title === undefined) return refuse('title', 'is missing', undefined);
  const stated = get('occurredAt');
  const occurredAt = timeOf(stated);
  if (occurredAt === undefined) return refuse('occurredAt', `${String(stated).slice(0, 60)} is no time`, stated);
  const place: Pick<IncidentDraft, 'lon' | 'lat' | 'address' | 'crs'> = {};
  const point = format === 'geojson' ? valueAt(item, 'geometry.coordinates') : undefined;
  for (const [field, index] of [
    ['lon', 0],
    ['lat', 1],
  ] as const) {
    const value = map[field] === undefined && Array.isArray(point) ? (point as unknown[])[index] : get(field);
    if (value === undefined || value === null || value === '') continue;
    const degrees = typeof value === 'number' ? value : Number(value);
    if (!Number.isFinite(degrees)) return refuse(field, 'must be degrees', value);
    place[field] = degrees;
  }
  const address = text('address');
  if (address !== undefined) place.address = address;
  if (map.crs !== undefined) place.crs = map.crs;
  const severity = Number(text('severity') ?? 0);
  const description = text('description');
  return {
    draft: {
      key: `feed/${feed}/${id}`,
      source: feed,
      category,
      ...(map.standard === undefined ? {} : { standard: map.standard }),
      title: clean(title),
      severity,
      ...place,
      ...(description === undefined ? {} : { description: description.slice(0, 4000) }),
      occurredAt,
    },
  };
}

function stateOf(item: unknown, { state }: FeedMap): string | null {
  const value = state === undefined ? undefined : valueAt(item, state);
  const isSaid = ['string', 'number', 'boolean'].includes(typeof value) && value !== '';
  return isSaid ? clean(String(value as string)) : null;
}

function clean(title: string): string {
  const text = title.replaceAll(/[\p{Cc}\p{Cs}]+/gu, ' ').trim();
  return text.length > LONGEST_TITLE ? text.slice(0, LONGEST_TITLE).replace(/[\ud800-\udbff]$/, '') : text;
}

/** A time as feeds write it: ISO 8601, local (UTC+8) where it has no zone, or seconds or ms since 1970. */
function timeOf(value: unknown): string | undefined {
  const text = String(value as string).trim();
  if (/^\d{9,10}(\.\d+)?$/.test(text)) return new Date(Number(text) * 1000).toISOString();
  if (/^\d{12,13}$/.test(text)) return new Date(Number(text)).toISOString();
  const [, day, time, zone = '+08:00'] =
    /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:\d{2})?$/.exec(text) ?? [];
  const at = day === undefined ? Number.NaN : Date.parse(`${day}T${time}${zone}`);
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
}

/** The member at a path like `properties.mag`; a whole name with dots goes first, as columns have such names. */
function valueAt(item: unknown, path: string): unknown {
  if (typeof item === 'object' && item !== null && Object.hasOwn(item, path)) return Reflect.get(item, path);
  let value = item;
  for (const name of path.split('.')) {
    value =
      typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
  }
  return value;
}

function refuse(field: string, why: string, value: unknown): ReadMessage['read'] {
  return { rejection: { code: 'BODY_INVALID', message: `${field}: ${why}`, field, value } };
}
