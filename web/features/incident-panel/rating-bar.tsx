import { useTranslation } from 'react-i18next';
import type { IncidentHistory, Workflow } from '../../../server/app.ts';
import { pick } from '../../i18n/i18n.ts';
import { Failure } from '../../ui/answer.tsx';
import type { Language } from '../../url-state.ts';
import { rateIncident, useIncidentAction } from '../../api/workflow.ts';

/** How content the reporter is; staff may note it until the reporter has spoken. */
export function RatingBar({
  workflow,
  history,
  lang,
}: {
  workflow: Workflow;
  history: IncidentHistory;
  lang: Language;
}) {
  const { t } = useTranslation();
  const { id } = history.incident;
  const action = useIncidentAction(id, (score: number) => rateIncident(id, score));
  const { rating } = history;
  return (
    <section className="om-rating" aria-label={t('workflow.rating')}>
      <h4>{t('workflow.rating')}</h4>
      {rating && (
        <p>
          <b>{pick(workflow.ratings.find(({ score }) => score === rating.score)?.title, lang)}</b>{' '}
          <span className="om-dim">{t(`workflow.ratedBy.${rating.by}`)}</span>
          {rating.comment && <span className="om-words"> {rating.comment}</span>}
        </p>
      )}
      {rating?.by !== 'reporter' && (
        <div className="om-actions" role="group" aria-label={t('workflow.rate')}>
          {workflow.ratings.map(({ score, title }) => (
            <button
              key={score}
              type="button"
              className="om-button"
              aria-pressed={rating?.score === score}
              disabled={action.isPending}
              onClick={() => action.mutate(score)}
            >
              {pick(title, lang)}
            </button>
          ))}
        </div>
      )}
      {action.error && <Failure error={action.error} />}
    </section>
  );
}
