/** The live situation as map overlays: cells by open load, incidents as marks. */
import type { Layer } from '@deck.gl/core';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { Incident, LayerSummary } from '../../../server/app.ts';
import { useBoundaries } from '../../api/layers.ts';
import { clockNow } from '../../clock.ts';
import { usePace } from '../../frame-pace.ts';
import { useLive } from '../../live-store.ts';
import { areaLayers, incidentLayers } from '../../map/overlays.ts';
import { loadOf } from '../../place-names.ts';
import { NEW_MS } from '../../situation.ts';
import { rampClasses, rampIndex, type Palette } from '../../theme.ts';
import type { Selection } from '../../url-state.ts';

/** True where the person asked the system for less motion; follows changes. */
function usePrefersStill(): boolean {
  const [isStill, setIsStill] = useState(() => matchMedia('(prefers-reduced-motion: reduce)').matches);
  useEffect(() => {
    const query = matchMedia('(prefers-reduced-motion: reduce)');
    const follow = () => setIsStill(query.matches);
    query.addEventListener('change', follow);
    return () => query.removeEventListener('change', follow);
  }, []);
  return isStill;
}

const NO_LAYERS: Layer[] = [];

/** The colours of the cells follow so much later, ms: each change of theirs paints the whole base map anew. */
const CELLS_MS = 1_000;
/** Without a graphics card that takes more than a second, in which nothing else is drawn. */
const SLOW_CELLS_MS = 10_000;

/** `version` as it was at most `everyMs` ago; the last one always comes. */
function useCalm(version: number, everyMs: number): number {
  const [calm, setCalm] = useState(version);
  const changedAt = useRef(0);
  useEffect(() => {
    if (calm === version) return undefined;
    const timer = setTimeout(
      () => {
        changedAt.current = Date.now();
        setCalm(version);
      },
      Math.max(0, changedAt.current + everyMs - Date.now()),
    );
    return () => clearTimeout(timer);
  }, [calm, version, everyMs]);
  return calm;
}

/** The least grave first; among equals in the order in which they came. A flood has thousands for each picture. */
function byGravity(incidents: Iterable<Incident>): Incident[] {
  const classes: Incident[][] = [[], [], [], [], []];
  for (const incident of incidents) classes[5 - (incident.severity || 5)]?.push(incident);
  return classes.flat();
}

export function useSituationLayers(options: {
  catalogue: readonly LayerSummary[] | undefined;
  selection: Selection | null;
  palette: Palette;
  scale: number;
  showCells: boolean;
  lineScale: number;
}) {
  const { catalogue, selection, palette, scale, showCells, lineScale } = options;
  const version = useLive((state) => state.version);
  const situation = useLive((state) => state.situation);
  const isSlow = usePace((state) => state.isSlow);
  const isStill = usePrefersStill() || isSlow;
  const grid = useBoundaries('grid', loadOf(catalogue, 'governance_grid'));
  const selectedCell = selection?.kind === 'cell' ? selection.code : null;
  const selectedIncident = selection?.kind === 'incident' ? selection.id : null;

  // Young incidents settle without further news: look again once the last one has grown old.
  const [settled, setSettled] = useState(0);
  useEffect(() => {
    const timer = setTimeout(() => setSettled((value) => value + 1), NEW_MS + 500);
    return () => clearTimeout(timer);
  }, [version]);

  const cellsVersion = useCalm(version, isSlow ? SLOW_CELLS_MS : CELLS_MS);
  const max = useMemo(() => {
    let most = 1;
    for (const { open } of situation?.cells.values() ?? []) most = Math.max(most, open);
    return most;
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- `situation` changes in place
  }, [situation, cellsVersion]);

  /** The colours of the cells, as a text: most of what happens changes none of them, and the map need not be drawn anew. */
  const shades = useMemo(() => {
    const classes = rampClasses(max, palette.load.length);
    return [...(situation?.cells ?? [])].map(([code, { open }]) => `${code}${rampIndex(open, classes)}`).join();
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- `situation` changes in place
  }, [situation, cellsVersion, max, palette]);

  const under = useMemo(() => {
    if (!showCells || !grid.data) return NO_LAYERS;
    const cells = situation?.cells;
    return areaLayers({
      id: 'grid-cells',
      areas: grid.data,
      valueOf: (code) => cells?.get(code)?.open ?? 0,
      max,
      ramp: palette.load,
      version: shades,
      selected: selectedCell,
      palette,
      lineScale,
    });
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- `situation` changes in place; `shades` tells when
  }, [showCells, grid.data, situation, shades, max, selectedCell, palette, lineScale]);

  const over = useMemo(() => {
    if (!situation) return NO_LAYERS;
    return incidentLayers({
      // The gravest on top of the others, the newest on top among equals.
      incidents: byGravity(situation.incidents.values()),
      births: situation.births,
      version,
      now: clockNow(),
      animate: !isStill,
      selected: selectedIncident,
      scale,
      palette,
    });
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- `situation` changes in place; `settled` ends the pulse
  }, [situation, version, settled, isStill, selectedIncident, scale, palette]);

  return { under, over, max, version, cells: grid.data };
}
