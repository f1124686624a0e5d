import { NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Backtest } from '../../../server/app.ts';
import { dateTime, duration, number } from '../../time.ts';
import { BarList } from '../../ui/bar-list.tsx';
import { Failure } from '../../ui/answer.tsx';
import { Panel } from '../../ui/panel.tsx';
import type { Language } from '../../url-state.ts';
import { BacktestTimeline } from './backtest-timeline.tsx';
import { useAlarmTitle } from './use-alarm-title.ts';

const DAYS = [1, 3, 7, 30];

export interface BacktestPanelProps {
  lang: Language;
  result: Backtest | null;
  onRun: (days: number) => Promise<void>;
  onPlace: (place: { lng: number; lat: number }) => void;
}

/** What the rule would have raised: how often on each day, and each alarm with its place. */
export function BacktestPanel({ lang, result, onRun, onPlace }: BacktestPanelProps) {
  const { t } = useTranslation();
  const titleOf = useAlarmTitle();
  const [days, setDays] = useState(3);
  const [isRunning, setIsRunning] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const run = () => {
    setIsRunning(true);
    setError(null);
    onRun(days)
      .catch(setError)
      .finally(() => setIsRunning(false));
  };
  return (
    <Panel title={t('rules.backtest')}>
      <div className="om-rule-tabs">
        <NativeSelect
          size="xs"
          aria-label={t('rules.period')}
          value={String(days)}
          data={DAYS.map((value) => ({ value: String(value), label: t('rules.lastDays', { count: value }) }))}
          onChange={(event) => setDays(Number(event.currentTarget.value))}
        />
        <button type="button" className="om-button om-button-strong" disabled={isRunning} onClick={run}>
          {t(isRunning ? 'rules.testing' : 'rules.test')}
        </button>
      </div>
      {error && <Failure error={error} />}
      {!error && !result && <p className="om-dim">{t('rules.testHelp')}</p>}
      {result && (
        <div data-testid="backtest" role="status">
          <p>
            <b>{t('rules.wouldRaise', { count: result.raised })}</b>{' '}
            <span className="om-dim">
              {t('rules.inputs', { count: result.inputs })}
              {result.watched !== null && ` · ${t('rules.watched', { count: result.watched })}`}
            </span>
          </p>
          {(result.knownFrom === null || Date.parse(result.knownFrom) > Date.parse(result.from)) && (
            <p className="om-dim">
              {result.knownFrom === null
                ? t('rules.knownNothing')
                : t('rules.knownFrom', { time: dateTime(Date.parse(result.knownFrom), lang) })}
            </p>
          )}
          <BarList
            label={t('rules.perDay')}
            items={result.days.map(({ day, raised, inputs }) => ({
              key: day,
              label: day.slice(5),
              value: raised,
              // A day of which nothing is stored is not a quiet one.
              text: inputs === 0 ? '–' : number(raised, lang),
            }))}
          />
          <BacktestTimeline
            result={result}
            lang={lang}
            onPick={({ lon, lat }) => lon !== null && lat !== null && onPlace({ lng: lon, lat })}
          />
          {result.alarms.length > 0 && (
            <div className="om-table-scroll" tabIndex={0} role="region" aria-label={t('rules.wouldBe')}>
              <table className="om-table">
                <thead>
                  <tr>
                    <th scope="col">{t('rules.column.raised')}</th>
                    <th scope="col">{t('rules.column.what')}</th>
                    <th scope="col">{t('rules.column.value')}</th>
                    <th scope="col">{t('rules.column.lasted')}</th>
                    <th scope="col">{t('rules.column.times')}</th>
                  </tr>
                </thead>
                <tbody>
                  {result.alarms.map((alarm) => (
                    <tr key={`${alarm.originator} ${alarm.raisedAt}`}>
                      <td>{dateTime(Date.parse(alarm.raisedAt), lang)}</td>
                      <td>
                        <button
                          type="button"
                          className="om-link"
                          disabled={alarm.lon === null}
                          onClick={() =>
                            alarm.lon !== null && alarm.lat !== null && onPlace({ lng: alarm.lon, lat: alarm.lat })
                          }
                        >
                          {titleOf(alarm, lang)}
                        </button>
                      </td>
                      <td>{alarm.value === null ? '–' : number(Math.round(alarm.value * 100) / 100, lang)}</td>
                      <td>
                        {alarm.clearedAt === null
                          ? t('rules.stillOpen')
                          : duration(Date.parse(alarm.clearedAt) - Date.parse(alarm.raisedAt), lang)}
                      </td>
                      <td>{number(alarm.count, lang)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
          {result.alarms.length < result.raised && (
            <p className="om-dim">
              {t('rules.shown', { shown: result.alarms.length, total: number(result.raised, lang) })}
            </p>
          )}
        </div>
      )}
    </Panel>
  );
}
