import { useTranslation } from 'react-i18next';
import type { Workflow } from '../../../server/app.ts';
import { pick } from '../../i18n/i18n.ts';
import type { Language } from '../../url-state.ts';

/** The seven steps, and the one where the incident is. */
export function StageSteps({ workflow, stage, lang }: { workflow: Workflow; stage: string; lang: Language }) {
  const { t } = useTranslation();
  const present = workflow.stages.find(({ id }) => id === stage);
  const isOver = present?.state === 'closed';
  return (
    <div className="om-steps">
      <ol aria-label={t('workflow.steps')}>
        {workflow.steps.map((title, index) => {
          const step = index + 1;
          const state = step === present?.step ? 'present' : step < (present?.step ?? 0) ? 'past' : 'coming';
          return (
            <li
              key={step}
              data-state={state}
              aria-current={state === 'present' ? 'step' : undefined}
              title={pick(title, lang)}
            >
              <i aria-hidden="true">{state === 'past' ? '✓' : step}</i>
              <span className="om-hidden">
                {pick(title, lang)} {t(`workflow.step.${state}`)}
              </span>
            </li>
          );
        })}
      </ol>
      <p data-testid="stage">
        <b>{pick(present?.title, lang) || stage}</b>
        {present && (
          <span className="om-dim">
            {' '}
            {t('workflow.stepOf', { step: present.step })} {pick(workflow.steps[present.step - 1], lang)}
            {isOver ? ` · ${t('incident.closed')}` : ''}
          </span>
        )}
      </p>
    </div>
  );
}
