import { useMutation } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Incident } from '../../../server/app.ts';
import { closeIncident, useIncident } from '../../api.ts';
import { pick } from '../../i18n/i18n.ts';
import { sourceTitle } from '../../i18n/source-title.ts';
import { useLive } from '../../live-store.ts';
import { asSeverity } from '../../map/severity-shape.ts';
import { communityOf, townOf, type PlaceNames } from '../../place-names.ts';
import { dateTime, duration } from '../../time.ts';
import { Answer, Failure } from '../../ui/answer.tsx';
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
  const query = useIncident(known ? null : id);
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
        {(incident) => <Details {...{ incident, lang, names, onCell }} onDone={() => void query.refetch()} />}
      </Answer>
      {children}
    </Panel>
  );
}

function Details(props: {
  incident: Incident;
  lang: Language;
  names: PlaceNames;
  onCell: (code: string) => void;
  onDone: () => void;
}) {
  const { incident, lang, names, onCell, onDone } = props;
  const { t } = useTranslation();
  const now = useNow(1_000);
  const severity = asSeverity(incident.severity);
  const due = incident.dueAt === null ? null : Date.parse(incident.dueAt);
  const time = (text: string) => {
    const at = Date.parse(text);
    return `${dateTime(at, lang)} (${t('queue.elapsed', { time: duration(now - at, lang) })})`;
  };
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
  if (due !== null && incident.state === 'open') {
    const left =
      due < now
        ? t('queue.overdue', { time: duration(now - due, lang) })
        : t('queue.due', { time: duration(due - now, lang) });
    rows.push([
      t('incident.due'),
      <span key="due" className={due < now ? 'om-tone-bad' : undefined}>
        {dateTime(due, lang)} · {left}
      </span>,
    ]);
  }
  if (incident.closedAt !== null) rows.push([t('incident.closedAt'), time(incident.closedAt)]);
  rows.push([t('incident.number'), `${incident.id} · ${incident.key}`]);
  return (
    <>
      <h3 className="om-detail-title">
        <SeverityMark severity={severity} label={t(`severity.${severity}`)} /> {incident.title}
      </h3>
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
        {incident.state === 'open' && <CloseButton id={incident.id} onDone={onDone} />}
      </div>
    </>
  );
}

/** Closing is final, so it asks once more. */
function CloseButton({ id, onDone }: { id: number; onDone: () => void }) {
  const { t } = useTranslation();
  const [isAsking, setIsAsking] = useState(false);
  const closing = useMutation({ mutationFn: () => closeIncident(id), onSuccess: onDone });
  return (
    <>
      <button
        type="button"
        className={`om-button ${isAsking ? 'om-button-strong' : ''}`}
        disabled={closing.isPending}
        onClick={() => (isAsking ? closing.mutate() : setIsAsking(true))}
        onBlur={() => setIsAsking(false)}
      >
        {closing.isPending ? t('incident.closing') : isAsking ? t('incident.closeConfirm') : t('incident.close')}
      </button>
      {closing.error && <Failure error={closing.error} />}
    </>
  );
}
