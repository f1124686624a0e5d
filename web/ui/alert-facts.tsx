import { useTranslation } from 'react-i18next';
import type { Alert } from '../../server/app.ts';
import { pick } from '../i18n/i18n.ts';
import { asSeverity } from '../map/severity-shape.ts';
import { dateTime } from '../time.ts';
import type { Language } from '../url-state.ts';
import { SeverityMark } from './severity-mark.tsx';

/** A warning in full: level, words, what to do, where, from when until when, and by whom. */
export function AlertFacts({ alert, lang }: { alert: Alert; lang: Language }) {
  const { t } = useTranslation();
  const severity = asSeverity(alert.severity);
  const time = (text: string) => dateTime(Date.parse(text), lang);
  return (
    <div className="om-alert-facts">
      <h3 className="om-detail-title">
        <SeverityMark severity={severity} label={t(`severity.${severity}`)} /> {pick(alert.headline, lang)}
      </h3>
      {alert.status !== 'Actual' && (
        <p>
          <b>{t('alerts.exercise')}</b>
        </p>
      )}
      {pick(alert.description, lang) && <p className="om-words">{pick(alert.description, lang)}</p>}
      {pick(alert.instruction, lang) && (
        <p className="om-words">
          <b>{t('warn.instruction')}</b> {pick(alert.instruction, lang)}
        </p>
      )}
      <dl className="om-pairs">
        <div>
          <dt>{t('warn.level')}</dt>
          <dd>{t(`severity.${severity}`)}</dd>
        </div>
        <div>
          <dt>{t('warn.event')}</dt>
          <dd>{pick(alert.event, lang)}</dd>
        </div>
        <div>
          <dt>{t('warn.area')}</dt>
          <dd>{alert.areas.map(({ description }) => pick(description, lang)).join(lang === 'zh' ? '、' : ', ')}</dd>
        </div>
        <div>
          <dt>{t('warn.sent')}</dt>
          <dd>{time(alert.sent)}</dd>
        </div>
        {alert.onset !== null && (
          <div>
            <dt>{t('warn.onset')}</dt>
            <dd>{time(alert.onset)}</dd>
          </div>
        )}
        {alert.expires !== null && (
          <div>
            <dt>{t('warn.expires')}</dt>
            <dd>{time(alert.expires)}</dd>
          </div>
        )}
        <div>
          <dt>{t('warn.sender')}</dt>
          <dd>{alert.senderName ?? alert.sender}</dd>
        </div>
      </dl>
      <p>
        <a href={`/api/alerts/${alert.id}.cap`} target="_blank" rel="noreferrer">
          {t('warn.cap')}
        </a>
      </p>
    </div>
  );
}
