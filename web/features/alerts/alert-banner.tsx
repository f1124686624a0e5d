import { useTranslation } from 'react-i18next';
import type { Alert } from '../../../server/app.ts';
import { pick } from '../../i18n/i18n.ts';
import { asSeverity } from '../../map/severity-shape.ts';
import { clock } from '../../time.ts';
import { SeverityMark } from '../../ui/severity-mark.tsx';
import type { Language } from '../../url-state.ts';

const MOST_SHOWN = 2;

/** Warnings in force, the gravest first: shape, colour and words. Nothing where there are none. */
export function AlertBanner({ alerts, lang }: { alerts: readonly Alert[]; lang: Language }) {
  const { t } = useTranslation();
  if (alerts.length === 0) return null;
  return (
    <ul className="om-alerts" aria-label={t('alerts.title')} aria-live="polite">
      {alerts.slice(0, MOST_SHOWN).map((alert) => {
        const severity = asSeverity(alert.severity);
        return (
          <li key={alert.id} className={`om-alert om-alert-${severity}`} title={pick(alert.description, lang)}>
            <SeverityMark severity={severity} />
            <span>
              {alert.status !== 'Actual' && <em>{t('alerts.exercise')} </em>}
              <b>{t(`alerts.level.${severity}`)}</b> {pick(alert.headline, lang)}
            </span>
            <span className="om-dim">
              {pick(alert.areas[0]?.description, lang)}
              {alert.expires !== null && ` · ${t('alerts.until', { time: clock(Date.parse(alert.expires), lang) })}`}
            </span>
          </li>
        );
      })}
      {alerts.length > MOST_SHOWN && (
        <li className="om-alert om-dim">{t('alerts.more', { count: alerts.length - MOST_SHOWN })}</li>
      )}
    </ul>
  );
}
