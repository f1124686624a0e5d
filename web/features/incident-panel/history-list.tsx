import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { HistoryEvent, IncidentHistory, Workflow } from '../../../server/app.ts';
import { pick } from '../../i18n/i18n.ts';
import { dateTime } from '../../time.ts';
import { Failure } from '../../ui/answer.tsx';
import type { Language } from '../../url-state.ts';
import { addComment, useIncidentAction } from '../../workflow-api.ts';

export interface HistoryListProps {
  workflow: Workflow;
  history: IncidentHistory;
  lang: Language;
  /** Staff may write. */
  canWrite: boolean;
}

/** What happened to the incident, the newest first, and a place for a comment. */
export function HistoryList({ workflow, history, lang, canWrite }: HistoryListProps) {
  const { t } = useTranslation();
  const events = history.events.toReversed();
  return (
    <section className="om-history" aria-label={t('workflow.history')}>
      <h4>{t('workflow.history')}</h4>
      {canWrite && <CommentForm id={history.incident.id} />}
      <ol>
        {events.map((event) => (
          <li key={event.id}>
            <Entry {...{ event, workflow, lang }} />
          </li>
        ))}
        <li>
          <b>{t('workflow.received')}</b>{' '}
          <time dateTime={history.incident.receivedAt}>{dateTime(Date.parse(history.incident.receivedAt), lang)}</time>
        </li>
      </ol>
    </section>
  );
}

function Entry({ event, workflow, lang }: { event: HistoryEvent; workflow: Workflow; lang: Language }) {
  const { t } = useTranslation();
  const stage = (id: string | null) => pick(workflow.stages.find((each) => each.id === id)?.title, lang) || id;
  const post = workflow.posts.find(({ id }) => id === event.post)?.title;
  const who = [event.post === 'system' || event.actor === 'staff' ? null : event.actor, pick(post, lang)].filter(
    Boolean,
  );
  return (
    <>
      <b>{pick(event.title ?? undefined, lang) || event.move}</b>
      {event.from !== event.to && <span className="om-dim"> → {stage(event.to)}</span>}{' '}
      <time dateTime={event.at}>{dateTime(Date.parse(event.at), lang)}</time>
      {who.length > 0 && <p className="om-dim">{who.join(' · ')}</p>}
      <Facts {...{ event, workflow, lang }} />
      {event.reason && <p className="om-words">{event.reason}</p>}
      {event.dueAfter !== null && (
        <p className="om-dim">{t('workflow.newLimit', { time: dateTime(Date.parse(event.dueAfter), lang) })}</p>
      )}
    </>
  );
}

/** What the detail of an entry says, where people can make something of it. */
function Facts({ event, workflow, lang }: { event: HistoryEvent; workflow: Workflow; lang: Language }) {
  const { t } = useTranslation();
  const detail = event.detail ?? {};
  const facts: string[] = [];
  const department = workflow.departments.find(({ id }) => id === detail['department']);
  if (department) facts.push(pick(department.title, lang));
  if (typeof detail['assignee'] === 'string') facts.push(detail['assignee']);
  if (typeof detail['percent'] === 'number') facts.push(t('workflow.percent', { percent: detail['percent'] }));
  if (typeof detail['level'] === 'number') facts.push(`→ ${pick(workflow.escalation[detail['level']]?.title, lang)}`);
  if (typeof detail['parent'] === 'number') facts.push(t('workflow.into', { id: detail['parent'] }));
  if (typeof detail['incident'] === 'number') facts.push(t('workflow.of', { id: detail['incident'] }));
  const rating = workflow.ratings.find(({ score }) => event.move === 'rate' && score === detail['score']);
  if (rating) facts.push(pick(rating.title, lang));
  const { evaluation } = detail as { evaluation?: { score: number } };
  if (evaluation) facts.push(t('workflow.score', { score: evaluation.score }));
  return facts.length === 0 ? null : <p>{facts.join(' · ')}</p>;
}

function CommentForm({ id }: { id: number }) {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const action = useIncidentAction(id, (words: string) => addComment(id, words));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() !== '') action.mutate(text.trim(), { onSuccess: () => setText('') });
  };
  return (
    <form className="om-comment" onSubmit={submit}>
      <input
        value={text}
        maxLength={2000}
        aria-label={t('workflow.comment')}
        placeholder={t('workflow.comment')}
        onChange={(event) => setText(event.target.value)}
      />
      <button type="submit" className="om-button" disabled={action.isPending || text.trim() === ''}>
        {t('workflow.send')}
      </button>
      {action.error && <Failure error={action.error} />}
    </form>
  );
}
