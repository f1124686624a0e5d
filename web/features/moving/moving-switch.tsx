import { useTranslation } from 'react-i18next';
import type { LayerSummary } from '../../../server/app.ts';
import { pick } from '../../i18n/i18n.ts';
import type { Language } from '../../url-state.ts';

export interface MovingSwitchProps {
  catalogue: readonly LayerSummary[];
  shown: readonly { id: string }[];
  lang: Language;
  onToggle: (id: string) => void;
}

/** Which vehicles are on the map, where there is no menu of layers. */
export function MovingSwitch({ catalogue, shown, lang, onToggle }: MovingSwitchProps) {
  const { t } = useTranslation();
  const moving = catalogue.filter((layer) => layer.moving !== null && layer.count !== null);
  if (moving.length === 0) return null;
  return (
    <details className="om-moving-switch">
      <summary>{t('moving.title')}</summary>
      {moving.map((layer) => (
        <label key={layer.id}>
          <input
            type="checkbox"
            checked={shown.some(({ id }) => id === layer.id)}
            onChange={() => onToggle(layer.id)}
          />{' '}
          {pick(layer.title, lang)}
        </label>
      ))}
    </details>
  );
}
