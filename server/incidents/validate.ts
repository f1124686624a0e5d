import { IncidentInput } from '../contract.ts';
import { findCategory, type Category } from './categories.ts';
import { dueAt } from './deadline.ts';

/** Where micro-grids are: index of the one that holds a place (EPSG:4326, degrees), or -1 outside the district. */
export interface GridLookup {
  readonly codes: readonly string[];
  locate(lon: number, lat: number): number;
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
}

/** Why an incident is not stored: `field` holds `value`, which is wrong as `message` says. */
export interface Rejection {
  code: 'BODY_INVALID' | 'UNKNOWN_CATEGORY' | 'IN_THE_FUTURE' | 'OUTSIDE_DISTRICT' | 'KEY_REUSED' | 'NOT_STORABLE';
  message: string;
  field?: string;
  value?: unknown;
}

/** Clocks of reporting systems may run this far ahead, ms. */
const CLOCK_TOLERANCE = 5 * 60_000;
/** Six decimals are 0.1 m: more would only make frames longer. */
const ROUNDING = 1e6;

/** Checks what a reporting system sent and places it. `now` (ms since 1970) becomes the time of receipt. */
export function checkIncident(
  input: unknown,
  grids: GridLookup,
  now: number,
): CheckedIncident | { rejection: Rejection } {
  const parsed = IncidentInput.safeParse(input);
  if (!parsed.success) return { rejection: badValue(input, parsed.error.issues[0]) };
  const { key, source, title, severity } = parsed.data;
  for (const [field, text] of Object.entries({ key, source, title })) {
    if (!isStorable(text)) {
      const message = `${field} holds a control character or half of a surrogate pair`;
      return { rejection: { code: 'BODY_INVALID', message, field, value: text } };
    }
  }
  const category = findCategory(parsed.data.category);
  if (!category) {
    const message = `category ${parsed.data.category} is neither a matter code of GB/T 47678.5-2026 nor of the Z list`;
    return { rejection: { code: 'UNKNOWN_CATEGORY', message, field: 'category', value: parsed.data.category } };
  }
  const occurredAt = Date.parse(parsed.data.occurredAt);
  if (occurredAt > now + CLOCK_TOLERANCE) {
    const message = `occurredAt ${parsed.data.occurredAt} is more than 5 minutes after now, ${new Date(now).toISOString()}`;
    return { rejection: { code: 'IN_THE_FUTURE', message, field: 'occurredAt', value: parsed.data.occurredAt } };
  }
  const lon = Math.round(parsed.data.lon * ROUNDING) / ROUNDING;
  const lat = Math.round(parsed.data.lat * ROUNDING) / ROUNDING;
  const grid = grids.codes[grids.locate(lon, lat)];
  if (grid === undefined) {
    const message = `lon ${lon}, lat ${lat} lies in no micro-grid of the district`;
    return { rejection: { code: 'OUTSIDE_DISTRICT', message, field: 'lon', value: [lon, lat] } };
  }
  return {
    key,
    source,
    category,
    title,
    severity,
    lon,
    lat,
    grid,
    community: grid.slice(0, 12),
    town: `${grid.slice(0, 9)}000`,
    occurredAt,
    receivedAt: now,
    dueAt: dueAt(now, category.limit),
  };
}

function badValue(
  input: unknown,
  issue: { path: PropertyKey[]; message: string; keys?: string[] } | undefined,
): Rejection {
  const field = issue?.path.map(String).join('.') || issue?.keys?.[0];
  const value = field !== undefined && typeof input === 'object' && input !== null ? Reflect.get(input, field) : input;
  return { code: 'BODY_INVALID', message: `${field ?? 'incident'}: ${issue?.message ?? 'invalid'}`, field, value };
}

/** PostgreSQL text holds neither U+0000 nor lone surrogates; other control characters would break lists and exports. */
function isStorable(text: string): boolean {
  return !/[\p{Cc}\p{Cs}]/u.test(text);
}
