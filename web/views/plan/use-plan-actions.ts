/** What is done with layers, filters and selections from the panels: one step of the address each, and where the map flies. */
import { cellToLatLng } from 'h3-js';
import { useCallback } from 'react';
import type { SearchHit } from '../../../server/app.ts';
import type { FeatureAnswer, useBoundaries } from '../../api/layers.ts';
import { displayOf } from '../../features/analysis/analysis-panel.tsx';
import { withCondition, type FilterNode } from '../../filter.ts';
import { areaCenter, geometryBounds } from '../../map/area-center.ts';
import { areaCode } from '../../map/overlays.ts';
import { toggleLayer, type UrlState } from '../../url-state.ts';
import type { patchUrl } from '../../use-url-state.ts';
import { HEXAGON_PITCH, type Counted } from './use-counted.ts';
import type { Aim } from './use-fly-to.ts';
import { zoomOf } from './zoom-of.ts';

export interface ActionSettings {
  state: UrlState;
  patch: typeof patchUrl;
  fly: (name: string, aim: Aim) => void;
  counted: Counted;
  /** Outlines of the cells that a tool painted. */
  painted: ReturnType<typeof useBoundaries>['data'];
}

export function usePlanActions({ state, patch, fly, counted, painted }: ActionSettings) {
  const { level, boundaries } = counted;
  const tableLayer = state.table?.layer;
  const onFilter = useCallback(
    (id: string, tree: FilterNode | undefined) =>
      patch((now) => {
        const { [id]: _before, ...others } = now.filters;
        return { filters: tree === undefined ? others : { ...others, [id]: tree } };
      }),
    [patch],
  );
  const onArea = useCallback(
    (code: string) => {
      patch({ selection: { kind: 'cell', code } });
      const center = areaCenter(boundaries.data, (area) => areaCode(area) === code);
      if (center) fly(code, { ...center, zoom: level === 'town' ? 12 : 13.5 });
    },
    [patch, fly, boundaries.data, level],
  );
  const onCell = useCallback(
    (code: string) => {
      patch({ selection: { kind: 'cell', code }, sheet: 'map' });
      const center = areaCenter(painted, (each) => areaCode(each) === code);
      if (center) fly(code, { ...center, zoom: 14 });
    },
    [patch, fly, painted],
  );
  const onRow = useCallback(
    (row: FeatureAnswer) => {
      if (tableLayer === undefined) return;
      patch({ selection: { kind: 'feature', layer: tableLayer, fid: String(row.id) } });
      const bounds = row.geometry === null ? null : geometryBounds(row.geometry);
      if (bounds) fly(`${tableLayer}:${row.id}`, { bounds });
    },
    [patch, fly, tableLayer],
  );
  /** Shows a row that differs between two loads, as near as its layer is drawn. */
  const onChanged = useCallback(
    (fid: number, bounds: [number, number, number, number]) => {
      patch({ sheet: 'map' }, true);
      fly(`changed:${fid}`, { bounds });
    },
    [patch, fly],
  );
  const onRowFilter = useCallback(
    (condition: FilterNode) => {
      if (tableLayer === undefined) return;
      patch((now) => ({
        filters: { ...now.filters, [tableLayer]: withCondition(now.filters[tableLayer], condition) },
      }));
    },
    [patch, tableLayer],
  );
  const onHexagon = useCallback(
    (cell: string) => {
      const [lat, lng] = cellToLatLng(cell);
      fly(cell, { lat, lng, zoom: 13.5 });
    },
    [fly],
  );
  const onTable = useCallback((id: string) => patch({ table: { layer: id, sort: null, columns: null } }), [patch]);
  /** Brings a layer to the form of filter and figures. */
  const onWork = useCallback(
    (id: string) =>
      patch((now) =>
        displayOf(now).layer === id
          ? { panel: 'analyse', sheet: 'analyse' }
          : { hexagons: null, areas: null, focus: id, metric: null, cross: null, panel: 'analyse', sheet: 'analyse' },
      ),
    [patch],
  );
  const onPick = useCallback(
    (hit: SearchHit) => {
      patch((now) => ({
        layers: now.layers.some(({ id }) => id === hit.layer)
          ? now.layers
          : [...now.layers, { id: hit.layer, opacity: 1 }],
        ...(hit.fid === null
          ? {}
          : { selection: { kind: 'feature', layer: hit.layer, fid: String(hit.fid) }, sheet: 'detail' }),
      }));
      // A layer is looked at where the map is.
      if (hit.fid === null || !hit.position) return;
      const [lng, lat] = hit.position;
      fly(`${hit.layer}:${hit.fid}`, { lng, lat, zoom: zoomOf(hit) });
    },
    [patch, fly],
  );
  const onToggle = useCallback((id: string) => patch((now) => ({ layers: toggleLayer(now.layers, id) })), [patch]);
  const onChange = useCallback(
    (change: Partial<UrlState>) =>
      patch((now) => {
        const isFirst = Boolean(change.hexagons) && !now.hexagons && (now.camera?.pitch ?? 0) < 5;
        return isFirst && now.camera ? { ...change, camera: { ...now.camera, pitch: HEXAGON_PITCH } } : change;
      }),
    [patch],
  );
  return {
    onFilter,
    onArea,
    onCell,
    onRow,
    onChanged,
    onRowFilter,
    onHexagon,
    onTable,
    onWork,
    onPick,
    onToggle,
    onChange,
  };
}
