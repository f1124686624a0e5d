import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { sensorId } from '../../../layers/sensor.ts';
import type { LayerDetail } from '../../../server/app.ts';
import { useReadings } from '../../api/sensors.ts';
import { pick } from '../../i18n/i18n.ts';
import { light } from '../../theme.ts';
import { dateTime, number } from '../../time.ts';
import { Answer } from '../../ui/answer.tsx';
import type { Language } from '../../url-state.ts';

const SeriesChart = lazy(() => import('../../ui/series-chart.tsx'));
/** Days before the newest reading. */
const RANGES = [1, 3, 7] as const;

export interface SensorReadingsProps {
  definition: LayerDetail;
  /** Key of the feature in its layer. */
  feature: string;
  lang: Language;
}

/** What a sensor said last, whether it speaks, and its readings over the last days, one metric at a time. */
export function SensorReadings({ definition, feature, lang }: SensorReadingsProps) {
  const { t } = useTranslation();
  const [days, setDays] = useState<(typeof RANGES)[number]>(3);
  const [metric, setMetric] = useState<string | null>(null);
  const readings = useReadings(sensorId(definition.id, feature), days);
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
      <Answer query={readings} isEmpty={({ times, latest }) => times.length === 0 && latest.length === 0}>
        {(answer) => {
          const index = Math.max(
            0,
            answer.values.findIndex(({ name }) => name === metric),
          );
          const value = answer.values[index];
          const latest = answer.latest.find((each) => each.metric === value?.name);
          const unit = value?.unit ? ` ${value.unit}` : '';
          const title = `${pick(value?.title, lang)}${value?.unit ? ` (${value.unit})` : ''}`;
          return (
            <>
              {answer.silentSince !== null && (
                <p className="om-sensor-silent" role="status" data-testid="sensor-silent">
                  <span aria-hidden="true">⊘</span>{' '}
                  {t('sensor.silentSince', { time: dateTime(Date.parse(answer.silentSince), lang) })}
                </p>
              )}
              {answer.values.length > 1 && (
                <span role="group" aria-label={t('series.value')} className="om-series-values">
                  {answer.values.map(({ name, title: each }, i) => (
                    <button
                      key={name}
                      type="button"
                      className="om-button"
                      aria-pressed={i === index}
                      onClick={() => setMetric(name)}
                    >
                      {pick(each, lang)}
                    </button>
                  ))}
                </span>
              )}
              <Suspense fallback={<p className="om-state">{t('state.loading')}</p>}>
                <SeriesChart
                  series={answer}
                  index={index}
                  label={`${t('series.title')}: ${title}`}
                  titles={{ time: t('series.time'), avg: t('series.avg'), range: t('series.minMax') }}
                  palette={light}
                  lang={lang}
                />
              </Suspense>
              <small className="om-dim">
                {latest === undefined
                  ? title
                  : `${title} · ${t('sensor.latest', {
                      value: `${number(latest.value, lang, 2)}${unit}`,
                      time: dateTime(Date.parse(latest.at), lang),
                    })}`}
              </small>
            </>
          );
        }}
      </Answer>
    </section>
  );
}
