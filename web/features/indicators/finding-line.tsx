import { useTranslation } from 'react-i18next';
import { pick } from '../../i18n/i18n.ts';
import type { Language } from '../../url-state.ts';
import { figureText, gapText, type Definition, type Group } from './figure-text.ts';
import { findingOf } from './finding-of.ts';

/** The finding of a column in a sentence: how the district stands, who is furthest behind and by what, who came on. */
export function FindingLine(props: {
  definition: Definition;
  indicators: readonly Definition[];
  groups: readonly Group[];
  district: Group | undefined;
  titleOf: (group: Group) => string;
  lang: Language;
}) {
  const { definition, indicators, groups, district, titleOf, lang } = props;
  const { t } = useTranslation();
  const { value, change, isBetter, last, improved } = findingOf(definition, groups, district);
  const title = pick(definition.title, lang);
  if (value === null) return <p className="om-finding">{t('finding.nothing', { title })}</p>;
  const gap = (amount: number) => gapText(t, definition, amount, lang);
  const clauses = [
    change === null || change === 0
      ? t(change === null ? 'finding.value' : 'finding.same', {
          title,
          value: figureText(t, definition, value, lang),
        })
      : t(change > 0 ? 'finding.up' : 'finding.down', {
          title,
          value: figureText(t, definition, value, lang),
          change: gap(change),
          judgement: isBetter === null ? '' : t(isBetter ? 'finding.better' : 'finding.worse'),
        }),
  ];
  if (last) {
    const words = { name: titleOf(last.group), value: figureText(t, definition, last.value, lang), gap: gap(last.gap) };
    clauses.push(t(definition.better === null ? 'finding.most' : 'finding.behind', words));
    const part = indicators.find(({ id }) => id === last.lost?.id);
    if (last.lost && part) {
      clauses.push(t('finding.lost', { part: pick(part.title, lang), points: gap(last.lost.points) }));
    }
  }
  if (improved) clauses.push(t('finding.improved', { name: titleOf(improved.group), change: gap(improved.change) }));
  return (
    <p className="om-finding" data-testid="finding">
      {clauses.join(t('finding.join'))}
      {t('finding.end')}
    </p>
  );
}
