import { useTranslation } from 'react-i18next';
import type { Quality } from '../../../server/app.ts';
import { pick } from '../../i18n/i18n.ts';
import { number } from '../../time.ts';
import { ScoreBar } from '../../ui/score-bar.tsx';
import type { Language } from '../../url-state.ts';

export interface DepartmentListProps {
  quality: Quality;
  selected: string | null;
  lang: Language;
  onSelect: (department: string | null) => void;
}

type Sums = Pick<Quality['departments'][number], 'layers' | 'loaded' | 'stale' | 'failed' | 'quarantined'>;

/** Departments with their score, and what is late, failed or set aside of each. */
export function DepartmentList({ quality, selected, lang, onSelect }: DepartmentListProps) {
  const { t } = useTranslation();
  const { departments, score } = quality;
  const sum = (key: keyof Sums) => departments.reduce((total, department) => total + department[key], 0);
  const whole: Sums = {
    layers: sum('layers'),
    loaded: sum('loaded'),
    stale: sum('stale'),
    failed: sum('failed'),
    quarantined: sum('quarantined'),
  };
  return (
    <ul className="om-departments" data-testid="departments">
      <DepartmentRow
        title={t('data.allDepartments')}
        score={score ?? 0}
        sums={whole}
        isSelected={selected === null}
        lang={lang}
        onSelect={() => onSelect(null)}
      />
      {departments.map((department) => (
        <DepartmentRow
          key={department.id}
          title={pick(department.title, lang)}
          score={department.score}
          sums={department}
          isSelected={selected === department.id}
          lang={lang}
          onSelect={() => onSelect(department.id)}
        />
      ))}
    </ul>
  );
}

function DepartmentRow(props: {
  title: string;
  score: number;
  sums: Sums;
  isSelected: boolean;
  lang: Language;
  onSelect: () => void;
}) {
  const { title, score, sums, isSelected, lang, onSelect } = props;
  const { t } = useTranslation();
  return (
    <li>
      <button type="button" className="om-department" aria-pressed={isSelected} onClick={onSelect}>
        <span className="om-department-title">{title}</span>
        <ScoreBar score={score} label={t('data.scoreOf', { score: score.toFixed(1) })} />
        <span className="om-department-facts">
          <span>{t('data.loadedOf', { loaded: number(sums.loaded, lang), total: number(sums.layers, lang) })}</span>
          {sums.stale > 0 && <span className="om-badge om-badge-stale">{t('data.stale', { count: sums.stale })}</span>}
          {sums.failed > 0 && (
            <span className="om-badge om-badge-failed">{t('data.failed', { count: sums.failed })}</span>
          )}
          {sums.quarantined > 0 && <span>{t('data.setAside', { rows: number(sums.quarantined, lang) })}</span>}
        </span>
      </button>
    </li>
  );
}
