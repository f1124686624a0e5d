import { lazy, memo, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { useIncidentStats } from '../../api/incidents.ts';
import { part } from '../../load-part.ts';
import type { Palette } from '../../theme.ts';
import { Answer } from '../../ui/answer.tsx';
import { Panel } from '../../ui/panel.tsx';
import type { Language } from '../../url-state.ts';

const HourChart = lazy(part(() => import('../../ui/hour-chart.tsx')));

/** The last 24 hours, hour by hour. A chart is dear to draw: only for new figures. */
export const HourStrip = memo(function HourStrip({
  lang,
  palette,
  fontSize,
  title,
  at = null,
  onHour,
}: {
  lang: Language;
  palette: Palette;
  fontSize: number;
  title?: string;
  /** The 24 hours before this time, ISO 8601; null: before now. */
  at?: string | null;
  /** Shows an hour again; gets its beginning, ms since 1970. */
  onHour?: (at: number) => void;
}) {
  const { t } = useTranslation();
  const query = useIncidentStats('hour', at);
  return (
    <Panel
      title={title ?? t('strip.title')}
      className="om-strip"
      aside={
        <span className="om-keys">
          {onHour && (
            <button type="button" className="om-link" onClick={() => onHour(Date.now() - 3_600_000)}>
              {t('replay.title')}
            </button>
          )}
          <i style={{ background: palette.series[0] }} /> {t('strip.created')}{' '}
          <i style={{ background: palette.series[3] }} /> {t('strip.closed')}
        </span>
      }
    >
      <Answer query={query} isEmpty={({ groups }) => groups.length === 0}>
        {({ groups }) => (
          <Suspense fallback={<p className="om-state">{t('state.loading')}</p>}>
            <HourChart {...{ rows: groups, palette, lang, fontSize }} {...(onHour ? { onHour } : {})} />
          </Suspense>
        )}
      </Answer>
    </Panel>
  );
});
