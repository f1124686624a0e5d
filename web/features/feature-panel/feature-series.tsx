import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LayerDetail } from '../../../server/app.ts';
import { useSeries } from '../../api.ts';
import { pick } from '../../i18n/i18n.ts';
import { light } from '../../theme.ts';
import { dateTime } from '../../time.ts';
import { Answer } from '../../ui/answer.tsx';
import type { Language } from '../../url-state.ts';

const SeriesChart = lazy(() => import('../../ui/series-chart.tsx'));
/** Days before the newest reading. */
const RANGES = [1, 3, 7] as const;
const DAY_MS = 86_400_000;

export interface FeatureSeriesProps {
  definition: LayerDetail;
  fid: string;
  lang: Language;
}

/** The readings of a feature of a live layer over the last days, one value at a time. */
export function FeatureSeries({ definition, fid, lang }: FeatureSeriesProps) {
  const { t } = useTranslation();
  const [days, setDays] = useState<(typeof RANGES)[number]>(3);
  const [field, setField] = useState<string | null>(null);
  const series = useSeries(definition.id, fid);
  if (definition.series === null) return null;
  return (
    <section className="om-series" aria-label={t('series.title')} data-testid="series">
      <header className="om-series-head">
        <strong>{t('series.title')}</strong>
        <span role="group" aria-label={t('series.range')}>
          {RANGES.map((range) => (
            <button
              key={range}
              type="button"
              className="om-button"
              aria-pressed={range === days}
              onClick={() => setDays(range)}
            >
              {t('series.days', { count: range })}
            </button>
          ))}
        </span>
      </header>
      <Answer query={series} isEmpty={({ times }) => times.length === 0}>
        {(answer) => {
          const index = Math.max(
            0,
            answer.values.findIndex(({ name }) => name === field),
          );
          const value = answer.values[index];
          const newest = Date.parse(answer.times.at(-1) ?? answer.to);
          const first = answer.times.findIndex((time) => Date.parse(time) >= newest - days * DAY_MS);
          const title = `${pick(value?.title, lang)}${value?.unit ? ` (${value.unit})` : ''}`;
          return (
            <>
              {answer.values.length > 1 && (
                <span role="group" aria-label={t('series.value')} className="om-series-values">
                  {answer.values.map(({ name, title: each }, i) => (
                    <button
                      key={name}
                      type="button"
                      className="om-button"
                      aria-pressed={i === index}
                      onClick={() => setField(name)}
                    >
                      {pick(each, lang)}
                    </button>
                  ))}
                </span>
              )}
              <Suspense fallback={<p className="om-state">{t('state.loading')}</p>}>
                <SeriesChart
                  series={cut(answer, Math.max(0, first))}
                  index={index}
                  label={`${t('series.title')}: ${title}`}
                  titles={{ time: t('series.time'), avg: t('series.avg'), range: t('series.minMax') }}
                  palette={light}
                  lang={lang}
                />
              </Suspense>
              <small className="om-dim">{`${title} · ${t('series.until', { time: dateTime(newest, lang) })}`}</small>
            </>
          );
        }}
      </Answer>
    </section>
  );
}

type Readings = NonNullable<ReturnType<typeof useSeries>['data']>;

/** The readings from the one at `first` on. */
function cut(series: Readings, first: number): Readings {
  return {
    ...series,
    times: series.times.slice(first),
    counts: series.counts.slice(first),
    values: series.values.map((value) => ({
      ...value,
      min: value.min.slice(first),
      avg: value.avg.slice(first),
      max: value.max.slice(first),
    })),
  };
}
