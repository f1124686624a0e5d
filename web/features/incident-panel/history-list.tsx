import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { HistoryEvent, IncidentHistory } from '../../../server/app.ts';
import { pick } from '../../i18n/i18n.ts';
import { dateTime } from '../../time.ts';
import { Failure } from '../../ui/answer.tsx';
import { onEscape } from '../../ui/on-escape.ts';
import type { Language } from '../../url-state.ts';
import { addComment, useIncidentAction } from '../../api/workflow.ts';

export interface HistoryListProps {
  history: IncidentHistory;
  lang: Language;
  /** Staff may write. */
  canWrite: boolean;
}

/** What happened to the incident, the newest first, and a place for a comment. */
export function HistoryList({ history, lang, canWrite }: HistoryListProps) {
  const { t } = useTranslation();
  const events = history.events.toReversed();
  return (
    <section className="om-history" aria-label={t('workflow.history')}>
      <h4>{t('workflow.history')}</h4>
      {canWrite && <CommentForm id={history.incident.id} />}
      <ol>
        {events.map((event) => (
          <li key={event.id}>
            <Entry {...{ event, lang }} />
          </li>
        ))}
        <li>
          <time dateTime={history.incident.receivedAt}>{dateTime(Date.parse(history.incident.receivedAt), lang)}</time>
          <p>{t('workflow.received')}</p>
        </li>
      </ol>
    </section>
  );
}

function Entry({ event, lang }: { event: HistoryEvent; lang: Language }) {
  const { t } = useTranslation();
  return (
    <>
      <time dateTime={event.at}>{dateTime(Date.parse(event.at), lang)}</time>
      <p className="om-words">{pick(event.sentence, lang)}</p>
      {event.dueAfter !== null && (
        <p className="om-dim">{t('workflow.newLimit', { time: dateTime(Date.parse(event.dueAfter), lang) })}</p>
      )}
    </>
  );
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
    <form className="om-comment" onSubmit={submit} onKeyDown={onEscape((field) => field.blur())}>
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
