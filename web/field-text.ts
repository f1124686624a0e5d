/** A value of a field as people read it. */
import type { LayerDetail } from '../server/app.ts';
import { i18n, pick } from './i18n/i18n.ts';
import { dateTime, number } from './time.ts';
import type { Language } from './url-state.ts';

export type Field = LayerDetail['fields'][number];

/** Years and codes are numbers too, but nobody writes 2,019. */
export function isWithoutSeparators(name: string): boolean {
  return /year|code|no$/.test(name);
}

/** Empty for no value; with the unit where `hasUnit`. */
export function fieldText(field: Field, value: unknown, lang: Language, hasUnit = true): string {
  if (value === null || value === undefined || value === '') return '';
  const title = field.values?.[String(value)];
  if (title) return pick(title, lang);
  if (typeof value === 'boolean') return i18n.t(value ? 'value.true' : 'value.false', { lng: lang });
  const unit = hasUnit && field.unit ? ` ${field.unit}` : '';
  if (typeof value === 'number') return (isWithoutSeparators(field.name) ? String(value) : number(value, lang)) + unit;
  if (field.type === 'datetime') return dateTime(Date.parse(String(value)), lang);
  return String(value) + unit;
}
