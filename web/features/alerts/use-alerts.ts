import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { gravestFirst } from '../../gravest-first.ts';
import type { Alert, AlertList } from '../../../server/app.ts';
import { getJson } from '../../api/request.ts';
import { useLive } from '../../live-store.ts';
import { useNow } from '../../ui/use-now.ts';

const NONE: Alert[] = [];

/** Warnings in force, the gravest first. Read anew when the live feed says that they changed; they end by the clock. */
export function useAlerts(): readonly Alert[] {
  const version = useLive((state) => state.warnings);
  const minute = Math.floor(useNow(15_000) / 15_000) * 15_000;
  const { data } = useQuery({
    queryKey: ['alerts', version],
    queryFn: async ({ signal }) => (await getJson<AlertList>('/api/alerts', signal)).alerts,
    placeholderData: keepPreviousData,
    refetchInterval: 120_000,
  });
  const inForce = (data ?? NONE).filter(({ expires }) => expires === null || Date.parse(expires) > minute);
  const ids = inForce.map(({ id }) => id).join();
  // The same list for as long as nothing ends: another one would have every map drawn anew on each beat of the clock.
  return useMemo(
    () => (ids === '' ? NONE : inForce.toSorted(gravestFirst)),
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- the ids say which of `data` are in force
    [data, ids],
  );
}
