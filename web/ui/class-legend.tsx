import { number } from '../time.ts';
import type { Language } from '../url-state.ts';

export interface ClassLegendProps {
  title: string;
  classes: readonly { color: string; label: string; count: number }[];
  lang: Language;
}

/** Classes that have names instead of bounds, each with how many there are of it. */
export function ClassLegend({ title, classes, lang }: ClassLegendProps) {
  return (
    <div className="om-legend" data-testid="class-legend">
      <span>{title}</span>
      <ol>
        {classes.map(({ color, label, count }) => (
          <li key={label}>
            <i style={{ background: color }} />
            {label} ({number(count, lang)})
          </li>
        ))}
      </ol>
    </div>
  );
}
