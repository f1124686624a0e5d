import { z } from '@hono/zod-openapi';
import type { IncidentInput } from '../contract/incidents.ts';

const CATEGORY = /^(\d{5}|\d{2}-?\d{2}|Z\d{2}(\d{2})?)$/;
/** What `IncidentInput` holds a time against. */
const TIME = z.core.regexes.datetime({ offset: true });
const CRS = new Set<unknown>(['EPSG:4326', 'EPSG:4490', 'GCJ-02', 'BD-09']);

/** Lengths count characters, of which one can take two units: between the two counts the contract is asked. */
const isText = (value: unknown, min: number, max: number): boolean =>
  typeof value === 'string' && value.length >= 2 * min - 1 && value.length <= max;
const isWithin = (value: unknown, min: number, max: number): boolean =>
  typeof value === 'number' && value >= min && value <= max;

/**
 * What `IncidentInput` says of a message that holds what most messages hold, at a tenth of its cost; undefined of any other, of
 * which it must be asked. The test holds the two to each other.
 */
export function plainInput(input: unknown): IncidentInput | undefined {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return undefined;
  const message = input as Record<string, unknown>;
  let required = 0;
  for (const name of Object.keys(message)) {
    const value = message[name];
    let isGood: boolean;
    switch (name) {
      case 'key':
        isGood = isText(value, 1, 200);
        break;
      case 'source':
        isGood = isText(value, 1, 64);
        break;
      case 'category':
        isGood = typeof value === 'string' && CATEGORY.test(value);
        break;
      case 'title':
        isGood = isText(value, 1, 200);
        break;
      case 'severity':
        isGood = Number.isInteger(value) && isWithin(value, 0, 4);
        break;
      case 'occurredAt':
        isGood = typeof value === 'string' && TIME.test(value);
        break;
      case 'lon':
        if (!isWithin(value, -180, 180)) return undefined;
        continue;
      case 'lat':
        if (!isWithin(value, -90, 90)) return undefined;
        continue;
      case 'crs':
        if (!CRS.has(value)) return undefined;
        continue;
      case 'standard':
        if (value !== '2026' && value !== '2013') return undefined;
        continue;
      case 'address':
        if (!isText(value, 2, 200)) return undefined;
        continue;
      case 'description':
        if (!isText(value, 1, 4000)) return undefined;
        continue;
      // Who reported, or what is not known.
      default:
        return undefined;
    }
    if (!isGood) return undefined;
    required += 1;
  }
  return required === 6 ? (message as IncidentInput) : undefined;
}
