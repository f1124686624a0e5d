import { useTranslation } from 'react-i18next';
import type { Alarm } from '../../../server/app.ts';
import { pick } from '../../i18n/i18n.ts';
import { asSeverity } from '../../map/severity-shape.ts';
import { dateTime } from '../../time.ts';
import { SeverityMark } from '../../ui/severity-mark.tsx';
import type { Language } from '../../url-state.ts';
import { useAlarmTitle } from './use-alarm-title.ts';

/** An alarm in words: what, how severe, how often, and how it stands. */
export function AlarmFacts({ alarm, lang }: { alarm: Alarm; lang: Language }) {
  const { t } = useTranslation();
  const titleOf = useAlarmTitle();
  const stands = alarm.clearedAt
    ? alarm.clearedBy
      ? 'cleared'
      : 'over'
    : alarm.acknowledgedAt
      ? 'acknowledged'
      : 'open';
  return (
    <>
      <span className="om-alarm-title">
        <SeverityMark severity={asSeverity(alarm.severity)} />
        <b>{t(`severity.short.${asSeverity(alarm.severity)}`)}</b> {titleOf(alarm, lang)}
      </span>
      <small className="om-dim">
        {pick(alarm.ruleName, lang)} · {dateTime(Date.parse(alarm.raisedAt), lang)}
        {alarm.count > 1 && ` · ${t('rules.times', { count: alarm.count })}`} · {t(`rules.alarm.${stands}`)}
        {alarm.incident !== null && ` · ${t('rules.alarm.incident', { id: String(alarm.incident) })}`}
      </small>
    </>
  );
}
