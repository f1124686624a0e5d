import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Incident } from '../../../server/app.ts';
import { useLive } from '../../live-store.ts';
import { townAndCommunity, type PlaceNames } from '../../place-names.ts';
import { duration, number } from '../../time.ts';
import { SeverityMark } from '../../ui/severity-mark.tsx';
import { useNow } from '../../ui/use-now.ts';
import type { Language } from '../../url-state.ts';
import { chime } from './chime.ts';
import { redArrivals, type RedArrival } from './red-arrivals.ts';

/**
 * A red incident that has just come: in words over the map, and to be heard where that is wanted, until somebody has looked or a
 * minute has passed. It lies over an empty corner, so that nothing moves.
 */
export function RedBanner(props: {
  lang: Language;
  names: PlaceNames;
  isHeard: boolean;
  selected: number | null;
  onSelect: (incident: Incident) => void;
}) {
  const { lang, names, isHeard, selected, onSelect } = props;
  const { t } = useTranslation();
  const arrivals = useLive((state) => state.arrivals);
  const situation = useLive((state) => state.situation);
  const now = useNow(1_000);
  const [red, setRed] = useState<readonly RedArrival[]>([]);
  const done = useRef(new Set<number>());
  const last = useRef(0);
  useEffect(() => {
    if (selected !== null) done.current.add(selected);
    // What was there before this page looked is no arrival.
    const fresh = arrivals.filter(({ id }) => id > last.current);
    last.current = Math.max(last.current, ...arrivals.map(({ id }) => id));
    if (isHeard && fresh.some(({ severity, parent }) => severity === 1 && parent === null)) chime();
    setRed((before) => {
      const next = redArrivals(before, fresh, situation?.incidents ?? new Map(), done.current, now);
      return next.length === 0 && before.length === 0 ? before : next;
    });
  }, [arrivals, situation, selected, now, isHeard]);
  const [first] = red;
  if (!first) return null;
  const { incident, seenAt } = first;
  const place = townAndCommunity(incident.grid, names);
  const dismiss = () => {
    for (const each of red) done.current.add(each.incident.id);
    setRed([]);
  };
  return (
    <div className="om-red" role="alert" data-testid="red-banner">
      <button type="button" className="om-red-open" onClick={() => onSelect(incident)}>
        <SeverityMark severity={1} label={t('severity.1')} />
        <span>
          <b>{incident.title}</b>
          <small>
            {place || incident.grid} · {t('queue.elapsed', { time: duration(now - seenAt, lang) })}
            {red.length > 1 && ` · ${t('red.more', { count: red.length - 1, text: number(red.length - 1, lang) })}`}
          </small>
        </span>
      </button>
      <button type="button" className="om-close" onClick={dismiss} aria-label={t('panel.close')}>
        ✕
      </button>
    </div>
  );
}
