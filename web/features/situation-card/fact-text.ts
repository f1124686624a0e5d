import type { TFunction } from 'i18next';
import type { NearbyRow } from '../../../server/app.ts';
import { isWithoutSeparators } from '../../field-text.ts';
import { pick } from '../../i18n/i18n.ts';
import { dateTime, number } from '../../time.ts';
import type { Language } from '../../url-state.ts';

type Fact = NearbyRow['facts'][number];

/** A fact as people read it, with its unit; null where there is no value. */
export function factText(fact: Fact, t: TFunction, lang: Language): string | null {
  const { value, text, unit } = fact;
  if (value === null || value === '') return null;
  if (text !== null) return pick(text, lang);
  if (typeof value === 'boolean') return `${pick(fact.title, lang)}: ${t(value ? 'card.yes' : 'card.no')}`;
  if (typeof value === 'number') {
    const shown = isWithoutSeparators(fact.field)
      ? String(value)
      : number(value, lang, Number.isInteger(value) ? 0 : 1);
    return `${pick(fact.title, lang)} ${shown}${unit === null ? '' : ` ${unit}`}`;
  }
  if (/^\d{4}-\d{2}-\d{2}T/.test(value)) return `${pick(fact.title, lang)} ${dateTime(Date.parse(value), lang)}`;
  return value;
}
