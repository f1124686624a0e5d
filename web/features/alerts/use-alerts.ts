import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { wasInForce } from '../../alerts.ts';
import { gravestFirst } from '../../gravest-first.ts';
import type { Alert, AlertList } from '../../../server/app.ts';
import { getJson } from '../../api/request.ts';
import { useLive } from '../../live-store.ts';
import { useNow } from '../../ui/use-now.ts';

const NONE: Alert[] = [];

/**
 * Warnings in force at the time of the screen, the gravest first. Read anew when the live feed says that they changed; they end by the
 * clock. In a replay they are those of the moment that is shown.
 */
export function useAlerts(): readonly Alert[] {
  const version = useLive((state) => state.warnings);
  const isPast = useLive((state) => state.replay !== null);
  const beat = isPast ? 1_000 : 15_000;
  const now = Math.floor(useNow(beat) / beat) * beat;
  const of = isPast ? 'all' : 'now';
  const { data } = useQuery({
    queryKey: ['alerts', of, version],
    queryFn: async ({ signal }) =>
      (await getJson<AlertList>(isPast ? '/api/alerts?all=true' : '/api/alerts', signal)).alerts,
    placeholderData: (before, query) => (query?.queryKey[1] === of ? before : undefined),
    refetchInterval: 120_000,
  });
  const inForce = (data ?? NONE).filter((alert) =>
    isPast ? wasInForce(alert, data ?? NONE, now) : alert.expires === null || Date.parse(alert.expires) > now,
  );
  const ids = inForce.map(({ id }) => id).join();
  // The same list for as long as nothing ends: another one would have every map drawn anew on each beat of the clock.
  return useMemo(
    () => (ids === '' ? NONE : inForce.toSorted(gravestFirst)),
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- the ids say which of `data` are in force
    [data, ids],
  );
}
