import { rampClasses } from '../theme.ts';
import { number } from '../time.ts';
import type { Language } from '../url-state.ts';

/** Classes of a ramp with their bounds. */
export function RampLegend(props: { title: string; ramp: readonly string[]; max: number; lang: Language }) {
  const { title, ramp, max, lang } = props;
  return (
    <div className="om-legend">
      <span>{title}</span>
      <ol>
        {rampClasses(max, ramp.length).map(({ index, from, to }) => (
          <li key={index}>
            <i style={{ background: ramp[index] }} />
            {from === to ? number(from, lang) : `${number(from, lang)}–${number(to, lang)}`}
          </li>
        ))}
      </ol>
    </div>
  );
}
