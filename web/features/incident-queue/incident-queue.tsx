import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { Incident } from '../../../server/app.ts';
import { dueText, whoText } from '../../incident-text.ts';
import { usePace } from '../../frame-pace.ts';
import { useLive } from '../../live-store.ts';
import { asSeverity } from '../../map/severity-shape.ts';
import { townAndCommunity, type PlaceNames } from '../../place-names.ts';
import { byUrgency, countsAsOpen, isNew, type Situation } from '../../situation.ts';
import { SEVERITIES, type Severity } from '../../theme.ts';
import { duration, number } from '../../time.ts';
import { Panel } from '../../ui/panel.tsx';
import { SeverityMark } from '../../ui/severity-mark.tsx';
import { useNow } from '../../ui/use-now.ts';
import type { Language } from '../../url-state.ts';
import { lightAt, useWorkflow } from '../../api/workflow.ts';
import { pick } from '../../i18n/i18n.ts';
import { countSince, inHeldOrder, type HeldRow } from './held-order.ts';
import { useHold } from '../../ui/use-hold.ts';

export interface IncidentQueueProps {
  lang: Language;
  names: PlaceNames;
  selected: number | null;
  onSelect: (incident: Incident) => void;
}

/** What a list can be narrowed to. */
type Choice = Severity | 'late';

/** Arrivals of so long ago are told as news, ms. */
const NEWS_MS = 60_000;
/** Height of a row, rem: what it is, where, and who has it. */
const ROW_REM = 5;

/**
 * Open incidents, most urgent first, with their clocks: the map's text twin. A table to assistive technology. It stands still
 * while somebody picks from it; what comes meanwhile is counted above it.
 */
export function IncidentQueue({ lang, names, selected, onSelect }: IncidentQueueProps) {
  const { t } = useTranslation();
  const version = useLive((state) => state.listed);
  const situation = useLive((state) => state.situation);
  const [choice, setChoice] = useState<Choice | null>(null);
  const isSlow = usePace((pace) => pace.isSlow);
  const now = useNow(isSlow ? 5_000 : 1_000);
  // Time limits pass without further events.
  const beat = Math.floor(now / 5_000);
  const sorted = useMemo(() => {
    if (!situation) return [];
    const all = [...situation.incidents.values()];
    const chosen =
      choice === null
        ? all
        : all.filter(({ id, severity }) =>
            choice === 'late' ? situation.overdue.has(id) : asSeverity(severity) === choice,
          );
    return chosen.toSorted(byUrgency(situation));
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- `situation` changes in place: version and beat tell when
  }, [situation, version, choice, beat]);
  const counts = useMemo(() => {
    const result = new Map<Severity, number>();
    for (const incident of situation?.incidents.values() ?? []) {
      const key = asSeverity(incident.severity);
      result.set(key, (result.get(key) ?? 0) + 1);
    }
    return result;
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- as above
  }, [situation, version]);

  // Of the same moment as the rows: a list that follows every few seconds must not show more than there are.
  const total = useMemo(
    () => situation?.openTotal ?? 0,
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- as above
    [situation, version, beat],
  );

  const { isHeld, release, handlers } = useHold();
  const [held, setHeld] = useState<readonly Incident[] | null>(null);
  if (isHeld && held === null) setHeld(sorted);
  if (!isHeld && held !== null) setHeld(null);
  const choose = (next: Choice) => {
    release();
    setHeld(null);
    setChoice(choice === next ? null : next);
  };
  const rows: readonly HeldRow[] =
    held !== null && situation
      ? inHeldOrder(held, situation.incidents)
      : sorted.map((incident) => ({ incident, isGone: false }));

  const scroller = useRef<HTMLDivElement>(null);
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_REM * rem,
    overscan: 4,
  });
  // The rows grow with the screen; the list remembers their first size.
  useEffect(() => virtual.measure(), [virtual, rem]);

  const onArrow = (event: KeyboardEvent<HTMLDivElement>) => {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    event.preventDefault();
    const row = (event.target as HTMLElement).closest('[role="row"]');
    const at = row ? Number(row.getAttribute('aria-rowindex')) - 1 : -1;
    const next = Math.min(rows.length - 1, Math.max(0, at + (event.key === 'ArrowDown' ? 1 : -1)));
    const find = () => scroller.current?.querySelector<HTMLElement>(`[aria-rowindex="${next + 1}"] button`);
    const there = find();
    // At once where it is there: the next key may come before the next frame.
    if (there) return there.focus();
    virtual.scrollToIndex(next);
    requestAnimationFrame(() => find()?.focus());
  };

  // Reports are listed, and counted with what they are reports of.
  const shown = sorted.filter(countsAsOpen).length;

  return (
    <Panel
      className="om-queue"
      title={t('queue.title')}
      aside={
        situation && (
          <span className="om-dim">{t('queue.shown', { shown: number(shown, lang), total: number(total, lang) })}</span>
        )
      }
    >
      <div className="om-severities" role="group" aria-label={t('queue.filter')}>
        <button
          type="button"
          className="om-severities-late"
          data-any={situation && situation.overdueTotal > 0 ? true : undefined}
          aria-pressed={choice === 'late'}
          title={t('figure.overdue')}
          onClick={() => choose('late')}
        >
          <svg viewBox="0 0 24 24" className="om-mark" aria-hidden="true">
            <path
              d="M12 3.5a8.5 8.5 0 1 0 0 17a8.5 8.5 0 1 0 0-17M12 7.5V12l3 2.5"
              fill="none"
              stroke="currentColor"
              strokeWidth="2.4"
              strokeLinecap="round"
            />
          </svg>
          <span className="om-severity-word">{t('queue.late')}</span>
          <b data-testid="queue-late">{number(situation?.overdueTotal, lang)}</b>
        </button>
        {SEVERITIES.map((item) => (
          <button
            key={item}
            type="button"
            aria-pressed={choice === item}
            title={t(`severity.${item}`)}
            onClick={() => choose(item)}
          >
            <SeverityMark severity={item} />
            <span className="om-severity-word">{t(`severity.short.${item}`)}</span>
            {/* None is known to be red before anything is known. */}
            <b>{number(situation ? (counts.get(item) ?? 0) : undefined, lang)}</b>
          </button>
        ))}
      </div>
      {situation && <News {...{ situation, lang, now, held, onSelect }} onGoOn={release} />}
      {rows.length === 0 ? (
        <p className="om-state">
          {!situation ? t('state.loading') : choice === null ? t('queue.empty') : t('queue.emptyChoice')}
        </p>
      ) : (
        <div
          ref={scroller}
          className="om-queue-scroll"
          role="table"
          aria-label={t('queue.table')}
          aria-rowcount={rows.length}
          tabIndex={0}
          data-testid="queue"
          data-held={held !== null || undefined}
          {...handlers}
          onKeyDown={(event) => {
            // Whoever walks past with the tab key does not stop it.
            if (event.key !== 'Tab') handlers.onKeyDown();
            onArrow(event);
          }}
        >
          <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
            {virtual.getVirtualItems().map(({ index, start, size }) => {
              const row = rows[index];
              if (!row || !situation) return null;
              const { incident, isGone } = row;
              return (
                <div
                  key={incident.id}
                  role="row"
                  aria-rowindex={index + 1}
                  className="om-queue-row"
                  style={{ transform: `translateY(${start}px)`, height: size }}
                >
                  <Row
                    isFresh={isNew(situation, incident.id, now)}
                    isSelected={incident.id === selected}
                    {...{ incident, isGone, lang, names, now, onSelect }}
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

/** What came in the last minute, in one line that is always there; while the list is held, what it does not show yet. */
function News(props: {
  situation: Situation;
  lang: Language;
  now: number;
  held: readonly Incident[] | null;
  onSelect: (incident: Incident) => void;
  onGoOn: () => void;
}) {
  const { situation, lang, now, held, onSelect, onGoOn } = props;
  const { t } = useTranslation();
  if (held !== null) {
    const count = countSince(held, situation.incidents.values());
    return (
      <button type="button" className="om-queue-news" data-held onClick={onGoOn} data-testid="queue-news">
        <b>{t('queue.held')}</b>
        <span>{count > 0 ? t('queue.heldNew', { count, text: number(count, lang) }) : ''}</span>
        <em>{t('queue.goOn')}</em>
      </button>
    );
  }
  const young = [...situation.births].filter(([, birth]) => now - birth < NEWS_MS);
  const newest = situation.incidents.get(young.at(-1)?.[0] ?? 0);
  if (!newest) {
    return (
      <p className="om-queue-news om-dim" data-testid="queue-news">
        {t('queue.noNews')}
      </p>
    );
  }
  return (
    <button type="button" className="om-queue-news" onClick={() => onSelect(newest)} data-testid="queue-news">
      <b>{t('queue.news', { count: young.length, text: number(young.length, lang) })}</b>
      <span>{newest.title}</span>
    </button>
  );
}

function Row(props: {
  incident: Incident;
  lang: Language;
  names: PlaceNames;
  now: number;
  isFresh: boolean;
  isGone: boolean;
  isSelected: boolean;
  onSelect: (incident: Incident) => void;
}) {
  const { incident, lang, names, now, isFresh, isGone, isSelected, onSelect } = props;
  const { t } = useTranslation();
  const severity = asSeverity(incident.severity);
  const workflow = useWorkflow().data;
  const stage = workflow?.stages.find(({ id }) => id === incident.stage);
  const due = incident.dueAt === null ? null : Date.parse(incident.dueAt) - now;
  const light = lightAt(now, incident.warnAt, incident.dueAt);
  const place = townAndCommunity(incident.grid, names);
  return (
    <div role="cell">
      <button
        type="button"
        className="om-incident"
        data-new={isFresh || undefined}
        data-gone={isGone || undefined}
        data-late={light === 'red' || undefined}
        data-severity={severity}
        aria-current={isSelected || undefined}
        onClick={() => onSelect(incident)}
      >
        <SeverityMark severity={severity} label={t(`severity.${severity}`)} />
        <span className="om-incident-text">
          <span className="om-incident-title" title={incident.title}>
            {isFresh && <em>{t('queue.new')}</em>}
            {incident.reports > 1 && (
              <b className="om-reports-badge">{t('reports.badge', { count: number(incident.reports, lang) })}</b>
            )}
            {incident.parent !== null && <b className="om-reports-badge">{t('reports.of', { id: incident.parent })}</b>}
            {incident.title}
          </span>
          <span className="om-incident-place">{place || (names.size === 0 ? '…' : incident.grid)}</span>
          <span className="om-incident-place">
            {stage && <span className="om-badge">{pick(stage.title, lang)}</span>}{' '}
            {whoText(t, incident, workflow, lang)}
          </span>
        </span>
        <span className="om-incident-clock">
          {isGone ? (
            <span>{t('queue.gone')}</span>
          ) : (
            <span className={light === 'red' ? 'om-tone-bad' : light === 'yellow' ? 'om-tone-warn' : ''}>
              {dueText(t, due, lang, stage?.stopsClock)}
            </span>
          )}
          <span className="om-dim">
            {t('queue.elapsed', { time: duration(now - Date.parse(incident.occurredAt), lang) })}
          </span>
        </span>
      </button>
    </div>
  );
}
