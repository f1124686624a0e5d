import type { IncidentDraft, Rejection } from '../incidents/validate.ts';
import { settleCategory } from '../incidents/aliases.ts';
import type { FormFields } from './form-fields.ts';

/** Division code of the district: the only jurisdiction here. */
export const JURISDICTION = '440604';

/** Fields of GeoReport v2 that a report may have, and how long their texts may be. */
const LONGEST: Readonly<Record<string, number>> = {
  service_code: 100,
  address_string: 200,
  description: 4000,
  email: 100,
  phone: 30,
  first_name: 30,
  last_name: 30,
  device_id: 200,
  account_id: 200,
  media_url: 2000,
};

/** Field of GeoReport v2 by the field of an incident. */
const NAMES: Readonly<Record<string, string>> = {
  category: 'service_code',
  lon: 'long',
  address: 'address_string',
  'reporter.name': 'first_name',
  'reporter.phone': 'phone',
  'reporter.email': 'email',
  key: 'Idempotency-Key',
};

/** What a field of an incident is called in GeoReport v2. */
export function georeportField(field: string | undefined): string {
  return field === undefined ? 'body' : (NAMES[field] ?? field);
}

/** The incident that a request of Open311 GeoReport v2 reports. `key` and `token` are those of the new incident. */
export function readOpen311(
  fields: FormFields,
  { key, token }: { key: string; token: string },
): { draft: IncidentDraft; rejection?: undefined } | { rejection: Rejection } {
  for (const [name, longest] of Object.entries(LONGEST)) {
    const text = fields.get(name);
    if (text !== undefined && text.length > longest) return refuse(name, `is longer than ${longest} characters`, text);
  }
  const get = (name: string): string | undefined => fields.get(name)?.trim() || undefined;
  const code = get('service_code');
  if (code === undefined) return refuse('service_code', 'was not provided', undefined);
  const place: Pick<IncidentDraft, 'lon' | 'lat' | 'address'> = {};
  for (const [name, field] of [
    ['lat', 'lat'],
    ['long', 'lon'],
  ] as const) {
    const text = get(name);
    if (text === undefined) continue;
    if (!/^[+-]?\d{1,3}(\.\d{1,20})?$/.test(text)) return refuse(name, 'must be degrees in decimals', text);
    place[field] = Number(text);
  }
  if (place.lat === undefined && place.lon !== undefined) return refuse('lat', 'is missing beside long', undefined);
  if (place.lon === undefined && place.lat !== undefined) return refuse('long', 'is missing beside lat', undefined);
  const address = get('address_string');
  if (address !== undefined) place.address = address;
  if (place.lat === undefined && address === undefined) {
    return fields.has('address_id')
      ? refuse('address_id', 'is not known here; give lat and long, or address_string', get('address_id'))
      : refuse('lat', 'is missing, and so is address_string', undefined);
  }
  const name = [get('last_name'), get('first_name')].filter(Boolean).join(' ');
  const [phone, email, description] = [get('phone'), get('email'), get('description')];
  const reporter = {
    ...(name === '' ? {} : { name }),
    ...(phone === undefined ? {} : { phone }),
    ...(email === undefined ? {} : { email }),
  };
  return {
    draft: {
      key,
      source: 'open311',
      category: code,
      title: settleCategory(code)?.title.zh ?? code,
      severity: 0,
      ...place,
      ...(description === undefined ? {} : { description }),
      ...(Object.keys(reporter).length > 0 ? { reporter } : {}),
      token,
    },
  };
}

function refuse(field: string, why: string, value: unknown): { rejection: Rejection } {
  return { rejection: { code: 'BODY_INVALID', message: `${field}: ${why}`, field, value } };
}
