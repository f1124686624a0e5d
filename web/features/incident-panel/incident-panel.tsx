import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Incident, IncidentHistory } from '../../../server/app.ts';
import { useIncident } from '../../api/incidents.ts';
import { pick } from '../../i18n/i18n.ts';
import { sourceTitle } from '../../i18n/source-title.ts';
import { useLive } from '../../live-store.ts';
import { asSeverity } from '../../map/severity-shape.ts';
import { communityOf, townOf, type PlaceNames } from '../../place-names.ts';
import { dateTime, duration } from '../../time.ts';
import { Answer, Failure } from '../../ui/answer.tsx';
import { useIncidentHistory, useWorkflow } from '../../api/workflow.ts';
import { HistoryList } from './history-list.tsx';
import { MediaGrid } from './media-grid.tsx';
import { MilestoneList } from './milestone-list.tsx';
import { MoveButtons } from './move-buttons.tsx';
import { RatingBar } from './rating-bar.tsx';
import { StageClocks } from './stage-clock.tsx';
import { StageSteps } from './stage-steps.tsx';
import { TaskList } from './task-list.tsx';
import { Panel } from '../../ui/panel.tsx';
import { SeverityMark } from '../../ui/severity-mark.tsx';
import { useNow } from '../../ui/use-now.ts';
import type { Language } from '../../url-state.ts';

export interface IncidentPanelProps {
  id: number;
  lang: Language;
  names: PlaceNames;
  onClose: () => void;
  onCell: (code: string) => void;
  /** What other features have to say of it. */
  children?: ReactNode;
}

/** One incident in full, from the live situation while it is open, from the API otherwise. */
export function IncidentPanel({ id, lang, names, onClose, onCell, children }: IncidentPanelProps) {
  const { t } = useTranslation();
  useLive((state) => state.version);
  const known = useLive((state) => state.situation?.incidents.get(id));
  // When it is closed under somebody's hands the panel stays as it is, with what is being written in it, until the answer is here.
  const [last, setLast] = useState(known);
  if (known !== undefined && known !== last) setLast(known);
  const query = useIncident(known ? null : id, last);
  const answer = known ? { data: known, error: null, refetch: () => undefined } : query;
  return (
    <Panel
      className="om-detail"
      title={t('incident.title')}
      aside={
        <button type="button" className="om-close" onClick={onClose} aria-label={t('panel.close')}>
          ✕
        </button>
      }
    >
      <Answer<Incident> query={answer}>
        {/* What is written of one incident is never sent of another. */}
        {(incident) => <Details key={incident.id} {...{ incident, lang, names, onCell }} />}
      </Answer>
      {children}
    </Panel>
  );
}

/** A history as it was at a time, ms since 1970: for reading only. */
function historyUntil(history: IncidentHistory | undefined, at: number): IncidentHistory | undefined {
  if (history === undefined) return undefined;
  const events = history.events.filter((event) => Date.parse(event.at) <= at);
  return { ...history, events, moves: [], caller: { posts: [], department: null } };
}

function Details(props: { incident: Incident; lang: Language; names: PlaceNames; onCell: (code: string) => void }) {
  const { incident, lang, names, onCell } = props;
  const { t } = useTranslation();
  const now = useNow(1_000);
  const workflow = useWorkflow().data;
  const historyQuery = useIncidentHistory(incident.id, incident.version);
  // The past is looked at: what came after it is not told, and nothing is done in it.
  const isPast = useLive((state) => state.replay !== null);
  const history = isPast ? historyUntil(historyQuery.data, now) : historyQuery.data;
  const severity = asSeverity(incident.severity);
  const time = (text: string) => {
    const at = Date.parse(text);
    return `${dateTime(at, lang)} (${t('queue.elapsed', { time: duration(now - at, lang) })})`;
  };
  const department = workflow?.departments.find(({ id }) => id === incident.department);
  const rows: [string, React.ReactNode][] = [
    [t('incident.severity'), t(`severity.${severity}`)],
    [t('incident.category'), `${pick(incident.categoryTitle, lang)} ${incident.category}`],
    [t('incident.state'), t(`incident.${incident.state}`)],
    [t('incident.town'), names.get(townOf(incident.grid)) ?? incident.town],
    [t('incident.community'), names.get(communityOf(incident.grid)) ?? incident.community],
    [t('incident.grid'), <code key="grid">{incident.grid}</code>],
    [t('incident.place'), `${incident.lon.toFixed(5)}, ${incident.lat.toFixed(5)}`],
    [t('incident.source'), sourceTitle(incident.source, lang)],
    [t('incident.occurred'), time(incident.occurredAt)],
    [t('incident.received'), time(incident.receivedAt)],
  ];
  if (incident.department !== null) {
    rows.push([
      t('workflow.department'),
      `${pick(department?.title, lang) || incident.department}${incident.assignee === null ? '' : ` · ${incident.assignee}`}`,
    ]);
  }
  if (incident.parent !== null) rows.push([t('workflow.parent'), String(incident.parent)]);
  if (incident.reports > 1) rows.push([t('workflow.reports'), String(incident.reports)]);
  const level =
    workflow && history && history.escalation.level > 0 ? workflow.escalation[history.escalation.level] : null;
  if (level) rows.push([t('workflow.level'), pick(level.title, lang)]);
  if (incident.closedAt !== null) rows.push([t('incident.closedAt'), time(incident.closedAt)]);
  rows.push([t('incident.number'), `${incident.id} · ${incident.key}`]);
  const isStaff = (history?.caller.posts.length ?? 0) > 0;
  return (
    <>
      <h3 className="om-detail-title">
        <SeverityMark severity={severity} label={t(`severity.${severity}`)} /> {incident.title}
      </h3>
      {workflow && <StageSteps workflow={workflow} stage={incident.stage} lang={lang} />}
      {incident.state === 'open' && (
        <StageClocks
          {...{ incident, now, lang }}
          history={isPast ? undefined : history}
          isStopped={workflow?.stages.find(({ id }) => id === incident.stage)?.stopsClock ?? false}
        />
      )}
      {isPast && <p className="om-dim">{t('workflow.past')}</p>}
      {workflow && history && <MoveButtons {...{ workflow, incident, history, lang }} />}
      {historyQuery.error && <Failure error={historyQuery.error} onRetry={() => void historyQuery.refetch()} />}
      <dl className="om-pairs">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <div className="om-actions">
        <button type="button" className="om-button" onClick={() => onCell(incident.grid)}>
          {t('incident.showCell')}
        </button>
      </div>
      {workflow && history && (
        <>
          {!isPast && <MilestoneList {...{ history, now, lang }} />}
          {!isPast && <TaskList {...{ workflow, history, lang }} />}
          {isStaff && <MediaGrid {...{ history, lang }} />}
          {isStaff && incident.state === 'closed' && <RatingBar {...{ workflow, history, lang }} />}
          <HistoryList {...{ history, lang }} canWrite={isStaff} />
        </>
      )}
    </>
  );
}
