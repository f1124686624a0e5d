import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { gravestFirst } from '../../gravest-first.ts';
import type { Alert } from '../../../server/app.ts';
import { isInForce } from '../../alerts.ts';
import { pick } from '../../i18n/i18n.ts';
import { asSeverity } from '../../map/severity-shape.ts';
import { dateTime } from '../../time.ts';
import { Panel } from '../../ui/panel.tsx';
import { SeverityMark } from '../../ui/severity-mark.tsx';
import { languageQuery, type Language } from '../../url-state.ts';

/** How a warning ended, or that it holds. */
export function standingOf(alert: Alert, now: number): 'active' | 'replaced' | 'cancelled' | 'expired' {
  if (isInForce(alert, now)) return 'active';
  return alert.state === 'active' ? 'expired' : alert.state;
}

/** Warnings in force, the gravest first, and those that are over, the newest first. */
export function WarningList(props: { alerts: readonly Alert[]; selected: number | null; now: number; lang: Language }) {
  const { alerts, selected, now, lang } = props;
  const { t } = useTranslation();
  const search = languageQuery(lang);
  const told = alerts.filter(({ msgType }) => msgType !== 'Cancel');
  const running = told.filter((alert) => isInForce(alert, now)).toSorted(gravestFirst);
  const over = told.filter((alert) => !isInForce(alert, now));
  const item = (alert: Alert) => (
    <li key={alert.id} data-alert={alert.id} data-state={standingOf(alert, now)}>
      <Link
        className="om-rule-open"
        href={`/warnings/${alert.id}${search}`}
        aria-current={alert.id === selected ? 'true' : undefined}
      >
        <span className="om-alarm-title">
          <SeverityMark severity={asSeverity(alert.severity)} label={t(`severity.${asSeverity(alert.severity)}`)} />
          {pick(alert.headline, lang)}
        </span>
        <small className="om-dim">
          {alert.status !== 'Actual' && `${t('alerts.exercise')} · `}
          {t(`warn.state.${standingOf(alert, now)}`)} · {dateTime(Date.parse(alert.sent), lang)}
          {alert.expires !== null &&
            isInForce(alert, now) &&
            ` · ${t('alerts.until', { time: dateTime(Date.parse(alert.expires), lang) })}`}
          {' · '}
          {pick(alert.areas[0]?.description, lang)}
        </small>
      </Link>
    </li>
  );
  return (
    <>
      <Panel
        title={t('warn.running')}
        aside={
          <Link className="om-button" href={`/warnings/new${search}`}>
            {t('warn.new')}
          </Link>
        }
      >
        {running.length === 0 ? (
          <p className="om-state">{t('warn.none')}</p>
        ) : (
          <ul className="om-rule-list" data-testid="warnings">
            {running.map(item)}
          </ul>
        )}
      </Panel>
      <Panel title={t('warn.history')} canFold>
        {over.length === 0 ? (
          <p className="om-state">{t('state.empty')}</p>
        ) : (
          <ul className="om-rule-list" data-testid="warnings-over">
            {over.slice(0, 100).map(item)}
          </ul>
        )}
      </Panel>
    </>
  );
}
