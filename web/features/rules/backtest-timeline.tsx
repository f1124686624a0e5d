import { useTranslation } from 'react-i18next';
import type { Backtest } from '../../../server/app.ts';
import { dateTime } from '../../time.ts';
import type { Language } from '../../url-state.ts';
import { useAlarmTitle } from './use-alarm-title.ts';

const ROWS = 12;
const WIDTH = 600;
const ROW = 16;
/** Pixels of the shortest bar: an alarm of a minute in a month is still seen. */
const LEAST = 3;

type Tested = Backtest['alarms'][number];

/** When alarms would have been open, a line for each that would have raised them; those with the most first. */
export function BacktestTimeline({
  result,
  lang,
  onPick,
}: {
  result: Backtest;
  lang: Language;
  onPick: (alarm: Tested) => void;
}) {
  const { t } = useTranslation();
  const titleOf = useAlarmTitle();
  const [from, to] = [Date.parse(result.from), Date.parse(result.to)];
  const x = (iso: string | null) => ((iso === null ? to : Date.parse(iso)) - from) * (WIDTH / (to - from));
  const byOriginator = new Map<string, Tested[]>();
  for (const alarm of result.alarms)
    byOriginator.set(alarm.originator, [...(byOriginator.get(alarm.originator) ?? []), alarm]);
  const lines = [...byOriginator.values()].toSorted((a, b) => b.length - a.length).slice(0, ROWS);
  if (lines.length === 0) return null;
  return (
    <figure className="om-timeline" aria-label={t('rules.timeline')}>
      <svg
        viewBox={`0 0 ${WIDTH} ${lines.length * ROW}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={t('rules.timeline')}
      >
        {lines.map((alarms, row) => (
          <g key={alarms[0]?.originator}>
            <line x1={0} x2={WIDTH} y1={(row + 0.5) * ROW} y2={(row + 0.5) * ROW} className="om-timeline-line" />
            {alarms.map((alarm) => (
              <rect
                key={alarm.raisedAt}
                className="om-timeline-bar"
                x={x(alarm.raisedAt)}
                y={row * ROW + 3}
                width={Math.max(LEAST, x(alarm.clearedAt) - x(alarm.raisedAt))}
                height={ROW - 6}
                onClick={() => onPick(alarm)}
              >
                <title>{`${titleOf(alarm, lang)}, ${dateTime(Date.parse(alarm.raisedAt), lang)}`}</title>
              </rect>
            ))}
          </g>
        ))}
      </svg>
      <figcaption>
        <span>{dateTime(from, lang)}</span>
        <span>{dateTime(to, lang)}</span>
      </figcaption>
    </figure>
  );
}
