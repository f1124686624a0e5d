import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { useAlarms } from '../../alarms.ts';
import { pick } from '../../i18n/i18n.ts';
import { asSeverity } from '../../map/severity-shape.ts';
import { clock, number } from '../../time.ts';
import { SeverityMark } from '../../ui/severity-mark.tsx';
import { languageQuery, type Language } from '../../url-state.ts';

/** Alarms that a strip has room for: the most severe, of these the newest. */
const SHOWN = 4;

/** Open alarms in one line; nothing while there is none, and for those who may not see them. */
export function AlarmStrip({
  lang,
  onSelect,
}: {
  lang: Language;
  onSelect: (place: { lng: number; lat: number }) => void;
}) {
  const { t } = useTranslation();
  const { data } = useAlarms('open', 200);
  if (!data || data.open === 0) return null;
  const first = data.alarms.toSorted((a, b) => a.severity - b.severity || b.id - a.id).slice(0, SHOWN);
  return (
    <section className="om-alarm-strip" aria-label={t('rules.alarms')} aria-live="polite" data-testid="alarm-strip">
      <Link href={`/rules${languageQuery(lang)}`} className="om-alarm-count">
        {t('rules.alarms')} <b>{number(data.open, lang)}</b>
      </Link>
      <ul>
        {first.map((alarm) => (
          <li key={alarm.id}>
            <button
              type="button"
              disabled={alarm.lon === null}
              title={pick(alarm.ruleName, lang)}
              onClick={() => alarm.lon !== null && alarm.lat !== null && onSelect({ lng: alarm.lon, lat: alarm.lat })}
            >
              <SeverityMark severity={asSeverity(alarm.severity)} label={t(`severity.${asSeverity(alarm.severity)}`)} />
              <span>{pick(alarm.title, lang)}</span>
              <small>{clock(Date.parse(alarm.raisedAt), lang)}</small>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
