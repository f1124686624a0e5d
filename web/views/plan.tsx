import { useCallback, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useBoundaries, useLayers } from '../api/layers.ts';
import { withQuery } from '../api/request.ts';
import { ActiveFilters } from '../features/analysis/active-filters.tsx';
import { AnalysisPanel, displayOf } from '../features/analysis/analysis-panel.tsx';
import { ExportPanel } from '../features/export/export-panel.tsx';
import { ConnectionBanner } from '../features/health/connection-banner.tsx';
import { LoadingNote } from '../features/health/loading-note.tsx';
import { LayerMenu } from '../features/layer-menu/layer-menu.tsx';
import { ShownLayers } from '../features/layer-menu/shown-layers.tsx';
import { MovingNote } from '../features/moving/moving-note.tsx';
import { Bell } from '../features/notifications/bell.tsx';
import { RowTable } from '../features/rows/row-table.tsx';
import { SearchBox } from '../features/search/search-box.tsx';
import { TimeNote } from '../features/time/time-note.tsx';
import { TimePanel } from '../features/time/time-panel.tsx';
import { HandHelp } from '../features/tools/hand-help.tsx';
import { ToolsPanel } from '../features/tools/tools-panel.tsx';
import { useTool } from '../features/tools/use-tool.ts';
import { WhyNumber } from '../features/why/why-number.tsx';
import { areasOf } from '../filter-areas.ts';
import { toFilter } from '../filter.ts';
import { CityMap, type Hit } from '../map/city-map.tsx';
import { MOVING_LAYER } from '../map/moving-layers.ts';
import type { Vehicle } from '../map/moving-track.ts';
import { areaCode, paintedAreas } from '../map/overlays.ts';
import { filterAreaLayer, foundLayer, shapeLayer } from '../map/tool-layers.ts';
import { loadOf, usePlaceLabels, usePlaceNames } from '../place-names.ts';
import { light } from '../theme.ts';
import { today } from '../time.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { useUrlState } from '../use-url-state.ts';
import { BOUNDARY_LAYER } from './plan/boundary-layer.ts';
import { DetailPanel } from './plan/detail-panel.tsx';
import { HitNote, type HexagonHit } from './plan/hit-note.tsx';
import { MapLegend } from './plan/map-legend.tsx';
import { sheetOf, Sheets } from './plan/sheets.tsx';
import { SidePanel } from './plan/side-panel.tsx';
import { SideTabs } from './plan/side-tabs.tsx';
import { HEXAGON_PITCH, useCounted } from './plan/use-counted.ts';
import { useFirstPlace } from './plan/use-first-place.ts';
import { useFlyTo } from './plan/use-fly-to.ts';
import { useHand } from './plan/use-hand.ts';
import { useHexagonPlace } from './plan/use-hexagon-place.ts';
import { useLayerChanges } from './plan/use-layer-changes.ts';
import { useLiveLayers } from './plan/use-live-layers.ts';
import { usePlanActions } from './plan/use-plan-actions.ts';
import { usePlanCard } from './plan/use-plan-card.tsx';
import { useRasterProbe } from './plan/use-raster-probe.ts';
import { useShownLayers } from './plan/use-shown-layers.ts';
import { useSwiped } from './plan/use-swiped.ts';
import { Brand, ViewSwitch } from './shell.tsx';
import { useRootSize } from './use-root-size.ts';
import { useShortcuts } from './use-shortcuts.ts';

/** Zoom of the whole district, until the map has said where it is. */
const FIRST_ZOOM = 11.5;
const NOTHING: never[] = [];

/** The desk of a planner: any layer, any count, any filter, and a link to share it. */
export default function Plan() {
  const { t } = useTranslation();
  const [state, patch] = useUrlState();
  const { lang, selection, filters, layers, hexagons, areas, asOf, tool, shape, labels } = state;
  const rootPx = useRootSize('desk');
  const scale = Math.round((rootPx / 16) * 10) / 10;
  const { data: catalogue = NOTHING } = useLayers();
  const names = usePlaceNames(catalogue);
  const places = usePlaceLabels(catalogue);
  const zoom = state.camera?.zoom ?? FIRST_ZOOM;

  const { moving, movingShown, sensorValues, gliding } = useLiveLayers({ state, catalogue, zoom, scale });
  const [vehicle, setVehicle] = useState<string | null>(null);
  const drawn = useShownLayers(state, catalogue, gliding);
  const swiped = useSwiped(state, catalogue);
  const { setProbe, ...probe } = useRasterProbe(state, catalogue);
  const counted = useCounted({ state, catalogue, zoom, scale });
  const { res, hexCounts, areaCounts, boundaries, level } = counted;
  const grids = useBoundaries('grid', loadOf(catalogue, BOUNDARY_LAYER.grid));
  const gridCodes = useMemo(() => (grids.data?.features ?? []).map(areaCode).toSorted(), [grids.data]);
  const hexagonPlace = useHexagonPlace(catalogue, names);
  const [flyTo, fly] = useFlyTo();
  useFirstPlace(state, catalogue, fly);

  const filterOf = useCallback((id: string) => toFilter(filters[id]), [filters]);
  const answers = useTool(tool, shape, filterOf);
  const { cells, outline, found } = answers;
  const cellLevel = cells?.by ?? 'grid';
  const cellBoundaries = useBoundaries(cellLevel, loadOf(catalogue, BOUNDARY_LAYER[cellLevel]));
  const selectedCode = selection?.kind === 'cell' ? selection.code : null;
  const painted = useMemo(
    () =>
      cells && cellBoundaries.data
        ? paintedAreas('area-counts', cellBoundaries.data, cells.colors, selectedCode, light)
        : null,
    [cells, cellBoundaries.data, selectedCode],
  );
  const card = usePlanCard(state, patch, fly);
  const worked = displayOf(state).layer;
  const filterAreas = useMemo(() => areasOf(worked === null ? undefined : filters[worked]), [filters, worked]);
  const hand = useHand(shape, patch);
  const over = useMemo(
    () => [
      ...card.layers,
      ...(filterAreas.length > 0 ? [filterAreaLayer(filterAreas, light)] : []),
      // What is being changed is drawn with its corners.
      ...(tool !== null && outline !== null && hand.mode !== 'edit' ? [shapeLayer(outline, light)] : []),
      ...(found.length > 0 ? [foundLayer('found', found, light)] : []),
      ...sensorValues,
      ...moving.layers,
    ],
    [card.layers, tool, outline, hand.mode, found, filterAreas, sensorValues, moving.layers],
  );
  const actions = usePlanActions({ state, patch, fly, counted, painted: cellBoundaries.data });
  const { onFilter, onArea, onCell, onHexagon, onTable, onWork, onChange } = actions;
  const { onMade, onCatalogue, onRemoved } = useLayerChanges(patch, fly);

  const [hexHit, setHexHit] = useState<HexagonHit | null>(null);
  const clear = useCallback(() => {
    setHexHit(null);
    setProbe(null);
    patch((now) => (now.selection ? { selection: null, sheet: null } : {}));
  }, [patch, setProbe]);
  useShortcuts(clear);
  const onHit = useCallback(
    (hit: Hit | null, at: { lng: number; lat: number }) => {
      setHexHit(null);
      setVehicle(hit?.kind === 'overlay' && hit.layer === MOVING_LAYER ? (hit.object as Vehicle).id : null);
      if (hit?.kind === 'feature') {
        patch({ selection: { kind: 'feature', layer: hit.layer, fid: hit.fid }, sheet: 'detail' });
      } else if (hit?.layer === 'area-counts') {
        const code = areaCode(hit.object as { properties: Record<string, unknown> });
        patch({ selection: { kind: 'cell', code }, sheet: 'detail' });
      } else if (hit?.layer === 'hexagons' && hexCounts.data) {
        const cell = hexCounts.data.cells[hit.index];
        if (cell !== undefined) setHexHit({ cell, count: hexCounts.data.counts[hit.index] ?? null });
      } else clear();
      setProbe({ lng: Number(at.lng.toFixed(6)), lat: Number(at.lat.toFixed(6)) });
    },
    [patch, clear, setProbe, hexCounts.data],
  );

  const near = state.camera ? `${state.camera.lng.toFixed(4)},${state.camera.lat.toFixed(4)}` : null;
  const exportable = useMemo(() => {
    const selectedLayer = selection?.kind === 'feature' ? selection.layer : null;
    const ids = new Set([...layers.map(({ id }) => id), hexagons?.layer, areas?.layer, selectedLayer]);
    return catalogue.filter((layer) => ids.has(layer.id) && layer.geometry !== 'raster' && layer.count !== null);
  }, [catalogue, layers, hexagons, areas, selection]);
  const shownIds = useMemo(() => layers.map(({ id }) => id), [layers]);
  const cell = useMemo(
    () => boundaries.data?.features.find((feature) => areaCode(feature) === selectedCode),
    [boundaries.data, selectedCode],
  );
  const sheet = sheetOf(state.sheet);
  const front = state.panel ?? (tool !== null ? 'tools' : worked !== null ? 'analyse' : 'layers');
  return (
    <div className="om-plan" data-sheet={sheet}>
      <header className="om-top">
        <Brand />
        <SearchBox lang={lang} near={near} onPick={actions.onPick} />
        <CopyButton label={t('share.copy')} text={() => location.href} />
        <Bell lang={lang} />
        <ViewSwitch view="plan" lang={lang} />
      </header>
      <ConnectionBanner lang={lang} />
      <main id="main" className="om-plan-main">
        <div className="om-plan-left">
          <LayerMenu
            {...{ catalogue, lang, onRemoved }}
            shown={layers}
            onToggle={actions.onToggle}
            onChanged={onCatalogue}
          />
        </div>
        <div className="om-plan-center">
          <CityMap
            {...{ catalogue, over, onHit, flyTo, places, scale }}
            palette={light}
            label={t('map.label')}
            camera={state.camera}
            onCamera={(camera) => patch({ camera }, true)}
            shown={drawn}
            under={painted ?? counted.under}
            drawing={{ mode: hand.mode, shape, onDrawn: hand.onDrawn, onEdited: hand.onEdited, control: hand.control }}
            swipe={swiped}
            firstPitch={hexagons ? HEXAGON_PITCH : 0}
          >
            <div className="om-map-top">
              <ActiveFilters {...{ filters, catalogue, names, lang }} onChange={onFilter} onOpen={onWork} />
              <TimeNote {...{ state, catalogue, lang, zoom }} onChange={patch} />
              <MapLegend {...{ state, counted, cells, worked }} />
            </div>
            <HitNote hexagon={hexHit} {...{ hexCounts, hexagonPlace, lang }} {...probe} />
            <div className="om-moving-corner">
              <MovingNote {...moving} shown={movingShown} selected={vehicle} lang={lang} />
            </div>
            <LoadingNote lang={lang} />
            {hand.mode !== null && (
              <HandHelp mode={hand.mode} shape={shape} control={hand.control} onMode={hand.onToolMode} />
            )}
          </CityMap>
          {state.table && (
            <RowTable
              table={state.table}
              tree={filters[state.table.layer]}
              at={asOf}
              selection={selection}
              lang={lang}
              onChange={(table) => patch({ table })}
              onSelect={actions.onRow}
              onFilter={actions.onRowFilter}
            />
          )}
        </div>
        <div className="om-plan-right">
          {selection !== null && (
            <DetailPanel
              {...{ selection, cell, catalogue, names, asOf, lang }}
              onClose={clear}
              onSelect={(next) => patch({ selection: next })}
            >
              {card.ofIncident}
            </DetailPanel>
          )}
          <div className="om-plan-tools">
            <SideTabs panel={front} onChange={(panel) => patch({ panel })} />
            <SidePanel id="layers" front={front}>
              <ShownLayers
                {...{ catalogue, lang, zoom, labels, asOf, onWork, onTable }}
                shown={layers}
                onChange={(next) => patch({ layers: next }, true)}
                series={state}
                onSeries={patch}
                onLabels={(next) => patch({ labels: next }, true)}
              />
            </SidePanel>
            <SidePanel id="analyse" front={front}>
              <AnalysisPanel
                {...{ state, catalogue, names, lang, res, gridCodes, hexagonPlace }}
                {...{ onChange, onArea, onFilter, onHexagon, onTable }}
                hexagons={hexCounts}
                areas={areaCounts}
                onDraw={hand.onDraw}
                figureText={counted.figureText}
                why={
                  counted.layer && (
                    <WhyNumber
                      lang={lang}
                      rule="lead.rule.count"
                      request={withQuery(`/api/layers/${counted.layer.id}/${hexagons ? 'h3' : 'cells'}`, {
                        ...(hexagons ? { res } : { by: level }),
                        filter: counted.filter === null ? null : JSON.stringify(counted.filter),
                        at: asOf,
                      })}
                      readAt={(hexagons ? hexCounts : areaCounts).dataUpdatedAt || null}
                      layer={counted.layer}
                      filter={counted.filter}
                      at={asOf}
                    />
                  )
                }
              />
            </SidePanel>
            <SidePanel id="tools" front={front}>
              <ToolsPanel
                {...{ tool, shape, asOf, selection, catalogue, filterOf, names, lang, answers, onTable, onCell }}
                control={hand.control}
                shown={shownIds}
                onShow={onMade}
                mode={hand.mode}
                onMode={hand.onToolMode}
                onChange={patch}
              />
              {card.ofShape}
            </SidePanel>
            <SidePanel id="time" front={front}>
              <TimePanel {...{ state, catalogue, lang }} today={today()} onChange={patch} onShow={actions.onChanged} />
            </SidePanel>
            <SidePanel id="export" front={front}>
              <ExportPanel layers={exportable} filterOf={filterOf} at={asOf} lang={lang} />
            </SidePanel>
          </div>
        </div>
      </main>
      <Sheets sheet={sheet} hasDetail={selection !== null} onChange={(next) => patch({ sheet: next }, true)} />
    </div>
  );
}
