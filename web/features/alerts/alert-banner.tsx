import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Alert } from '../../../server/app.ts';
import { pick } from '../../i18n/i18n.ts';
import { asSeverity } from '../../map/severity-shape.ts';
import { clock, dateTime, today } from '../../time.ts';
import { SeverityMark } from '../../ui/severity-mark.tsx';
import type { Language } from '../../url-state.ts';

const MOST_SHOWN = 2;

/** The time of day; with the day where it is another one. */
function until(iso: string, lang: Language): string {
  const at = Date.parse(iso);
  return today(at) === today() ? clock(at, lang) : dateTime(at, lang);
}

/** Warnings in force, the gravest first: shape, colour and words; each leads to all it says. Nothing where there are none. */
export function AlertBanner(props: {
  alerts: readonly Alert[];
  lang: Language;
  selected: number | null;
  onSelect: (alert: Alert) => void;
}) {
  const { alerts, lang, selected, onSelect } = props;
  const { t } = useTranslation();
  const [isAll, setIsAll] = useState(false);
  if (alerts.length === 0) return null;
  return (
    <ul className="om-alerts" aria-label={t('alerts.title')} aria-live="polite">
      {(isAll ? alerts : alerts.slice(0, MOST_SHOWN)).map((alert) => {
        const severity = asSeverity(alert.severity);
        return (
          <li key={alert.id} className={`om-alert om-alert-${severity}`}>
            <button type="button" aria-pressed={alert.id === selected} onClick={() => onSelect(alert)}>
              <SeverityMark severity={severity} />
              <span>
                {alert.status !== 'Actual' && <em>{t('alerts.exercise')} </em>}
                <b>{t(`alerts.level.${severity}`)}</b> {pick(alert.headline, lang)}
              </span>
              <span className="om-dim">
                {pick(alert.areas[0]?.description, lang)}
                {alert.expires !== null && ` · ${t('alerts.until', { time: until(alert.expires, lang) })}`}
              </span>
            </button>
          </li>
        );
      })}
      {alerts.length > MOST_SHOWN && (
        <li className="om-alert om-dim">
          <button type="button" aria-expanded={isAll} onClick={() => setIsAll(!isAll)}>
            {isAll ? t('alerts.fewer') : t('alerts.more', { count: alerts.length - MOST_SHOWN })}
          </button>
        </li>
      )}
    </ul>
  );
}
