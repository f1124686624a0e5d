import { Bar, BarChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import { useTranslation } from 'react-i18next';
import type { IncidentStats } from '../../server/app.ts';
import type { Palette } from '../theme.ts';
import { clock, number } from '../time.ts';
import type { Language } from '../url-state.ts';

export interface HourChartProps {
  rows: IncidentStats['groups'];
  palette: Palette;
  lang: Language;
  /** Pixels of the texts; a wall needs more. */
  fontSize: number;
  /** A click on an hour; gets its beginning, ms since 1970. */
  onHour?: (at: number) => void;
}

/** Created and closed incidents of each of the last 24 hours. Loaded on demand: the chart library is heavy. */
export default function HourChart({ rows, palette, lang, fontSize, onHour }: HourChartProps) {
  const { t } = useTranslation();
  const data = rows
    .toSorted((a, b) => Date.parse(a.key) - Date.parse(b.key))
    .slice(-24)
    .map(({ key, created, closed }) => ({ at: Date.parse(key), hour: clock(Date.parse(key), lang), created, closed }));
  const axis = { stroke: palette.ui.line, tick: { fill: palette.ui.dim, fontSize } };
  return (
    <>
      <div className="om-chart" role="img" aria-label={t('strip.table')}>
        <ResponsiveContainer width="100%" height="100%">
          <BarChart
            data={data}
            {...(onHour
              ? {
                  onClick: ({ activeTooltipIndex }) => onHour(data[Number(activeTooltipIndex)]?.at ?? Date.now()),
                  cursor: 'pointer',
                }
              : {})}
            margin={{ top: 4, right: 4, bottom: 0, left: 0 }}
            barGap={1}
            barCategoryGap="22%"
          >
            <CartesianGrid vertical={false} stroke={palette.ui.line} strokeDasharray="2 4" />
            <XAxis dataKey="hour" {...axis} tickLine={false} interval="preserveStartEnd" minTickGap={fontSize} />
            {/* Five digits and more have a comma: what is cut off in front would be another number. */}
            <YAxis
              {...axis}
              tickLine={false}
              axisLine={false}
              allowDecimals={false}
              width={fontSize * 4.6}
              tickFormatter={(value: number) => number(value, lang)}
            />
            <Tooltip
              cursor={{ fill: palette.ui.raised }}
              contentStyle={{
                background: palette.ui.panel,
                borderColor: palette.ui.line,
                color: palette.ui.text,
                fontSize,
              }}
              labelStyle={{ color: palette.ui.dim }}
            />
            <Bar dataKey="created" name={t('strip.created')} fill={palette.series[0] ?? ''} isAnimationActive={false} />
            <Bar dataKey="closed" name={t('strip.closed')} fill={palette.series[3] ?? ''} isAnimationActive={false} />
          </BarChart>
        </ResponsiveContainer>
      </div>
      {/* A table keeps its height whatever it is told: the box around it is what is cut. */}
      <div className="om-hidden">
        <table>
          <caption>{t('strip.table')}</caption>
          <thead>
            <tr>
              <th>{t('strip.hour')}</th>
              <th>{t('strip.created')}</th>
              <th>{t('strip.closed')}</th>
            </tr>
          </thead>
          <tbody>
            {data.map(({ at, hour, created, closed }) => (
              <tr key={hour}>
                <td>
                  {onHour ? (
                    <button type="button" tabIndex={-1} onClick={() => onHour(at)}>
                      {hour}
                    </button>
                  ) : (
                    hour
                  )}
                </td>
                <td>{created}</td>
                <td>{closed}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
