import { useTranslation } from 'react-i18next';
import { rampClasses } from '../theme.ts';
import { number } from '../time.ts';
import type { Language } from '../url-state.ts';

export interface RampLegendProps {
  title: string;
  ramp: readonly string[];
  max: number;
  lang: Language;
  /** True where units that count 0 are drawn too, as outlines. */
  hasZero?: boolean;
  /** True where some counts are withheld; their units are grey. */
  hasWithheld?: boolean;
}

/** Classes of a ramp with their bounds, and what has no colour of the ramp. */
export function RampLegend({ title, ramp, max, lang, hasZero = false, hasWithheld = false }: RampLegendProps) {
  const { t } = useTranslation();
  return (
    <div className="om-legend">
      <span>{title}</span>
      <ol>
        {hasZero && (
          <li>
            <i className="om-legend-zero" />
            {number(0, lang)}
          </li>
        )}
        {rampClasses(max, ramp.length).map(({ index, from, to }) => (
          <li key={index}>
            <i style={{ background: ramp[index] }} />
            {from === to ? number(from, lang) : `${number(from, lang)}–${number(to, lang)}`}
          </li>
        ))}
        {hasWithheld && (
          <li>
            <i className="om-legend-withheld" />
            {t('legend.withheld')}
          </li>
        )}
      </ol>
    </div>
  );
}
