import { fitLine } from '../fit-line.ts';
import { number } from '../time.ts';
import type { Language } from '../url-state.ts';

export interface ScatterProps {
  a: readonly number[];
  b: readonly number[];
  titleA: string;
  titleB: string;
  /** What the picture says, for those who do not see it. */
  label: string;
  colorOf: (index: number) => string;
  lang: Language;
}

const [WIDTH, HEIGHT, LEFT, BOTTOM] = [320, 220, 40, 28];

/** One dot for each cell, one layer across, the other up, and the line that fits best. */
export function Scatter({ a, b, titleA, titleB, label, colorOf, lang }: ScatterProps) {
  const [mostA, mostB] = [Math.max(1, ...a), Math.max(1, ...b)];
  const x = (value: number) => LEFT + (value / mostA) * (WIDTH - LEFT - 8);
  const y = (value: number) => HEIGHT - BOTTOM - (value / mostB) * (HEIGHT - BOTTOM - 8);
  const { slope, intercept } = fitLine(a, b);
  const at = (value: number) => Math.min(mostB, Math.max(0, intercept + slope * value));
  return (
    <svg className="om-scatter" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
      <line x1={LEFT} y1={y(0)} x2={WIDTH - 8} y2={y(0)} className="om-axis" />
      <line x1={LEFT} y1={y(0)} x2={LEFT} y2={8} className="om-axis" />
      {a.map((value, index) => (
        <circle key={index} cx={x(value)} cy={y(b[index] ?? 0)} r={2.4} fill={colorOf(index)} />
      ))}
      <line x1={x(0)} y1={y(at(0))} x2={x(mostA)} y2={y(at(mostA))} className="om-fit" />
      <text x={LEFT - 4} y={14} textAnchor="end">
        {number(mostB, lang)}
      </text>
      <text x={LEFT - 4} y={y(0)} textAnchor="end">
        0
      </text>
      <text x={WIDTH - 8} y={HEIGHT - 14} textAnchor="end">
        {number(mostA, lang)}
      </text>
      <text x={LEFT + 4} y={HEIGHT - 14}>
        {titleA} →
      </text>
      <text x={LEFT + 4} y={14}>
        ↑ {titleB}
      </text>
    </svg>
  );
}
