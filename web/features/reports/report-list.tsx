import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Incident, ReportGroup, SimilarIncidents } from '../../../server/app.ts';
import { getJson, send } from '../../api/request.ts';
import { sourceTitle } from '../../i18n/source-title.ts';
import { useLive } from '../../live-store.ts';
import { dateTime, number } from '../../time.ts';
import { Answer, Failure } from '../../ui/answer.tsx';
import type { Language } from '../../url-state.ts';

export interface ReportListProps {
  /** The incident shown, a report of another one or not. */
  id: number;
  lang: Language;
  onSelect: (incident: Incident) => void;
}

/** What was done last here, and what undoes it. */
interface Done {
  did: 'link' | 'unlink';
  child: number;
  parent: number;
}

/** Everything that was reported of the same thing: the list, what else may belong to it, linking and its undoing. */
export function ReportList({ id, lang, onSelect }: ReportListProps) {
  const { t } = useTranslation();
  const client = useQueryClient();
  useLive((state) => state.version);
  const live = useLive((state) => state.situation?.incidents.get(id));
  const [isLooking, setIsLooking] = useState(false);
  const [done, setDone] = useState<Done | null>(null);
  const group = useQuery({
    // Links made elsewhere change the incident, which arrives live.
    queryKey: ['reports', id, live?.parent ?? null, live?.reports ?? null],
    queryFn: ({ signal }) => getJson<ReportGroup>(`/api/incidents/${id}/reports`, signal),
    placeholderData: keepPreviousData,
  });
  const change = useMutation({
    mutationFn: async ({ did, child, parent }: Done) => {
      const path = `/api/incidents/${child}/${did}`;
      return send<ReportGroup>('POST', path, did === 'link' ? { parent } : {});
    },
    onSuccess: (answer, asked) => {
      const became = asked.did === 'link' && answer.parent.id === asked.child ? asked.parent : asked.child;
      const parent = asked.did === 'link' ? answer.parent.id : asked.parent;
      setDone({ did: asked.did, child: became, parent });
      setIsLooking(false);
      void client.invalidateQueries({ queryKey: ['reports'] });
    },
  });
  const undo = () => done && change.mutate({ ...done, did: done.did === 'link' ? 'unlink' : 'link' });

  return (
    <section className="om-reports" aria-label={t('reports.title')} data-testid="reports">
      <h4>{t('reports.title')}</h4>
      <Answer<ReportGroup> query={group}>
        {({ parent, reports }) =>
          reports.length === 0 ? (
            <p className="om-dim">{t('reports.none')}</p>
          ) : (
            <>
              <p>{t('reports.count', { count: number(reports.length + 1, lang) })}</p>
              <ul>
                {[parent, ...reports].map((incident) => (
                  <li key={incident.id} aria-current={incident.id === id || undefined}>
                    <button type="button" className="om-link" onClick={() => onSelect(incident)}>
                      {incident.title}
                    </button>
                    {incident === parent && <span className="om-badge">{t('reports.first')}</span>}
                    <small className="om-dim">
                      {dateTime(Date.parse(incident.occurredAt), lang)} · {sourceTitle(incident.source, lang)} · #
                      {incident.id}
                    </small>
                    {incident !== parent && (
                      <button
                        type="button"
                        className="om-button"
                        disabled={change.isPending}
                        aria-label={t('reports.unlinkOne', { title: incident.title })}
                        onClick={() => change.mutate({ did: 'unlink', child: incident.id, parent: parent.id })}
                      >
                        {t('reports.unlink')}
                      </button>
                    )}
                  </li>
                ))}
              </ul>
            </>
          )
        }
      </Answer>
      {done && (
        <p className="om-reports-done" role="status">
          {t(done.did === 'link' ? 'reports.linked' : 'reports.unlinked', { id: done.child })}{' '}
          <button type="button" className="om-link" disabled={change.isPending} onClick={undo}>
            {t('reports.undo')}
          </button>
        </p>
      )}
      {change.error && <Failure error={change.error} />}
      <div className="om-actions">
        <button type="button" className="om-button" aria-expanded={isLooking} onClick={() => setIsLooking(!isLooking)}>
          {t('reports.similar')}
        </button>
      </div>
      {isLooking && (
        <Similar
          id={id}
          isBusy={change.isPending}
          onLink={(parent) => change.mutate({ did: 'link', child: id, parent })}
          {...{ lang, onSelect }}
        />
      )}
    </section>
  );
}

function Similar(props: {
  id: number;
  isBusy: boolean;
  lang: Language;
  onSelect: (incident: Incident) => void;
  onLink: (parent: number) => void;
}) {
  const { id, isBusy, lang, onSelect, onLink } = props;
  const { t } = useTranslation();
  const query = useQuery({
    queryKey: ['similar', id],
    queryFn: ({ signal }) => getJson<SimilarIncidents>(`/api/incidents/${id}/similar`, signal),
    gcTime: 0,
  });
  return (
    <Answer<SimilarIncidents> query={query}>
      {({ similar }) =>
        similar.length === 0 ? (
          <p className="om-dim">{t('reports.noSimilar')}</p>
        ) : (
          <ul data-testid="similar">
            {similar.map(({ incident, score, metres, minutes, apart }) => (
              <li key={incident.id}>
                <button type="button" className="om-link" onClick={() => onSelect(incident)}>
                  {incident.title}
                </button>
                <small className="om-dim">
                  {t('reports.likeness', {
                    score: number(Math.round(score * 100), lang),
                    metres: number(metres, lang),
                    minutes: number(minutes, lang),
                  })}
                  {apart && ` · ${t('reports.apart')}`}
                </small>
                <button
                  type="button"
                  className="om-button"
                  disabled={isBusy}
                  aria-label={t('reports.linkOne', { title: incident.title })}
                  onClick={() => onLink(incident.id)}
                >
                  {t('reports.link')}
                </button>
              </li>
            ))}
          </ul>
        )
      }
    </Answer>
  );
}
