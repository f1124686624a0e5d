import { useTranslation } from 'react-i18next';
import { useLive } from '../../live-store.ts';
import { number } from '../../time.ts';
import { Panel } from '../../ui/panel.tsx';
import type { Language } from '../../url-state.ts';

/** Today's four figures, live. */
export function Today({ lang }: { lang: Language }) {
  const { t } = useTranslation();
  useLive((state) => state.listed);
  const situation = useLive((state) => state.situation);
  const figures = [
    { key: 'open', value: situation?.openTotal },
    { key: 'overdue', value: situation?.overdueTotal },
    { key: 'created', value: situation?.createdToday },
    { key: 'closed', value: situation?.closedToday },
  ] as const;
  return (
    <Panel title={t('figure.today')} className="om-today">
      <dl className="om-today-grid">
        {figures.map(({ key, value }) => (
          <div key={key} className="om-today-figure">
            <dt>{t(`figure.${key}`)}</dt>
            <dd className={key === 'overdue' && value ? 'om-tone-bad' : undefined} data-testid={`today-${key}`}>
              {number(value, lang)}
            </dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}
