import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { IndicatorCases } from '../../../server/app.ts';
import { useIndicatorCases, useIndicatorTrend } from '../../api/incidents.ts';
import { pick } from '../../i18n/i18n.ts';
import { townAndCommunity, type PlaceNames } from '../../place-names.ts';
import { dateTime, number, today } from '../../time.ts';
import { Answer } from '../../ui/answer.tsx';
import { SeverityMark } from '../../ui/severity-mark.tsx';
import { asSeverity } from '../../map/severity-shape.ts';
import { rangeOf, Sparkline } from '../../ui/sparkline.tsx';
import { emptyState, FIGURE_SIDES, formatUrlState, type FigureChoice, type Language } from '../../url-state.ts';
import { useWorkflow } from '../../api/workflow.ts';
import { stepOf } from './days-of.ts';
import { figureText, type Definition, type Group } from './figure-text.ts';

export interface FigurePanelProps {
  choice: FigureChoice;
  definition: Definition;
  indicators: readonly Definition[];
  group: Group;
  district: Group | undefined;
  title: string;
  by: string;
  days: { from: string; to: string };
  names: PlaceNames;
  lang: Language;
  onChange: (choice: FigureChoice | null) => void;
}

/** One figure looked into: what it was made of, how it went over time, and the very incidents that were counted. */
export function FigurePanel(props: FigurePanelProps) {
  const { choice, definition, indicators, group, district, title, by, days, names, lang, onChange } = props;
  const { t } = useTranslation();
  const heading = useRef<HTMLHeadingElement>(null);
  // The table makes a panel of its own for each figure.
  useEffect(() => {
    heading.current?.focus({ preventScroll: true });
    heading.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  const value = group.values[definition.id];
  const whole = district?.values[definition.id];
  const text = (amount: number | null | undefined) => figureText(t, definition, amount, lang);
  const isWhole = choice.key === '*';
  return (
    <section
      className="om-behind"
      aria-labelledby="figure-title"
      data-testid="figure"
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        onChange(null);
      }}
    >
      <header>
        <h3 id="figure-title" ref={heading} tabIndex={-1}>
          {t('behind.of', { name: title, title: pick(definition.title, lang) })} <b>{text(value?.value)}</b>
        </h3>
        <button
          type="button"
          className="om-close om-noprint"
          aria-label={t('panel.close')}
          onClick={() => onChange(null)}
        >
          ✕
        </button>
      </header>
      <div className="om-behind-parts">
        <div>
          <dl className="om-pairs">
            {value?.of && (
              <div>
                <dt>{t('behind.made')}</dt>
                <dd>
                  {number(value.of[0], lang)} ÷ {number(value.of[1], lang)}
                </dd>
              </div>
            )}
            <div>
              <dt>{t('indicators.previous')}</dt>
              <dd>{text(value?.previous)}</dd>
            </div>
            <div>
              <dt>{t('indicators.lastYear')}</dt>
              <dd>{text(value?.lastYear)}</dd>
            </div>
            {!isWhole && (
              <div>
                <dt>{t('lead.district')}</dt>
                <dd>{text(whole?.value)}</dd>
              </div>
            )}
          </dl>
          <Trend {...{ definition, by, days, title, lang }} groupKey={isWhole ? null : group.key} isWhole={isWhole} />
        </div>
        {definition.parts ? (
          <Parts
            {...{ definition, indicators, group, lang }}
            onOpen={(id) => onChange({ ...choice, id, side: null })}
          />
        ) : (
          <Cases {...{ choice, definition, group, by, days, names, lang, onChange }} />
        )}
      </div>
    </section>
  );
}

/** The figure over the period beside that of the district, and in words. */
function Trend(props: {
  definition: Definition;
  by: string;
  days: { from: string; to: string };
  title: string;
  lang: Language;
  groupKey: string | null;
  isWhole: boolean;
}) {
  const { definition, by, days, title, lang, groupKey, isWhole } = props;
  const { t } = useTranslation();
  const step = stepOf(days);
  const own = useIndicatorTrend(definition.id, isWhole ? 'district' : by, days.from, days.to, step);
  const district = useIndicatorTrend(definition.id, 'district', days.from, days.to, step);
  const measure = isWhole ? undefined : district.data?.groups[0]?.values;
  return (
    <Answer query={own}>
      {({ groups, steps }) => {
        const values = (isWhole ? groups[0] : groups.find(({ key }) => key === groupKey))?.values ?? [];
        const known = values.flatMap((value, index) =>
          value === null ? [] : [`${day(steps[index]?.from)} ${figureText(t, definition, value, lang)}`],
        );
        if (known.length === 0) return <p className="om-dim">{t('state.empty')}</p>;
        const [low, high] = rangeOf([values, measure ?? []]);
        return (
          <figure className="om-behind-trend">
            <Sparkline
              values={values}
              measure={measure}
              range={[low, high]}
              label={`${title}: ${known.join(t('finding.join'))}`}
            />
            <figcaption>
              {t(`behind.step.${step}`)} · {figureText(t, definition, low, lang)} –{' '}
              {figureText(t, definition, high, lang)}
              {measure && (
                <>
                  {' · '}
                  <i className="om-spark-key" aria-hidden="true" /> {t('lead.district')}
                </>
              )}
            </figcaption>
          </figure>
        );
      }}
    </Answer>
  );
}

/** Month and day in Shanghai of a moment. */
function day(time: string | undefined): string {
  return time === undefined ? '' : today(Date.parse(time)).slice(5);
}

/** What a score is made of: each part with its weight and the points it brought. */
function Parts(props: {
  definition: Definition;
  indicators: readonly Definition[];
  group: Group;
  lang: Language;
  onOpen: (id: string) => void;
}) {
  const { definition, indicators, group, lang, onOpen } = props;
  const { t } = useTranslation();
  const parts = (definition.parts ?? []).map((part) => {
    const value = group.values[part.id]?.value ?? null;
    return { ...part, value, points: value === null ? null : part.weight * (part.rest ? 1 - value : value) };
  });
  const known = parts.filter(({ points }) => points !== null).reduce((sum, { weight }) => sum + weight, 0);
  return (
    <div>
      <table className="om-table">
        <caption>{t('behind.parts')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('behind.part')}</th>
            <th scope="col">{t('behind.value')}</th>
            <th scope="col">{t('behind.points')}</th>
          </tr>
        </thead>
        <tbody>
          {parts.map(({ id, weight, value, points }) => {
            const part = indicators.find((each) => each.id === id);
            return (
              <tr key={id}>
                <th scope="row">
                  <button type="button" className="om-link" onClick={() => onOpen(id)}>
                    {pick(part?.title, lang) || id}
                  </button>
                </th>
                <td>{part ? figureText(t, part, value, lang) : '–'}</td>
                <td>{points === null ? '–' : t('behind.pointsOf', { points: number(points, lang, 1), weight })}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {known < 100 && <p className="om-dim om-small">{t('behind.partly', { weight: known })}</p>}
    </div>
  );
}

/** Those that tell most: what is missing where more is better, what was counted where less is; all where there are none. */
function standardSide({ better }: Definition, counts: IndicatorCases['counts']): FigureChoice['side'] {
  const wanted = better === 'more' ? 'rest' : 'part';
  return (counts[wanted] ?? 0) > 0 ? wanted : 'all';
}

function Cases(props: Omit<FigurePanelProps, 'indicators' | 'district' | 'title'>) {
  const { choice, definition, by, days, names, lang, onChange } = props;
  const { t } = useTranslation();
  const key = choice.key === '*' ? null : choice.key;
  const base = { indicator: definition.id, by, ...days, key };
  // Which sides there are is known once any was read.
  const first = useIndicatorCases({ ...base, side: 'all' });
  const counts = first.data?.pages[0]?.counts ?? {};
  const side =
    choice.side !== null && counts[choice.side] !== undefined ? choice.side : standardSide(definition, counts);
  const query = useIndicatorCases(first.data && side !== null ? { ...base, side } : null);
  const sides = FIGURE_SIDES.filter((each) => counts[each] !== undefined);
  return (
    <div>
      {sides.length > 1 && (
        <div className="om-sides om-noprint" role="group" aria-label={t('behind.sides')}>
          {sides.map((each) => (
            <button
              key={each}
              type="button"
              className="om-button"
              aria-pressed={each === side}
              onClick={() => onChange({ ...choice, side: each })}
            >
              {t(`behind.side.${each}`)} {number(counts[each] ?? 0, lang)}
            </button>
          ))}
        </div>
      )}
      <Answer query={first.data ? query : first}>
        {({ pages }) => {
          const cases = pages.flatMap((page) => page.cases);
          if (cases.length === 0) return <p className="om-dim">{t('behind.noCases')}</p>;
          return (
            <>
              <ol className="om-cases" data-testid="figure-cases">
                {cases.map((each, index) => (
                  <CaseLine key={`${each.incident.id}-${index}`} each={each} names={names} lang={lang} />
                ))}
              </ol>
              {query.hasNextPage && (
                <button
                  type="button"
                  className="om-button om-more"
                  disabled={query.isFetchingNextPage}
                  onClick={() => void query.fetchNextPage()}
                >
                  {t('data.more')}
                </button>
              )}
            </>
          );
        }}
      </Answer>
    </div>
  );
}

function CaseLine(props: { each: IndicatorCases['cases'][number]; names: PlaceNames; lang: Language }) {
  const { each, names, lang } = props;
  const { t } = useTranslation();
  const { incident, at, minutes, inTime } = each;
  const stage = useWorkflow().data?.stages.find(({ id }) => id === incident.stage);
  const place = townAndCommunity(incident.grid, names);
  const camera = { lng: incident.lon, lat: incident.lat, zoom: 15, pitch: 0, bearing: 0 };
  const href = `/wall${formatUrlState({ ...emptyState, lang, camera, selection: { kind: 'incident', id: incident.id } })}`;
  const severity = asSeverity(incident.severity);
  return (
    <li>
      <SeverityMark severity={severity} label={t(`severity.${severity}`)} />
      <span>
        <Link href={href} className="om-link">
          {incident.title}
        </Link>
        <small className="om-dim om-block">
          {[pick(stage?.title, lang) || incident.stage, place].filter(Boolean).join(' · ')}
        </small>
      </span>
      <small className="om-dim">
        {minutes !== null && <>{figureText(t, { unit: 'minutes' }, minutes, lang)} · </>}
        {inTime === false && <b className="om-tone-bad">{t('behind.late')} </b>}
        {dateTime(Date.parse(at), lang)}
      </small>
    </li>
  );
}
