import { useTranslation } from 'react-i18next';
import type { InsideItem, SituationCard } from '../../../server/app.ts';
import { pick } from '../../i18n/i18n.ts';
import { number } from '../../time.ts';
import { BarList } from '../../ui/bar-list.tsx';
import type { Language } from '../../url-state.ts';

/** Industries that are told. */
const MOST_GROUPS = 5;

function CountText({ item, lang }: { item: InsideItem; lang: Language }) {
  const { t } = useTranslation();
  return <>{item.total === null ? t('card.few', { k: item.k }) : number(item.total, lang)}</>;
}

/** How many live here, by age. */
export function People({ items, lang }: { items: SituationCard['people']['items']; lang: Language }) {
  const { t } = useTranslation();
  return items.map((item) => (
    <div key={item.layer} data-layer={item.layer}>
      <p className="om-situation-total">
        <b data-testid="card-people">
          <CountText item={item} lang={lang} />
        </b>{' '}
        {t('card.peopleUnit')}
      </p>
      {item.ages && (
        <BarList
          label={t('card.ages')}
          items={item.ages.bands.map(({ from, to, totals }) => {
            // Of what is withheld nothing is added up.
            const isWithheld = totals.includes(null);
            const value = isWithheld ? 0 : totals.reduce<number>((sum, total) => sum + (total ?? 0), 0);
            return {
              key: String(from),
              label: to === null ? t('card.ageFrom', { from }) : t('card.age', { from, to }),
              value,
              text: isWithheld ? t('card.few', { k: item.k }) : number(value, lang),
            };
          })}
        />
      )}
    </div>
  ));
}

/** Figures by layer: people under care. */
export function CareGroups({ items, lang }: { items: SituationCard['care']['items']; lang: Language }) {
  return (
    <div className="om-figures">
      {items.map((item) => (
        <p key={item.layer} className="om-figure" data-layer={item.layer}>
          <span>{pick(item.title, lang)}</span>
          <b>
            <CountText item={item} lang={lang} />
          </b>
        </p>
      ))}
    </div>
  );
}

/** Enterprises by industry, the most frequent ones. */
export function Enterprises({ items, lang }: { items: SituationCard['enterprises']['items']; lang: Language }) {
  return items.map((item) => (
    <div key={item.layer} data-layer={item.layer}>
      <p className="om-situation-total">
        <b>
          <CountText item={item} lang={lang} />
        </b>{' '}
        {pick(item.title, lang)}
        {item.where && <small> ({pick(item.where.value, lang)})</small>}
      </p>
      {item.groups.map(({ field, title, values }) => (
        <BarList
          key={field}
          tone={1}
          label={pick(title, lang)}
          items={values
            .toSorted((a, b) => (b.total ?? 0) - (a.total ?? 0))
            .slice(0, MOST_GROUPS)
            .map(({ value, title: name, total }) => ({
              key: String(value),
              label: pick(name, lang),
              value: total ?? 0,
              text: number(total, lang),
            }))}
        />
      ))}
    </div>
  ));
}
