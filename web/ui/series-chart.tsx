import { Area, CartesianGrid, ComposedChart, Line, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import type { SensorReadings } from '../../server/app.ts';
import type { Palette } from '../theme.ts';
import { dateTime, number } from '../time.ts';
import type { Language } from '../url-state.ts';

export interface SeriesChartProps {
  series: Pick<SensorReadings, 'times' | 'values'>;
  /** Which of its values. */
  index: number;
  /** What the chart shows, and its columns: mean, least, most. */
  label: string;
  titles: { time: string; avg: string; range: string };
  palette: Palette;
  lang: Language;
}

const FONT_PX = 11;
const TICK = new Map<Language, Intl.DateTimeFormat>();

/** Day and hour in China. */
function tick(at: number, lang: Language): string {
  const known = TICK.get(lang);
  const format =
    known ??
    new Intl.DateTimeFormat(lang === 'zh' ? 'zh-CN' : 'en-GB', {
      timeZone: 'Asia/Shanghai',
      month: 'numeric',
      day: 'numeric',
      hour: '2-digit',
      hourCycle: 'h23',
    });
  TICK.set(lang, format);
  return format.format(at);
}

/** A value over time: the mean of each step as a line, its range as a band. Loaded on demand: the chart library is heavy. */
export default function SeriesChart({ series, index, label, titles, palette, lang }: SeriesChartProps) {
  const value = series.values[index];
  if (!value) return null;
  // Metrics of a sensor need not be measured at the same times.
  const data = series.times.flatMap((time, i) =>
    value.count[i] === 0
      ? []
      : [
          {
            at: Date.parse(time),
            avg: value.avg[i] ?? null,
            range: [value.min[i] ?? null, value.max[i] ?? null] as const,
          },
        ],
  );
  const axis = { stroke: palette.ui.line, tick: { fill: palette.ui.dim, fontSize: FONT_PX } };
  const color = palette.series[0] ?? '';
  const shown = (each: number | null) => `${number(each, lang, 2)}${value.unit === null ? '' : ` ${value.unit}`}`;
  return (
    <div className="om-chart om-series-chart" role="img" aria-label={label} data-testid="series-chart">
      <ResponsiveContainer width="100%" height="100%">
        <ComposedChart data={data} margin={{ top: 4, right: 4, bottom: 0, left: 0 }}>
          <CartesianGrid vertical={false} stroke={palette.ui.line} strokeDasharray="2 4" />
          <XAxis
            dataKey="at"
            type="number"
            scale="time"
            domain={['dataMin', 'dataMax']}
            tickFormatter={(at: number) => tick(at, lang)}
            {...axis}
            tickLine={false}
            minTickGap={24}
          />
          <YAxis {...axis} tickLine={false} axisLine={false} width={FONT_PX * 3.6} domain={['auto', 'auto']} />
          <Tooltip
            contentStyle={{
              background: palette.ui.panel,
              borderColor: palette.ui.line,
              color: palette.ui.text,
              fontSize: FONT_PX,
            }}
            labelFormatter={(at) => dateTime(Number(at), lang)}
            formatter={(each) =>
              Array.isArray(each)
                ? each.map((end) => shown(Number(end))).join(' – ')
                : shown(each === undefined ? null : Number(each))
            }
          />
          <Area
            dataKey="range"
            name={titles.range}
            stroke="none"
            fill={color}
            fillOpacity={0.2}
            isAnimationActive={false}
          />
          <Line
            dataKey="avg"
            name={titles.avg}
            stroke={color}
            strokeWidth={1.6}
            dot={data.length === 1}
            isAnimationActive={false}
          />
        </ComposedChart>
      </ResponsiveContainer>
      {/* A table keeps its height whatever it is told: the box around it is what is cut. */}
      <div className="om-hidden">
        <table>
          <caption>{label}</caption>
          <thead>
            <tr>
              <th>{titles.time}</th>
              <th>{titles.avg}</th>
              <th>{titles.range}</th>
            </tr>
          </thead>
          <tbody>
            {data.map(({ at, avg, range }) => (
              <tr key={at}>
                <td>{dateTime(at, lang)}</td>
                <td>{shown(avg)}</td>
                <td>{range.map(shown).join(' – ')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
