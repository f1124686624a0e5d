/** A filter in words, for chips. */
import type { TFunction } from 'i18next';
import type { LayerSummary } from '../../../server/app.ts';
import { fieldText, type Field } from '../../field-text.ts';
import { groupOf, isGroup, type FieldCondition, type FilterNode } from '../../filter.ts';
import { pick } from '../../i18n/i18n.ts';
import { placeText, type PlaceNames } from '../../place-names.ts';
import { length } from '../../time.ts';
import type { Language } from '../../url-state.ts';

export interface Words {
  t: TFunction;
  lang: Language;
  fields: readonly Field[];
  catalogue: readonly LayerSummary[];
  names: PlaceNames;
}

/** Values and codes told before the rest is only counted. */
const MOST_TOLD = 3;

function told(texts: readonly string[], { t, lang }: Words): string {
  const shown = texts.slice(0, MOST_TOLD).join(lang === 'zh' ? '、' : ', ');
  return texts.length > MOST_TOLD ? `${shown} ${t('filter.more', { count: texts.length - MOST_TOLD })}` : shown;
}

function fieldCondition({ field: name, op, value }: FieldCondition, words: Words): string {
  const { t, lang } = words;
  const field = words.fields.find((each) => each.name === name);
  const title = field ? pick(field.title, lang) : name;
  const text = (item: unknown) => (field ? fieldText(field, item, lang) : String(item));
  if (op === 'null' || op === 'notnull') return `${title} ${t(`op.${op}`)}`;
  const values = Array.isArray(value) ? value.map(text) : [text(value)];
  if (op === 'between') return `${title} ${values[0]} – ${values[1]}`;
  const sign = ['=', '!=', '<', '<=', '>', '>='].includes(op)
    ? { '=': '=', '!=': '≠', '<': '<', '<=': '≤', '>': '>', '>=': '≥' }[op as '=']
    : t(`op.${op}`);
  return `${title} ${sign} ${told(values, words)}`;
}

/** A node in words; a group in brackets where it is part of something. */
export function describeFilter(node: FilterNode, words: Words, isPart = false): string {
  const { t, lang, catalogue, names } = words;
  if (isGroup(node)) {
    const { join, of } = groupOf(node);
    const inner = of
      .map((part) => describeFilter(part, words, of.length > 1))
      .join(` ${t(join === 'all' || join === 'notAll' ? 'filter.and' : 'filter.or')} `);
    const isNegated = join === 'none' || join === 'notAll';
    if (isNegated) return `${t('filter.not')}${of.length > 1 ? `(${inner})` : ` ${inner}`}`;
    return isPart && of.length > 1 ? `(${inner})` : inner;
  }
  if ('field' in node) return fieldCondition(node, words);
  if ('circle' in node) return t('filter.in.circle', { metres: length(node.circle.metres, lang) });
  if ('inside' in node) {
    const { layer, fid, metres = 0 } = node.inside;
    const title = pick(catalogue.find(({ id }) => id === layer)?.title, lang) || layer;
    const what = fid === undefined ? title : `${title} #${fid}`;
    return metres > 0 ? t('filter.in.near', { what, metres: length(metres, lang) }) : t('filter.in.inside', { what });
  }
  if ('cells' in node)
    return told(
      node.cells.codes.map((code) => placeText(code, names)),
      words,
    );
  if ('outside' in node) return t('filter.in.outside', { level: t(`level.${node.outside}`) });
  return t('within' in node ? 'filter.in.polygon' : 'filter.in.bbox');
}
