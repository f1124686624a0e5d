import { useTranslation } from 'react-i18next';
import type { IncidentHistory } from '../../../server/app.ts';
import { pick } from '../../i18n/i18n.ts';
import { dateTime } from '../../time.ts';
import { Failure } from '../../ui/answer.tsx';
import { LightMark } from '../../ui/light-mark.tsx';
import type { Language } from '../../url-state.ts';
import { lightAt, reachMilestone, useIncidentAction } from '../../api/workflow.ts';

/** The points in time of a handling that has several: due when, reached when. */
export function MilestoneList({ history, now, lang }: { history: IncidentHistory; now: number; lang: Language }) {
  const { t } = useTranslation();
  const { id, state, department: owner } = history.incident;
  const { posts, department } = history.caller;
  const may =
    posts.includes('dispatcher') || (posts.includes('department') && (department === null || department === owner));
  const action = useIncidentAction(id, (milestone: string) => reachMilestone(id, milestone));
  if (history.milestones.length === 0) return null;
  return (
    <section aria-label={t('workflow.milestones')}>
      <h4>{t('workflow.milestones')}</h4>
      <ul className="om-milestones">
        {history.milestones.map(({ id: milestone, title, dueAt, reachedAt }) => {
          const light = reachedAt === null ? lightAt(now, null, dueAt) : null;
          return (
            <li key={milestone}>
              {light ? <LightMark light={light} label={t(`workflow.light.${light}`)} /> : <i aria-hidden="true">✓</i>}
              <span>
                {pick(title, lang)}{' '}
                <span className="om-dim">
                  {reachedAt !== null
                    ? t('workflow.reached', { time: dateTime(Date.parse(reachedAt), lang) })
                    : dueAt !== null && dateTime(Date.parse(dueAt), lang)}
                </span>
              </span>
              {may && reachedAt === null && dueAt !== null && state === 'open' && (
                <button
                  type="button"
                  className="om-button"
                  disabled={action.isPending}
                  onClick={() => action.mutate(milestone)}
                >
                  {t('workflow.reach')}
                </button>
              )}
            </li>
          );
        })}
      </ul>
      {action.error && <Failure error={action.error} />}
    </section>
  );
}
