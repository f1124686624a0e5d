import { z } from '@hono/zod-openapi';
import gcoord from 'gcoord';
import { IncidentInput, type Reporter } from '../contract/incidents.ts';
import { settleCategory } from './aliases.ts';
import type { Category } from './categories.ts';
import { dueAt } from './deadline.ts';
import { plainInput } from './plain-input.ts';

/** Where micro-grids are: index of the one that holds a place (EPSG:4326, degrees), or -1 outside the district. */
export interface GridLookup {
  readonly codes: readonly string[];
  locate(lon: number, lat: number): number;
}

/** What is kept of a report besides the incident. */
export interface ReportDetails {
  description?: string;
  address?: string;
  /** With it whoever reported asks what became of it. */
  token?: string;
  reporter?: Reporter;
}

/** An incident that may be stored. Times are ms since 1970. */
export interface CheckedIncident {
  key: string;
  source: string;
  category: Category;
  title: string;
  severity: number;
  lon: number;
  lat: number;
  grid: string;
  community: string;
  town: string;
  occurredAt: number;
  receivedAt: number;
  dueAt: number;
  /** What the message did not say itself: the same message may settle otherwise when it comes again. */
  assumed?: { time: boolean; place: boolean };
  details?: ReportDetails;
}

/** Why an incident is not stored: `field` holds `value`, which is wrong as `message` says. */
export interface Rejection {
  code:
    | 'BODY_INVALID'
    | 'BODY_MALFORMED'
    | 'UNKNOWN_CATEGORY'
    | 'IN_THE_FUTURE'
    | 'OUTSIDE_DISTRICT'
    | 'ADDRESS_UNKNOWN'
    | 'KEY_REUSED'
    | 'NOT_STORABLE';
  message: string;
  field?: string;
  value?: unknown;
}

/**
 * What a reader makes of a message of its format. Like `IncidentInput`, but a category may be a title, and a message
 * without a time happened when it came.
 */
export const IncidentDraft = IncidentInput.extend({
  category: z.string().min(1).max(100),
  occurredAt: IncidentInput.shape.occurredAt.optional(),
  token: z.string().min(1).max(64).optional(),
});
export type IncidentDraft = z.infer<typeof IncidentDraft>;

/** The place of an address in EPSG:4326, as the intake found it. */
export interface FoundPlace {
  lon: number;
  lat: number;
}

/** Clocks of reporting systems may run this far ahead, ms. */
const CLOCK_TOLERANCE = 5 * 60_000;
/** Six decimals are 0.1 m: more would only make frames longer. */
const ROUNDING = 1e6;
const round = (degrees: number): number => Math.round(degrees * ROUNDING) / ROUNDING;
/** Texts in which lines may be broken. */
const LINES = new Set(['description']);

/**
 * Checks what a reporting system sent (`IncidentInput`, or what `schema` says) and places it. `now` (ms since 1970)
 * becomes the time of receipt. `found` is the place of its address, where it has no other.
 */
export function checkIncident(
  input: unknown,
  grids: GridLookup,
  now: number,
  schema: typeof IncidentInput | typeof IncidentDraft = IncidentInput,
  found?: FoundPlace,
): CheckedIncident | { rejection: Rejection } {
  let data: IncidentDraft | undefined = schema === IncidentInput ? plainInput(input) : undefined;
  if (data === undefined) {
    const parsed = schema.safeParse(input);
    if (!parsed.success) return { rejection: badValue(input, parsed.error.issues[0]) };
    data = parsed.data;
  }
  const { key, source, title, severity, address, description, reporter } = data;
  const unstorable =
    findUnstorable('source', source) ??
    findUnstorable('key', key) ??
    findUnstorable('title', title) ??
    findUnstorable('category', data.category) ??
    findUnstorable('address', address) ??
    findUnstorable('description', description) ??
    findUnstorable('reporter.name', reporter?.name);
  if (unstorable) return unstorable;
  const category = settleCategory(data.category, data.standard);
  if (!category) {
    const list = data.standard === '2013' ? 'GB/T 30428.2-2013' : 'GB/T 47678.5-2026 nor of the Z list';
    const message = `category ${data.category} is ${data.standard === '2013' ? 'no event code' : 'neither a matter code'} of ${list}`;
    return bad('UNKNOWN_CATEGORY', message, 'category', data.category);
  }
  const occurredAt = data.occurredAt === undefined ? now : Date.parse(data.occurredAt);
  if (occurredAt > now + CLOCK_TOLERANCE) {
    const message = `occurredAt ${data.occurredAt} is more than 5 minutes after now, ${new Date(now).toISOString()}`;
    return bad('IN_THE_FUTURE', message, 'occurredAt', data.occurredAt);
  }
  if (!(occurredAt >= 0))
    return bad('BODY_INVALID', `occurredAt ${data.occurredAt} is before 1970`, 'occurredAt', data.occurredAt);
  const place = settlePlace(data, found);
  if ('rejection' in place) return place;
  const grid = grids.codes[grids.locate(place.lon, place.lat)];
  if (grid === undefined) {
    const field = data.lon === undefined ? 'address' : 'lon';
    const message = `lon ${place.lon}, lat ${place.lat} lies in no micro-grid of the district`;
    return bad('OUTSIDE_DISTRICT', message, field, field === 'lon' ? [data.lon, data.lat].map(Number) : address);
  }
  const details = detailsOf(data);
  const assumed = { time: data.occurredAt === undefined, place: data.lon === undefined };
  return {
    key,
    source,
    category,
    title,
    severity,
    lon: place.lon,
    lat: place.lat,
    grid,
    community: grid.slice(0, 12),
    town: `${grid.slice(0, 9)}000`,
    occurredAt,
    receivedAt: now,
    dueAt: dueAt(now, category.limit),
    ...(assumed.time || assumed.place ? { assumed } : {}),
    ...(details === undefined ? {} : { details }),
  };
}

function detailsOf({ description, address, token, reporter }: IncidentDraft): ReportDetails | undefined {
  if (description === undefined && address === undefined && token === undefined && reporter === undefined) {
    return undefined;
  }
  return {
    ...(description === undefined ? {} : { description }),
    ...(address === undefined ? {} : { address }),
    ...(token === undefined ? {} : { token }),
    ...(reporter === undefined ? {} : { reporter }),
  };
}

/** The address whose place must be looked for; undefined where a message says its place itself, or is no message. */
export function addressToFind(input: unknown): string | undefined {
  if (typeof input !== 'object' || input === null) return undefined;
  const { lon, lat, address } = input as Record<string, unknown>;
  return lon === undefined && lat === undefined && typeof address === 'string' && address.length <= 200
    ? address
    : undefined;
}

function settlePlace(data: IncidentDraft, found: FoundPlace | undefined): FoundPlace | { rejection: Rejection } {
  const { lon, lat, address, crs } = data;
  if (lon !== undefined && lat !== undefined) {
    if (lon === 0 && lat === 0) {
      return bad('OUTSIDE_DISTRICT', 'lon 0, lat 0 is what a device without a position says', 'lon', [0, 0]);
    }
    if (crs === 'GCJ-02' || crs === 'BD-09') {
      const from = crs === 'GCJ-02' ? gcoord.GCJ02 : gcoord.BD09;
      const [x, y] = gcoord.transform<[number, number]>([lon, lat], from, gcoord.WGS84);
      return { lon: round(x), lat: round(y) };
    }
    return { lon: round(lon), lat: round(lat) };
  }
  if (lon !== undefined || lat !== undefined || address === undefined) {
    const field = lon === undefined ? 'lon' : 'lat';
    return bad('BODY_INVALID', `${field}: is missing; give lon and lat, or an address`, field, undefined);
  }
  if (!found) {
    return bad('ADDRESS_UNKNOWN', `address ${address} leads to no place of the district`, 'address', address);
  }
  return { lon: round(found.lon), lat: round(found.lat) };
}

function bad(code: Rejection['code'], message: string, field: string, value: unknown): { rejection: Rejection } {
  return { rejection: { code, message, field, value } };
}

function badValue(
  input: unknown,
  issue: { path: PropertyKey[]; message: string; keys?: string[] } | undefined,
): Rejection {
  const path = [...(issue?.path.map(String) ?? []), ...(issue?.keys?.slice(0, 1) ?? [])];
  const field = path.join('.') || undefined;
  let value = input;
  for (const name of path) value = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  return {
    code: 'BODY_INVALID',
    message: `${field ?? 'incident'}: ${issue?.message ?? 'invalid'}`,
    ...(field === undefined ? {} : { field }),
    value,
  };
}

function findUnstorable(field: string, text: string | undefined): { rejection: Rejection } | undefined {
  if (text === undefined || isStorable(text, LINES.has(field))) return undefined;
  return bad('BODY_INVALID', `${field} holds a control character or half of a surrogate pair`, field, text);
}

/** PostgreSQL text holds neither U+0000 nor lone surrogates; other control characters would break lists and exports. */
function isStorable(text: string, withLines: boolean): boolean {
  return !/[\p{Cc}\p{Cs}]/u.test(withLines ? text.replaceAll(/[\r\n\t]/g, ' ') : text);
}
