/** Groupings that a field allows, as the API writes them, and their keys as people read them. */
import type { Field } from '../../field-text.ts';
import { i18n } from '../../i18n/i18n.ts';
import type { Language } from '../../url-state.ts';

export interface GroupingChoice {
  /** As in `by`. */
  value: string;
  /** How the values of the field are grouped; null: each value is a group. */
  how: 'age' | 'hour' | 'day' | 'week' | 'month' | 'year' | 'bands' | null;
  field: Field;
}

/** Breaks that are proposed for numbers, until somebody writes others. */
const FIRST_BREAKS = '0,10,100,1000';

/** What one may group by. Of masked fields only what the service tells: years and ages of a date of birth. */
export function groupingsOf(fields: readonly Field[]): GroupingChoice[] {
  return fields
    .filter(({ filterable }) => filterable)
    .flatMap((field): GroupingChoice[] => {
      const by = (how: GroupingChoice['how']): GroupingChoice => ({ value: `${field.name}:${how}`, how, field });
      if (field.type === 'date') {
        if (field.masked) return [by('age'), by('year')];
        return [by('year'), by('month'), ...(/birth/.test(field.name) ? [by('age')] : [])];
      }
      if (field.masked) return [];
      if (field.type === 'datetime') return [by('hour'), by('day'), by('week'), by('month'), by('year')];
      if (field.values || field.type === 'bool') return [{ value: field.name, how: null, field }];
      if (field.type === 'int' || field.type === 'number') {
        return [{ value: `${field.name}:${FIRST_BREAKS}`, how: 'bands', field }];
      }
      // Texts that are anything, such as names, would be a group each.
      return [];
    });
}

/** The choice that a grouping of an address is: bands have the breaks that were written. */
export function choiceOf(grouping: string, choices: readonly GroupingChoice[]): GroupingChoice | undefined {
  const [name, how] = grouping.split(':');
  return (
    choices.find(({ value }) => value === grouping) ??
    choices.find((choice) => choice.field.name === name && choice.how === how) ??
    choices.find((choice) => choice.field.name === name && choice.how === 'bands')
  );
}

/** `[10,30)` → `10 – 30`, `(,10)` → `< 10`, values by their titles. */
export function keyText(key: string | number | boolean, choice: GroupingChoice | undefined, lang: Language): string {
  const text = String(key);
  const band = /^[[(](-?[\d.]*),(-?[\d.]*)\)$/.exec(text);
  if (band) {
    const [, from = '', to = ''] = band;
    const unit = (age: string) => (choice?.how === 'age' ? i18n.t('cross.years', { lng: lang, age }) : age);
    if (from === '') return unit(`< ${to}`);
    if (to === '') return unit(`≥ ${from}`);
    // Ages are whole: up to the year before the next band.
    return choice?.how === 'age' ? unit(`${from}–${Number(to) - 1}`) : `${from} – ${to}`;
  }
  const title = choice?.field.values?.[text];
  if (title) return title[lang] || title.zh;
  if (typeof key === 'boolean') return i18n.t(key ? 'value.true' : 'value.false', { lng: lang });
  return text;
}
