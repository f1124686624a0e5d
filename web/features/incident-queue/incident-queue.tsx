import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Incident } from '../../../server/app.ts';
import { clockNow } from '../../clock.ts';
import { useLive } from '../../live-store.ts';
import { asSeverity } from '../../map/severity-shape.ts';
import { communityOf, townOf, type PlaceNames } from '../../place-names.ts';
import { byUrgency, countsAsOpen, isNew } from '../../situation.ts';
import { SEVERITIES, type Severity } from '../../theme.ts';
import { duration, number } from '../../time.ts';
import { Panel } from '../../ui/panel.tsx';
import { SeverityMark } from '../../ui/severity-mark.tsx';
import { useNow } from '../../ui/use-now.ts';
import type { Language } from '../../url-state.ts';
import { lightAt, useWorkflow } from '../../workflow-api.ts';
import { pick } from '../../i18n/i18n.ts';

export interface IncidentQueueProps {
  lang: Language;
  names: PlaceNames;
  selected: number | null;
  onSelect: (incident: Incident) => void;
}

/** Open incidents, most urgent first, with their clocks: the map's text twin. A table to assistive technology. */
export function IncidentQueue({ lang, names, selected, onSelect }: IncidentQueueProps) {
  const { t } = useTranslation();
  const version = useLive((state) => state.version);
  const situation = useLive((state) => state.situation);
  const [severity, setSeverity] = useState<Severity | null>(null);
  const now = useNow(1_000);
  // New rows settle and time limits pass without further events.
  const beat = Math.floor(now / 5_000);
  const rows = useMemo(() => {
    if (!situation) return [];
    const all = [...situation.incidents.values()];
    const chosen = severity === null ? all : all.filter((incident) => asSeverity(incident.severity) === severity);
    return chosen.toSorted(byUrgency(situation, clockNow()));
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- `situation` changes in place: version and beat tell when
  }, [situation, version, severity, beat]);
  const counts = useMemo(() => {
    const result = new Map<Severity, number>();
    for (const incident of situation?.incidents.values() ?? []) {
      const key = asSeverity(incident.severity);
      result.set(key, (result.get(key) ?? 0) + 1);
    }
    return result;
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- as above
  }, [situation, version]);

  const scroller = useRef<HTMLDivElement>(null);
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 4.3 * rem,
    overscan: 4,
  });
  // The rows grow with the screen; the list remembers their first size.
  useEffect(() => virtual.measure(), [virtual, rem]);

  // Reports are listed, and counted with what they are reports of.
  const shown = rows.filter(countsAsOpen).length;

  return (
    <Panel
      className="om-queue"
      title={t('queue.title')}
      aside={
        situation && (
          <span className="om-dim">
            {t('queue.shown', { shown: number(shown, lang), total: number(situation.openTotal, lang) })}
          </span>
        )
      }
    >
      <div className="om-severities" role="group" aria-label={t('queue.filter')}>
        {SEVERITIES.map((item) => (
          <button
            key={item}
            type="button"
            aria-pressed={severity === item}
            title={t(`severity.${item}`)}
            onClick={() => setSeverity(severity === item ? null : item)}
          >
            <SeverityMark severity={item} />
            <span className="om-severity-word">{t(`severity.short.${item}`)}</span>
            <b>{number(counts.get(item) ?? 0, lang)}</b>
          </button>
        ))}
      </div>
      {rows.length === 0 ? (
        <p className="om-state">{situation ? t('queue.empty') : t('state.loading')}</p>
      ) : (
        <div
          ref={scroller}
          className="om-queue-scroll"
          role="table"
          aria-label={t('queue.table')}
          aria-rowcount={rows.length}
          tabIndex={0}
          data-testid="queue"
        >
          <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
            {virtual.getVirtualItems().map(({ index, start, size }) => {
              const incident = rows[index];
              if (!incident || !situation) return null;
              return (
                <div
                  key={incident.id}
                  role="row"
                  aria-rowindex={index + 1}
                  className="om-queue-row"
                  style={{ transform: `translateY(${start}px)`, height: size }}
                >
                  <Row
                    incident={incident}
                    isFresh={isNew(situation, incident.id, now)}
                    isSelected={incident.id === selected}
                    {...{ lang, names, now, onSelect }}
                  />
                </div>
              );
            })}
          </div>
        </div>
      )}
    </Panel>
  );
}

function Row(props: {
  incident: Incident;
  lang: Language;
  names: PlaceNames;
  now: number;
  isFresh: boolean;
  isSelected: boolean;
  onSelect: (incident: Incident) => void;
}) {
  const { incident, lang, names, now, isFresh, isSelected, onSelect } = props;
  const { t } = useTranslation();
  const severity = asSeverity(incident.severity);
  const stage = useWorkflow().data?.stages.find(({ id }) => id === incident.stage);
  const due = incident.dueAt === null ? null : Date.parse(incident.dueAt) - now;
  const light = lightAt(now, incident.warnAt, incident.dueAt);
  const place = [names.get(townOf(incident.grid)), names.get(communityOf(incident.grid))].filter(Boolean).join(' · ');
  return (
    <div role="cell">
      <button
        type="button"
        className="om-incident"
        data-new={isFresh || undefined}
        data-severity={severity}
        aria-current={isSelected || undefined}
        onClick={() => onSelect(incident)}
      >
        <SeverityMark severity={severity} label={t(`severity.${severity}`)} />
        <span className="om-incident-text">
          <span className="om-incident-title">
            {isFresh && <em>{t('queue.new')}</em>}
            {incident.reports > 1 && (
              <b className="om-reports-badge">{t('reports.badge', { count: number(incident.reports, lang) })}</b>
            )}
            {incident.parent !== null && <b className="om-reports-badge">{t('reports.of', { id: incident.parent })}</b>}
            {incident.title}
          </span>
          <span className="om-incident-place">
            {stage && <span className="om-badge">{pick(stage.title, lang)}</span>} {place || incident.grid}
          </span>
        </span>
        <span className="om-incident-clock">
          <span className={light === 'red' ? 'om-tone-bad' : light === 'yellow' ? 'om-tone-warn' : ''}>
            {due === null
              ? t(stage?.stopsClock ? 'queue.paused' : 'queue.noLimit')
              : due < 0
                ? t('queue.overdue', { time: duration(-due, lang) })
                : t('queue.due', { time: duration(due, lang) })}
          </span>
          <span className="om-dim">
            {t('queue.elapsed', { time: duration(now - Date.parse(incident.occurredAt), lang) })}
          </span>
        </span>
      </button>
    </div>
  );
}
