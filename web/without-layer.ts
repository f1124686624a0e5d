import type { UrlState } from './url-state.ts';

/** What changes in the address when a layer is gone: nothing there may ask for it any more. */
export function withoutLayer(state: UrlState, id: string): Partial<UrlState> {
  const { layers, labels, hexagons, areas, focus, swipe, diff, table, selection, shape, tool } = state;
  const without = <T>(of: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(of).filter(([key]) => key !== id));
  const isCounted = [hexagons?.layer, areas?.layer, focus].includes(id);
  return {
    layers: layers.filter((layer) => layer.id !== id),
    labels: labels.filter((label) => label !== id),
    filters: without(state.filters),
    times: without(state.times),
    ...(hexagons?.layer === id ? { hexagons: null } : {}),
    ...(areas?.layer === id ? { areas: null } : {}),
    ...(focus === id ? { focus: null } : {}),
    // Figures and groupings are of its fields.
    ...(isCounted ? { metric: null, cross: null } : {}),
    ...(swipe?.layer === id ? { swipe: null } : {}),
    ...(diff?.layer === id ? { diff: null } : {}),
    ...(table?.layer === id ? { table: null } : {}),
    ...(selection?.kind === 'feature' && selection.layer === id ? { selection: null } : {}),
    ...(shape?.kind === 'feature' && shape.layer === id ? { shape: null } : {}),
    ...(tool === null
      ? {}
      : { tool: { ...tool, options: Object.fromEntries(Object.entries(tool.options).filter(([, of]) => of !== id)) } }),
  };
}
