import { rampBreaks } from '../theme.ts';

/** Classes of a ramp with their lower bounds. */
export function RampLegend({ title, ramp, max }: { title: string; ramp: readonly string[]; max: number }) {
  const breaks = rampBreaks(max, ramp.length);
  return (
    <div className="om-legend">
      <span>{title}</span>
      <ol>
        {ramp.map((color, index) => {
          const from = breaks[index] ?? 0;
          const next = breaks[index + 1];
          const to = next === undefined ? max : next - 1;
          if (from > max || to < from) return null;
          return (
            <li key={color}>
              <i style={{ background: color }} />
              {to === from ? from : `${from}–${to}`}
            </li>
          );
        })}
      </ol>
    </div>
  );
}
