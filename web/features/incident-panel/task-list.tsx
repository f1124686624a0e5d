import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { IncidentHistory, IncidentTask, Workflow } from '../../../server/app.ts';
import { pick } from '../../i18n/i18n.ts';
import { dateTime } from '../../time.ts';
import { Failure } from '../../ui/answer.tsx';
import { onEscape } from '../../ui/on-escape.ts';
import type { Language } from '../../url-state.ts';
import { addTask, stepTask, useIncidentAction } from '../../api/workflow.ts';

/** Where further departments may be given a part. */
const AT_WORK = ['registered', 'dispatched', 'handling', 'extending', 'suspended'];
/** What can follow on a state of a task. */
const NEXT: Record<IncidentTask['state'], readonly ('acknowledge' | 'arrive' | 'finish' | 'cancel')[]> = {
  open: ['acknowledge', 'finish', 'cancel'],
  acknowledged: ['arrive', 'finish', 'cancel'],
  arrived: ['finish', 'cancel'],
  done: [],
  cancelled: [],
};

/** The parts of other departments: when each acknowledged, came and was done. */
export function TaskList({
  workflow,
  history,
  lang,
}: {
  workflow: Workflow;
  history: IncidentHistory;
  lang: Language;
}) {
  const { t } = useTranslation();
  const { id, stage } = history.incident;
  const action = useIncidentAction(id, ({ task, step, result }: { task: number; step: string; result: string }) =>
    stepTask(id, task, step, result),
  );
  /** What came of each part, as it is being written. */
  const [results, setResults] = useState<Readonly<Record<number, string>>>({});
  const { posts, department } = history.caller;
  const canAdd = AT_WORK.includes(stage) && posts.includes('dispatcher');
  const may = (task: IncidentTask, step: string) =>
    step === 'cancel'
      ? posts.includes('dispatcher')
      : posts.includes('department') && (department === null || department === task.department);
  if (history.tasks.length === 0 && !canAdd) return null;
  return (
    <section className="om-tasks" aria-label={t('workflow.tasks')}>
      <h4>{t('workflow.tasks')}</h4>
      <ul>
        {history.tasks.map((task) => (
          <li key={task.id} data-state={task.state}>
            <b>
              {pick(workflow.departments.find((each) => each.id === task.department)?.title, lang) || task.department}
            </b>{' '}
            <span className="om-badge">{t(`workflow.task.${task.state}`)}</span>
            {task.instruction && <p className="om-words">{task.instruction}</p>}
            {task.result && (
              <p className="om-words">
                <span className="om-dim">{t('workflow.result')}</span> {task.result}
              </p>
            )}
            <p className="om-dim">
              {(['acknowledgedAt', 'arrivedAt', 'doneAt', 'cancelledAt'] as const).map((key) => {
                const at = task[key];
                return at === null ? null : (
                  <span key={key}>
                    {t(`workflow.task.${key}`)} {dateTime(Date.parse(at), lang)}{' '}
                  </span>
                );
              })}
            </p>
            {NEXT[task.state].length > 0 && (
              <div className="om-actions om-task-steps">
                {may(task, 'finish') && (
                  <input
                    maxLength={1000}
                    aria-label={t('workflow.resultOptional')}
                    placeholder={t('workflow.resultOptional')}
                    value={results[task.id] ?? ''}
                    onChange={({ target }) => setResults((now) => ({ ...now, [task.id]: target.value }))}
                    onKeyDown={onEscape((field) => field.blur())}
                  />
                )}
                {NEXT[task.state]
                  .filter((step) => may(task, step))
                  .map((step) => (
                    <button
                      key={step}
                      type="button"
                      className="om-button"
                      disabled={action.isPending}
                      onClick={() =>
                        action.mutate(
                          { task: task.id, step, result: step === 'cancel' ? '' : (results[task.id] ?? '').trim() },
                          { onSuccess: () => setResults((now) => ({ ...now, [task.id]: '' })) },
                        )
                      }
                    >
                      {t(`workflow.step.${step}`)}
                    </button>
                  ))}
              </div>
            )}
          </li>
        ))}
      </ul>
      {action.error && <Failure error={action.error} />}
      {canAdd && <TaskForm {...{ workflow, history, lang }} />}
    </section>
  );
}

function TaskForm({ workflow, history, lang }: { workflow: Workflow; history: IncidentHistory; lang: Language }) {
  const { t } = useTranslation();
  const [isOpen, setIsOpen] = useState(false);
  const { id, department } = history.incident;
  const action = useIncidentAction(id, (task: { department: string; instruction?: string }) => addTask(id, task));
  const busy = history.tasks.filter(({ state }) => state !== 'done' && state !== 'cancelled');
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const instruction = String(given.get('instruction')).trim();
    action.mutate(
      { department: String(given.get('department')), ...(instruction === '' ? {} : { instruction }) },
      { onSuccess: () => setIsOpen(false) },
    );
  };
  if (!isOpen) {
    return (
      <button type="button" className="om-button" onClick={() => setIsOpen(true)}>
        {t('workflow.addTask')}
      </button>
    );
  }
  return (
    <form
      className="om-move-form"
      onSubmit={submit}
      onKeyDown={onEscape(() => setIsOpen(false))}
      aria-label={t('workflow.addTask')}
    >
      <label>
        <span>{t('workflow.department')}</span>
        <select name="department" required defaultValue="">
          <option value="" disabled>
            {t('workflow.choose')}
          </option>
          {workflow.departments
            .filter((each) => each.id !== department && !busy.some((task) => task.department === each.id))
            .map((each) => (
              <option key={each.id} value={each.id}>
                {pick(each.title, lang)}
              </option>
            ))}
        </select>
      </label>
      <label>
        <span>{t('workflow.instruction')}</span>
        <input name="instruction" maxLength={1000} />
      </label>
      <div className="om-actions">
        <button type="submit" className="om-button om-button-strong" disabled={action.isPending}>
          {t('workflow.addTask')}
        </button>
        <button type="button" className="om-button" onClick={() => setIsOpen(false)}>
          {t('workflow.cancel')}
        </button>
      </div>
      {action.error && <Failure error={action.error} />}
    </form>
  );
}
