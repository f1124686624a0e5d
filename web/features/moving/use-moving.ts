import { useReducedMotion } from '@mantine/hooks';
import { useEffect, useMemo, useState } from 'react';
import type { LayerSummary } from '../../../server/app.ts';
import { getPositions } from '../../api/sensors.ts';
import { movingLayers } from '../../map/moving-layers.ts';
import { moved, NO_FLEET, TRAIL_MS, type Fleet } from '../../map/moving-track.ts';
import type { Palette } from '../../theme.ts';
import { useNow } from '../../ui/use-now.ts';

const EVERY_MS = 3000;
const NOTHING: never[] = [];

export interface MovingSettings {
  /** The layers whose features move, of those that are shown. */
  shown: readonly LayerSummary[];
  zoom: number;
  palette: Palette;
  scale: number;
}

/** Asks where the vehicles of these layers are, and draws them. */
export function useMoving({ shown, zoom, palette, scale }: MovingSettings) {
  const kinds = shown.map(({ id }) => id).join(',');
  const [fleet, setFleet] = useState<{ kinds: string; fleet: Fleet; hasFailed: boolean }>({
    kinds: '',
    fleet: NO_FLEET,
    hasFailed: false,
  });
  useEffect(() => {
    if (kinds === '') return;
    const stop = new AbortController();
    let known = NO_FLEET;
    let timer: ReturnType<typeof setTimeout>;
    const ask = async (): Promise<void> => {
      try {
        // A tab that nobody looks at catches up when it is looked at again.
        if (!document.hidden) {
          const trail = known.cursor === 0 ? TRAIL_MS / 1000 : 0;
          const answer = await getPositions(kinds, known.cursor, trail, stop.signal);
          known = moved(known, answer, Date.now());
          setFleet({ kinds, fleet: known, hasFailed: false });
        }
      } catch {
        if (stop.signal.aborted) return;
        setFleet((before) => ({ ...before, kinds, hasFailed: true }));
      }
      if (!stop.signal.aborted) timer = setTimeout(() => void ask(), EVERY_MS);
    };
    void ask();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [kinds]);
  const beat = useNow(5000);
  const isStill = useReducedMotion();
  const every = useMemo(
    () => new Map(shown.map(({ id, moving }) => [id, moving?.everySeconds ?? 10])),
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- the same kinds are the same layers
    [kinds],
  );
  const current = fleet.kinds === kinds ? fleet.fleet : NO_FLEET;
  const now = beat + current.ahead;
  const rounded = Math.round(zoom * 2) / 2;
  const layers = useMemo(
    () =>
      kinds === ''
        ? NOTHING
        : movingLayers({ vehicles: current.vehicles, every, now, zoom: rounded, palette, scale, isStill }),
    [kinds, current.vehicles, every, now, rounded, palette, scale, isStill],
  );
  return { layers, vehicles: current.vehicles, every, now, hasFailed: fleet.kinds === kinds && fleet.hasFailed };
}
