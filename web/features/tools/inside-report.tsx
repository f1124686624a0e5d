import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import type { InsideItem, InsideReport } from '../../../server/app.ts';
import { pick } from '../../i18n/i18n.ts';
import { area, length, number } from '../../time.ts';
import { BarList } from '../../ui/bar-list.tsx';
import type { Language } from '../../url-state.ts';

/** Sections told as one table, a layer a row; the others layer by layer. */
const AS_TABLE: readonly string[] = ['care', 'risk', 'facility'];

/** Who and what is inside, to read and to print: every number as text. */
export function InsideReportView({ report, lang }: { report: InsideReport; lang: Language }) {
  const { t } = useTranslation();
  const { shape, items } = report;
  // The service tells them in their order.
  const sections = [...new Set(items.map(({ section }) => section))];
  return (
    <article className="om-report" aria-label={t('tools.inside')}>
      <header>
        <p>
          {t('tools.area')} <b>{area(shape.areaM2, lang)}</b>
        </p>
        <button type="button" className="om-button om-noprint" onClick={() => window.print()}>
          {t('tools.print')}
        </button>
      </header>
      {sections.map((section) => {
        const own = items.filter((item) => item.section === section && item.total !== 0);
        if (own.length === 0) return null;
        return (
          <section key={section} data-section={section}>
            <h3>{t(`tools.section.${section}`)}</h3>
            {AS_TABLE.includes(section) ? (
              <Totals items={own} lang={lang} />
            ) : (
              own.map((item) => <Item key={item.layer} item={item} lang={lang} />)
            )}
          </section>
        );
      })}
      <p className="om-dim">{t('tools.inside.note')}</p>
    </article>
  );
}

/** A total as people read it, in the unit of its item. */
function amount(t: TFunction, total: number | null, { measure, k }: InsideItem, lang: Language): string {
  if (total === null) return t('tools.under', { k });
  if (measure === 'metres') return length(total, lang);
  return measure === 'squareMetres' ? area(total, lang) : number(total, lang);
}

function Totals({ items, lang }: { items: readonly InsideItem[]; lang: Language }) {
  const { t } = useTranslation();
  return (
    <table className="om-table">
      <tbody>
        {items
          .toSorted((a, b) => (b.total ?? 0) - (a.total ?? 0))
          .map((item) => (
            <tr key={item.layer} data-layer={item.layer}>
              <td>{pick(item.title, lang)}</td>
              <td>{amount(t, item.total, item, lang)}</td>
            </tr>
          ))}
      </tbody>
    </table>
  );
}

function Item({ item, lang }: { item: InsideItem; lang: Language }) {
  const { t } = useTranslation();
  return (
    <div className="om-report-item" data-layer={item.layer}>
      <p className="om-report-total">
        <span>
          {pick(item.title, lang)}
          {item.where && <small> ({pick(item.where.value, lang)})</small>}
        </span>
        <b>{amount(t, item.total, item, lang)}</b>
      </p>
      {item.ages && <Ages item={item} ages={item.ages} lang={lang} />}
      {item.groups.map(({ field, title, values }) => (
        <BarList
          key={field}
          label={pick(title, lang)}
          items={values
            .toSorted((a, b) => (b.total ?? 0) - (a.total ?? 0))
            .map((each) => ({
              key: String(each.value),
              label: pick(each.title, lang),
              value: each.total ?? 0,
              text: each.total === null ? t('legend.withheld') : amount(t, each.total, item, lang),
            }))}
        />
      ))}
      {item.named && (
        <ul className="om-named">
          {item.named.map(({ fid, name }) => (
            <li key={fid}>{name}</li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** The pyramid: a table whose cells have bars. */
function Ages(props: { item: InsideItem; ages: NonNullable<InsideItem['ages']>; lang: Language }) {
  const { item, ages, lang } = props;
  const { t } = useTranslation();
  const most = Math.max(1, ...ages.bands.flatMap(({ totals }) => totals.map((total) => total ?? 0)));
  return (
    <table className="om-table om-pyramid">
      <caption>{t('tools.ages')}</caption>
      <thead>
        <tr>
          <th scope="col">{t('tools.age')}</th>
          {ages.values.map(({ value, title }) => (
            <th scope="col" key={value}>
              {pick(title, lang)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {ages.bands.toReversed().map(({ from, to, totals }) => (
          <tr key={from}>
            <th scope="row">{to === null ? `${from}+` : `${from}–${to}`}</th>
            {totals.map((total, index) => (
              <td key={ages.values[index]?.value}>
                <span
                  className="om-pyramid-bar"
                  aria-hidden="true"
                  style={{ width: `${(100 * (total ?? 0)) / most}%`, background: `var(--om-series-${index})` }}
                />
                <span>{total === null ? '·' : number(total, lang)}</span>
                {total === null && <span className="om-hidden">{t('state.withheld', { k: item.k })}</span>}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
