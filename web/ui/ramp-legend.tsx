import { useTranslation } from 'react-i18next';
import { rampClasses, type RampClass } from '../theme.ts';
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
  /** Classes of figures that are not counts, and how one of them is told; `max` is then not looked at. */
  figures?: { classes: readonly RampClass[]; text: (value: number) => string } | undefined;
}

/** Classes of a ramp with their bounds, and what has no colour of the ramp. */
export function RampLegend({ title, ramp, max, lang, hasZero = false, hasWithheld = false, figures }: RampLegendProps) {
  const { t } = useTranslation();
  const text = figures?.text ?? ((value: number) => number(value, lang));
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
        {(figures?.classes ?? rampClasses(max, ramp.length)).map(({ index, from, to }) => (
          <li key={index}>
            <i style={{ background: ramp[index] }} />
            {text(from) === text(to) ? text(from) : `${text(from)}–${text(to)}`}
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
