/** The URL as state: read it, and change it without losing the rest. */
import { useMemo } from 'react';
import { useSearch } from 'wouter';
import { navigate } from 'wouter/use-browser-location';
import { formatUrlState, parseUrlState, type UrlState } from './url-state.ts';

export type Patch = Partial<UrlState> | ((state: UrlState) => Partial<UrlState>);

/** Changes the address. `replace` for what is no step of its own, such as moving the map. */
export function patchUrl(patch: Patch, replace = false): void {
  const state = parseUrlState(location.search);
  const next = { ...state, ...(typeof patch === 'function' ? patch(state) : patch) };
  const search = formatUrlState(next);
  if (search !== formatUrlState(state) || search !== location.search) {
    navigate(location.pathname + search, { replace });
  }
}

/** State of the address. Parts that did not change keep their identity, so that memos on them hold while the map moves. */
export function useUrlState(): [UrlState, (patch: Patch, replace?: boolean) => void] {
  const search = useSearch();
  const parsed = useMemo(() => parseUrlState(search), [search]);
  const camera = useStable(parsed.camera);
  const layers = useStable(parsed.layers);
  const selection = useStable(parsed.selection);
  const hexagons = useStable(parsed.hexagons);
  const areas = useStable(parsed.areas);
  const filters = useStable(parsed.filters);
  const diff = useStable(parsed.diff);
  const cross = useStable(parsed.cross);
  const table = useStable(parsed.table);
  const labels = useStable(parsed.labels);
  const tool = useStable(parsed.tool);
  const shape = useStable(parsed.shape);
  const data = useStable(parsed.data);
  const times = useStable(parsed.times);
  const swipe = useStable(parsed.swipe);
  const replay = useStable(parsed.replay);
  const indicators = useStable(parsed.indicators);
  const figure = useStable(parsed.figure);
  const { lang, asOf, card, focus, metric, panel, sheet } = parsed;
  const state = useMemo(
    () => ({
      lang,
      camera,
      layers,
      selection,
      hexagons,
      areas,
      filters,
      times,
      swipe,
      asOf,
      diff,
      focus,
      metric,
      cross,
      table,
      labels,
      tool,
      shape,
      card,
      data,
      replay,
      indicators,
      figure,
      panel,
      sheet,
    }),
    [
      lang,
      camera,
      layers,
      selection,
      hexagons,
      areas,
      filters,
      times,
      swipe,
      asOf,
      diff,
      card,
      focus,
      metric,
      cross,
      table,
      labels,
      tool,
      shape,
      data,
      replay,
      indicators,
      figure,
      panel,
      sheet,
    ],
  );
  return [state, patchUrl];
}

function useStable<T>(value: T): T {
  const text = JSON.stringify(value);
  // oxlint-disable-next-line react-hooks/exhaustive-deps -- the text is the value's identity
  return useMemo(() => value, [text]);
}
