import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLive } from '../../live-store.ts';
import { asSeverity } from '../../map/severity-shape.ts';
import { communityOf, type PlaceNames } from '../../place-names.ts';

/** Seconds between announcements: a screen reader must be able to finish the last one. */
const PAUSE_MS = 6_000;

/** Speaks of new incidents to those who do not see the map; shows nothing. */
export function Ticker({ names }: { names: PlaceNames }) {
  const { t } = useTranslation();
  const arrivals = useLive((state) => state.arrivals);
  const [text, setText] = useState('');
  const lastId = useRef(0);
  const nextAt = useRef(0);
  useEffect(() => {
    const say = () => {
      const fresh = arrivals.filter(({ id }) => id > lastId.current);
      const [first] = fresh;
      if (!first) return;
      lastId.current = first.id;
      nextAt.current = Date.now() + PAUSE_MS;
      const place = names.get(communityOf(first.grid)) ?? first.grid;
      const sentence = t('ticker.new', {
        title: first.title,
        severity: t(`severity.${asSeverity(first.severity)}`),
        place,
      });
      setText(fresh.length > 1 ? `${sentence} ${t('ticker.more', { count: fresh.length - 1 })}` : sentence);
    };
    const timer = setTimeout(say, Math.max(0, nextAt.current - Date.now()));
    return () => clearTimeout(timer);
  }, [arrivals, names, t]);
  return (
    <p className="om-hidden" aria-live="polite" data-testid="ticker">
      {text}
    </p>
  );
}
