import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { LayerSummary } from '../../../server/app.ts';
import { useAreaCounts } from '../../api/counts.ts';
import { useIncidentStats } from '../../api/incidents.ts';
import type { PlaceNames } from '../../place-names.ts';
import { number, percent } from '../../time.ts';
import { Answer } from '../../ui/answer.tsx';
import { Panel } from '../../ui/panel.tsx';
import { emptyState, formatUrlState, type Language } from '../../url-state.ts';
import { districtStanding, rankTowns, type TownStanding } from './rank-towns.ts';

/** A share of one town beside the district's: bar, number, and a sign where it is above. */
function Share(props: { value: number | null; district: number | null; most: number; text: string; isBad: boolean }) {
  const { t } = useTranslation();
  const { value, district, most, text, isBad } = props;
  const isBehind = value !== null && district !== null && value > district;
  return (
    <span className={`om-share ${isBehind ? 'om-share-behind' : ''}`} data-bad={isBad || undefined}>
      <span className="om-share-text">
        {isBehind && (
          <>
            <i aria-hidden="true">▲</i>
            <span className="om-hidden">{t('lead.behind')} </span>
          </>
        )}
        {text}
      </span>
      <span className="om-share-track" aria-hidden="true">
        <span style={{ width: `${most > 0 ? (100 * (value ?? 0)) / most : 0}%` }} />
      </span>
    </span>
  );
}

/** A count; where it is withheld, that and why. */
function Figure(props: { value: number | null; answer: ReturnType<typeof useAreaCounts>['data']; lang: Language }) {
  const { t } = useTranslation();
  const { value, answer, lang } = props;
  if (value !== null || answer === undefined) return number(value, lang);
  const why = t('lead.withheld', { k: answer.suppressed.k });
  return (
    <span className="om-withheld" title={why} data-testid="withheld">
      {t('lead.withheld.short')}
      <span className="om-hidden"> {why}</span>
    </span>
  );
}

/** Towns side by side, furthest behind first, with the district as the measure. */
export function League(props: { catalogue: readonly LayerSummary[]; names: PlaceNames; lang: Language }) {
  const { catalogue, names, lang } = props;
  const { t } = useTranslation();
  const stats = useIncidentStats('town');
  const loaded = (id: string) => (catalogue.some((layer) => layer.id === id && layer.load !== null) ? id : null);
  const people = useAreaCounts(loaded('person'), 'town', null);
  const firms = useAreaCounts(loaded('enterprise'), 'town', null);
  // What the reader may not see has no columns: they would be empty for ever.
  const [hasPeople, hasFirms] = [loaded('person') !== null, loaded('enterprise') !== null];
  const towns = [...names].filter(([code]) => code.endsWith('000'));
  const countOf = (counts: typeof people.data, code: string) => counts?.counts[counts.codes.indexOf(code)] ?? null;
  return (
    <Panel title={t('lead.league')} className="om-league">
      <Answer query={stats} isEmpty={() => towns.length === 0}>
        {({ groups }) => {
          const figures = towns.map(([code, name]) => {
            const { open = 0, overdue = 0, created = 0, closed = 0 } = groups.find(({ key }) => key === code) ?? {};
            const residents = countOf(people.data, code);
            return { code, name, open, overdue, created, closed, residents, firms: countOf(firms.data, code) };
          });
          const district = districtStanding(figures, {
            residents: people.data?.total ?? null,
            firms: firms.data?.total ?? null,
          });
          const ranked = rankTowns(figures);
          const most = (of: (town: TownStanding) => number | null) =>
            Math.max(0, ...ranked.map((town) => of(town) ?? 0));
          const mostOverdue = most(({ overdueShare }) => overdueShare);
          const mostOpen = most(({ perTenThousand }) => perTenThousand);
          const cells = (town: TownStanding) => (
            <>
              <td>
                <Share
                  value={town.overdueShare}
                  district={district.overdueShare}
                  most={mostOverdue}
                  text={percent(town.overdueShare, lang)}
                  isBad
                />
              </td>
              {hasPeople && (
                <td>
                  <Share
                    value={town.perTenThousand}
                    district={district.perTenThousand}
                    most={mostOpen}
                    text={number(town.perTenThousand, lang, 1)}
                    isBad={false}
                  />
                </td>
              )}
              <td>{number(town.overdue, lang)}</td>
              <td>{number(town.open, lang)}</td>
              <td>{number(town.created, lang)}</td>
              <td>{number(town.closed, lang)}</td>
              {hasPeople && (
                <td>
                  <Figure value={town.residents} answer={people.data} lang={lang} />
                </td>
              )}
              {hasFirms && (
                <td>
                  <Figure value={town.firms} answer={firms.data} lang={lang} />
                </td>
              )}
            </>
          );
          return (
            <table className="om-table">
              <caption>{t('lead.order')}</caption>
              <thead>
                <tr>
                  {[
                    t('lead.town'),
                    t('lead.overdueRate'),
                    ...(hasPeople ? [t('lead.perTenThousand')] : []),
                    t('figure.overdue'),
                    t('figure.open'),
                    t('strip.created'),
                    t('strip.closed'),
                    ...(hasPeople ? [t('lead.residents')] : []),
                    ...(hasFirms ? [t('lead.firms')] : []),
                  ].map((title) => (
                    <th scope="col" key={title}>
                      {title}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {ranked.map((town) => (
                  <tr key={town.code}>
                    <th scope="row">
                      <Link
                        className="om-link"
                        href={`/plan${formatUrlState({ ...emptyState, lang, areas: hasPeople ? { layer: 'person', by: 'community' } : null, selection: { kind: 'cell', code: town.code } })}`}
                        title={t('lead.map')}
                      >
                        {town.name}
                      </Link>
                    </th>
                    {cells(town)}
                  </tr>
                ))}
              </tbody>
              <tfoot>
                <tr>
                  <th scope="row">{t('lead.district')}</th>
                  {cells(district)}
                </tr>
              </tfoot>
            </table>
          );
        }}
      </Answer>
    </Panel>
  );
}
