import { useTranslation } from 'react-i18next';
import { PANELS, type Panel } from '../../url-state.ts';

/** The panels at the side, one in front at a time. What is behind stays alive: an export goes on. */
export function SideTabs({ panel, onChange }: { panel: Panel; onChange: (panel: Panel) => void }) {
  const { t } = useTranslation();
  return (
    <div
      className="om-tabs"
      role="tablist"
      aria-label={t('plan.panels')}
      onKeyDown={(event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (step === undefined) return;
        event.preventDefault();
        const next = PANELS[(PANELS.indexOf(panel) + step + PANELS.length) % PANELS.length] as Panel;
        onChange(next);
        document.getElementById(`tab-${next}`)?.focus();
      }}
    >
      {PANELS.map((each) => (
        <button
          key={each}
          type="button"
          role="tab"
          id={`tab-${each}`}
          aria-selected={panel === each}
          aria-controls={`panel-${each}`}
          tabIndex={panel === each ? 0 : -1}
          onClick={() => onChange(each)}
        >
          {t(`plan.panel.${each}`)}
        </button>
      ))}
    </div>
  );
}
