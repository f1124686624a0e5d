import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { Alarm } from '../../../server/app.ts';
import { answerAlarm, useAlarms } from '../../alarms.ts';
import { asSeverity } from '../../map/severity-shape.ts';
import { duration, number } from '../../time.ts';
import { Failure } from '../../ui/answer.tsx';
import { SeverityMark } from '../../ui/severity-mark.tsx';
import { useHold } from '../../ui/use-hold.ts';
import { useNow } from '../../ui/use-now.ts';
import { languageQuery, type Language } from '../../url-state.ts';
import { mostUrgentAlarms } from './most-urgent-alarms.ts';
import { useAlarmTitle } from './use-alarm-title.ts';

/** Alarms that there is room for beside the map. */
const SHOWN = 4;
/** Open alarms that are asked for: those on the map and those that are chosen from. */
const ASKED = 200;

/** Open alarms, for the list and for the map. */
export function useOpenAlarms() {
  return useAlarms('open', ASKED).data;
}

/**
 * The open alarms that matter most, each to be looked at, acknowledged and cleared in its place; nothing while there is none, and
 * for those who may not see them. The ring before the title is the ring on the map.
 */
export function AlarmStrip({
  lang,
  selected,
  onSelect,
}: {
  lang: Language;
  selected: number | null;
  onSelect: (alarm: Alarm) => void;
}) {
  const { t } = useTranslation();
  const data = useOpenAlarms();
  const titleOf = useAlarmTitle();
  const now = useNow(5_000);
  const client = useQueryClient();
  const [pending, setPending] = useState<number | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const { isHeld, handlers } = useHold();
  const [held, setHeld] = useState<readonly number[] | null>(null);
  if (!data || data.open === 0) return null;
  const answer = (id: number, act: 'acknowledge' | 'clear') => {
    setPending(id);
    setError(null);
    void answerAlarm(id, act)
      .then(() => client.invalidateQueries({ queryKey: ['alarms'] }))
      .catch(setError)
      .finally(() => setPending(null));
  };
  // What is under a finger stays there, while it is open.
  const byId = new Map(data.alarms.map((alarm) => [alarm.id, alarm]));
  const urgent = mostUrgentAlarms(data.alarms, SHOWN);
  if (isHeld && held === null) setHeld(urgent.map(({ id }) => id));
  if (!isHeld && held !== null) setHeld(null);
  const first = held === null ? urgent : held.flatMap((id) => byId.get(id) ?? []);
  const unseen = data.unacknowledged;
  return (
    <section className="om-alarm-strip" aria-label={t('rules.alarms')} data-testid="alarm-strip">
      <Link href={`/rules${languageQuery(lang)}`} className="om-alarm-count">
        <i className="om-alarm-ring" aria-hidden="true" />
        {t('rules.alarms')} <b>{number(data.open, lang)}</b>
        {/* Read out when it changes; the titles of a flood are not. */}
        <span className={unseen > 0 ? 'om-tone-warn' : 'om-dim'} aria-live="polite">
          {unseen > 0
            ? t('rules.unseen', { count: unseen, text: number(unseen, lang) })
            : t('rules.alarm.acknowledged')}
        </span>
      </Link>
      <ul {...handlers}>
        {first.map((alarm) => {
          const isSeen = alarm.acknowledgedAt !== null;
          return (
            <li key={alarm.id} data-alarm={alarm.id} data-seen={isSeen || undefined}>
              <button
                type="button"
                className="om-alarm-go"
                disabled={alarm.lon === null}
                aria-current={alarm.id === selected || undefined}
                onClick={() => onSelect(alarm)}
              >
                <SeverityMark
                  severity={asSeverity(alarm.severity)}
                  label={t(`severity.${asSeverity(alarm.severity)}`)}
                />
                <span>
                  <b>{titleOf(alarm, lang)}</b>
                  <small>
                    {t('queue.elapsed', { time: duration(now - Date.parse(alarm.raisedAt), lang) })}
                    {alarm.count > 1 && ` · ${t('rules.times', { count: alarm.count })}`}
                    {isSeen && ` · ${t('rules.alarm.acknowledged')}`}
                    {alarm.incident !== null && ` · ${t('rules.alarm.incident', { id: String(alarm.incident) })}`}
                  </small>
                </span>
              </button>
              <button
                type="button"
                className="om-button"
                disabled={pending === alarm.id}
                aria-label={`${t(isSeen ? 'rules.clear' : 'rules.acknowledge')}: ${titleOf(alarm, lang)}`}
                onClick={() => answer(alarm.id, isSeen ? 'clear' : 'acknowledge')}
              >
                {t(isSeen ? 'rules.clear' : 'rules.acknowledge')}
              </button>
            </li>
          );
        })}
      </ul>
      {data.open > first.length && (
        <Link href={`/rules${languageQuery(lang)}`} className="om-alarm-more">
          {t('rules.moreAlarms', { count: data.open - first.length, text: number(data.open - first.length, lang) })}
        </Link>
      )}
      {error && <Failure error={error} onRetry={() => setError(null)} />}
    </section>
  );
}
