import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { cellToLatLng } from 'h3-js';
import { useCallback, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LayerSummary, SearchHit } from '../../server/app.ts';
import { useAreaCounts, useHexagons } from '../api/counts.ts';
import { useSituationCard } from '../api/incidents.ts';
import {
  useBoundaries,
  useDiff,
  useLayerDetail,
  useLayers,
  useRasterValue,
  type FeatureAnswer,
} from '../api/layers.ts';
import { withQuery } from '../api/request.ts';
import { AnalysisPanel, displayOf } from '../features/analysis/analysis-panel.tsx';
import { ActiveFilters } from '../features/analysis/active-filters.tsx';
import { metricTitle } from '../features/analysis/metric-select.tsx';
import { CellPanel } from '../features/cell-panel/cell-panel.tsx';
import { ExportPanel } from '../features/export/export-panel.tsx';
import { FeaturePanel } from '../features/feature-panel/feature-panel.tsx';
import { ConnectionBanner } from '../features/health/connection-banner.tsx';
import { LoadingNote } from '../features/health/loading-note.tsx';
import { IncidentPanel } from '../features/incident-panel/incident-panel.tsx';
import { MovingNote } from '../features/moving/moving-note.tsx';
import { useMoving } from '../features/moving/use-moving.ts';
import { useSensorValues } from '../features/sensor-values/use-sensor-values.ts';
import { Bell } from '../features/notifications/bell.tsx';
import { ReportList } from '../features/reports/report-list.tsx';
import { LayerMenu } from '../features/layer-menu/layer-menu.tsx';
import { ShownLayers } from '../features/layer-menu/shown-layers.tsx';
import { RowTable } from '../features/rows/row-table.tsx';
import { WhyNumber } from '../features/why/why-number.tsx';
import { SearchBox } from '../features/search/search-box.tsx';
import type { Spot } from '../features/situation-card/nearby-list.tsx';
import { SituationCard } from '../features/situation-card/situation-card.tsx';
import { useCardLayers } from '../features/situation-card/use-card-layers.ts';
import { ToolsPanel } from '../features/tools/tools-panel.tsx';
import { useTool } from '../features/tools/use-tool.ts';
import { TimePanel } from '../features/time/time-panel.tsx';
import { areasOf } from '../filter-areas.ts';
import { toFilter, withCondition, type FilterNode } from '../filter.ts';
import { areaAt } from '../map/area-at.ts';
import { areaCenter, geometryBounds } from '../map/area-center.ts';
import { pick } from '../i18n/i18n.ts';
import { CityMap, type FlyTo, type Hit } from '../map/city-map.tsx';
import type { DrawMode, HandMode } from '../map/draw-mode.ts';
import type { Drawing } from '../map/drawing.ts';
import { diffLayersOf } from '../map/diff-style.ts';
import { hexagonResolution } from '../map/hexagon-resolution.ts';
import { isShowable, mapLayersOf } from '../map/layer-style.ts';
import { MOVING_LAYER } from '../map/moving-layers.ts';
import type { Vehicle } from '../map/moving-track.ts';
import { areaCode, areaLayers, hexagonLayer, largest, paintedAreas } from '../map/overlays.ts';
import { filterAreaLayer, foundLayer, shapeLayer } from '../map/tool-layers.ts';
import { figureNumber, valueClasses } from '../map/value-classes.ts';
import { loadOf, placeText, usePlaceLabels, usePlaceNames } from '../place-names.ts';
import { light } from '../theme.ts';
import { number, pictureTitle, today } from '../time.ts';
import { ClassLegend } from '../ui/class-legend.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { RampLegend } from '../ui/ramp-legend.tsx';
import { shapeGeometry, shapeInput, type DrawnShape } from '../shape.ts';
import { PANELS, type Panel, type UrlState, toggleLayer } from '../url-state.ts';
import { useUrlState } from '../use-url-state.ts';
import { Brand, ViewSwitch } from './shell.tsx';
import { useRootSize } from './use-root-size.ts';
import { useShortcuts } from './use-shortcuts.ts';

const BOUNDARY_LAYER = { grid: 'governance_grid', community: 'community_boundary', town: 'town_boundary' } as const;
const SHEETS = ['map', 'layers', 'analyse', 'detail'] as const;
/** Zoom of the whole district, until the map has said where it is. */
const FIRST_ZOOM = 11.5;
/** Tilt with which hexagons first appear, degrees. */
const HEXAGON_PITCH = 48;
const NOTHING: never[] = [];
/** Metres of a situation card around an incident, a point or a line, unless somebody chose others. */
const CARD_METRES = 200;

/** The desk of a planner: any layer, any count, any filter, and a link to share it. */
export default function Plan() {
  const { t } = useTranslation();
  const [state, patch] = useUrlState();
  const {
    lang,
    selection,
    filters,
    layers,
    hexagons,
    areas,
    asOf,
    diff,
    times,
    swipe,
    tool,
    shape,
    metric,
    labels,
    card: cardMetres,
  } = state;
  const rootPx = useRootSize('desk');
  const mapScale = Math.round((rootPx / 16) * 10) / 10;
  const { data: catalogue = NOTHING } = useLayers();
  const names = usePlaceNames(catalogue);
  const places = usePlaceLabels(catalogue);
  const zoom = state.camera?.zoom ?? FIRST_ZOOM;

  // The past does not move, and says nothing any more.
  const live = useMemo(
    () => (asOf === null ? layers.flatMap(({ id }) => catalogue.find((item) => item.id === id) ?? []) : NOTHING),
    [catalogue, layers, asOf],
  );
  const movingShown = useMemo(() => live.filter((layer) => layer.moving !== null), [live]);
  const sensorShown = useMemo(() => live.filter((layer) => layer.sensor !== null), [live]);
  const moving = useMoving({ shown: movingShown, zoom, palette: light, scale: mapScale });
  const sensorValues = useSensorValues({
    shown: sensorShown,
    camera: state.camera,
    zoom,
    palette: light,
    lang,
    scale: mapScale,
  });
  const [vehicle, setVehicle] = useState<string | null>(null);
  /** Layers of which it is known where their vehicles are: marks that glide stand for the features of the last load. */
  const gliding = [...new Set(moving.vehicles.map(({ kind }) => kind))].toSorted().join();

  const selectedFid = selection?.kind === 'feature' ? selection.fid : null;
  const selectedLayer = selection?.kind === 'feature' ? selection.layer : null;
  const shown = useMemo(
    () =>
      layers.flatMap(({ id, opacity }) => {
        const layer = catalogue.find((item) => item.id === id);
        if (!layer || !isShowable(layer) || gliding.split(',').includes(id)) return [];
        const filter = toFilter(filters[id]);
        const selected = selectedLayer === id ? selectedFid : null;
        const time = times[id] ?? null;
        return [
          mapLayersOf(layer, {
            palette: light,
            opacity,
            origin: location.origin,
            filter,
            selected,
            at: asOf,
            time,
            hasLabels: labels.includes(id),
          }),
        ];
      }),
    [catalogue, layers, filters, selectedLayer, selectedFid, asOf, times, labels, gliding],
  );
  const swiped = useMemo(() => {
    const layer = catalogue.find(({ id }) => id === swipe?.layer);
    const shownSwiped = layers.find(({ id }) => id === swipe?.layer);
    if (!swipe || !layer?.raster || !shownSwiped) return null;
    const options = {
      palette: light,
      opacity: shownSwiped.opacity,
      origin: location.origin,
      filter: null,
      selected: null,
    };
    return {
      layers: mapLayersOf(layer, { ...options, at: asOf, time: swipe.time }),
      left: pictureTitle(times[layer.id] ?? layer.raster.times.at(-1) ?? '', lang),
      right: pictureTitle(swipe.time, lang),
    };
  }, [catalogue, layers, swipe, times, asOf, lang]);
  /** The topmost raster of values: a click asks for the one at the place. */
  const measured = useMemo(
    () =>
      layers
        .map(({ id }) => catalogue.find((layer) => layer.id === id))
        .findLast((layer) => layer?.raster?.kind === 'values') ?? null,
    [catalogue, layers],
  );
  const [probe, setProbe] = useState<{ lng: number; lat: number } | null>(null);
  const probed = useRasterValue(
    probe && measured ? { layer: measured.id, ...probe } : null,
    measured ? (times[measured.id] ?? null) : null,
    asOf,
  );
  const changes = useDiff(diff?.layer ?? null, diff?.from ?? null);
  const drawn = useMemo(() => {
    const layer = catalogue.find(({ id }) => id === changes.data?.layer);
    if (!diff || !changes.data || !layer || changes.data.layer !== diff.layer) return shown;
    const { from, to } = changes.data;
    const options = { from: from.load, to: to.load, palette: light, origin: location.origin };
    return [...shown, diffLayersOf(layer, options)];
  }, [shown, catalogue, diff, changes.data]);

  const res = hexagons?.res ?? hexagonResolution(zoom);
  const hexFilter = useMemo(() => toFilter(hexagons ? filters[hexagons.layer] : undefined), [filters, hexagons]);
  const areaFilter = useMemo(() => toFilter(areas ? filters[areas.layer] : undefined), [filters, areas]);
  const hexCounts = useHexagons(hexagons?.layer ?? null, res, hexFilter, asOf, metric);
  const areaCounts = useAreaCounts(areas?.layer ?? null, areas?.by ?? 'grid', areaFilter, asOf, metric);
  const level = areas?.by ?? 'grid';
  const boundaries = useBoundaries(level, loadOf(catalogue, BOUNDARY_LAYER[level]));
  const grids = useBoundaries('grid', loadOf(catalogue, BOUNDARY_LAYER.grid));
  const gridCodes = useMemo(() => (grids.data?.features ?? []).map(areaCode).toSorted(), [grids.data]);
  const selectedCode = selection?.kind === 'cell' ? selection.code : null;
  const answer = hexagons ? hexCounts.data : areas ? areaCounts.data : undefined;
  /** Figures that are not counts have classes of their own. */
  const figures = useMemo(() => {
    if (answer?.values === undefined) return undefined;
    const values = answer.values.map(figureNumber);
    return { values, classes: valueClasses(values, light.count.length) };
  }, [answer]);

  // Seen from straight above, columns would only hide names.
  const isTilted = (state.camera?.pitch ?? HEXAGON_PITCH) > 5;
  const under = useMemo(() => {
    if (hexagons && hexCounts.data) return [hexagonLayer(hexCounts.data, light, isTilted, figures)];
    if (areas && areaCounts.data && boundaries.data) {
      const { codes, counts } = areaCounts.data;
      const byCode = new Map(codes.map((code, index) => [code, (figures?.values ?? counts)[index] ?? null]));
      return areaLayers({
        id: 'area-counts',
        areas: boundaries.data,
        valueOf: (code) => (byCode.has(code) ? (byCode.get(code) ?? null) : figures ? null : 0),
        max: largest(counts),
        figures: figures?.classes,
        ramp: light.count,
        version: `${areas.layer}:${areas.by}:${metric}:${areaCounts.dataUpdatedAt}`,
        selected: selectedCode,
        palette: light,
        lineScale: mapScale,
      });
    }
    return NOTHING;
  }, [
    hexagons,
    hexCounts.data,
    figures,
    metric,
    isTilted,
    areas,
    areaCounts.data,
    areaCounts.dataUpdatedAt,
    boundaries.data,
    selectedCode,
    mapScale,
  ]);

  const filterOf = useCallback((id: string) => toFilter(filters[id]), [filters]);
  const answers = useTool(tool, shape, filterOf);
  const { cells } = answers;
  const cellLayer = BOUNDARY_LAYER[cells?.by ?? 'grid'];
  const cellBoundaries = useBoundaries(cells?.by ?? 'grid', loadOf(catalogue, cellLayer));
  const { outline, found } = answers;
  const cardIncident = selection?.kind === 'incident' ? selection.id : null;
  const isShapeCard = cardIncident === null && tool !== null && shape !== null;
  const cardSubject = useMemo(() => {
    if (cardMetres === null) return null;
    if (cardIncident !== null) return { incident: cardIncident };
    return isShapeCard && shape !== null ? { shape: shapeInput(shape, cardMetres) } : null;
  }, [cardMetres, cardIncident, isShapeCard, shape]);
  const card = useSituationCard(cardSubject, cardMetres ?? CARD_METRES);
  const [spot, setSpot] = useState<Spot | null>(null);
  const cardLayers = useCardLayers(cardSubject === null ? undefined : card.data, spot, light);
  const painted = useMemo(
    () =>
      cells && cellBoundaries.data
        ? paintedAreas('area-counts', cellBoundaries.data, cells.colors, selectedCode, light)
        : null,
    [cells, cellBoundaries.data, selectedCode],
  );
  const worked = displayOf(state).layer;
  const workedDetail = useLayerDetail(worked);
  const filterAreas = useMemo(() => areasOf(worked === null ? undefined : filters[worked]), [filters, worked]);
  const [handMode, setHandMode] = useState<HandMode | null>(null);
  // What was being changed may be gone: the way back of the browser leads to before it.
  const drawMode = handMode === 'edit' && (shape === null || shapeGeometry(shape) === null) ? null : handMode;
  const over = useMemo(
    () => [
      ...cardLayers,
      ...(filterAreas.length > 0 ? [filterAreaLayer(filterAreas, light)] : []),
      // What is being changed is drawn with its corners.
      ...(tool !== null && outline !== null && drawMode !== 'edit' ? [shapeLayer(outline, light)] : []),
      ...(found.length > 0 ? [foundLayer('found', found, light)] : []),
      ...sensorValues,
      ...moving.layers,
    ],
    [cardLayers, tool, outline, drawMode, found, filterAreas, sensorValues, moving.layers],
  );
  const control = useRef<Drawing | null>(null);
  /** Whether the shape is being changed for the first time: one step of the address for all that is changed at a time. */
  const isFirstChange = useRef(true);
  const onMode = useCallback(
    (mode: HandMode | null) => {
      setHandMode(mode);
      isFirstChange.current = true;
      // Where there is room for one only, one draws on the map.
      if (mode !== null) patch({ sheet: null }, true);
    },
    [patch],
  );
  /** Who wants what is drawn, when it is not the tools. */
  const drawnFor = useRef<((shape: DrawnShape) => void) | null>(null);
  const onDraw = useCallback(
    (mode: DrawMode, done: (shape: DrawnShape) => void) => {
      drawnFor.current = done;
      onMode(mode);
    },
    [onMode],
  );
  const onToolMode = useCallback(
    (mode: HandMode | null) => {
      drawnFor.current = null;
      onMode(mode);
      // What its keys are stands there.
      if (mode === 'edit') patch({ panel: 'tools' }, true);
    },
    [onMode, patch],
  );
  const onEdited = useCallback(
    (changed: DrawnShape) => {
      patch({ shape: changed }, !isFirstChange.current);
      isFirstChange.current = false;
    },
    [patch],
  );
  const onDrawn = useCallback(
    (drawn: DrawnShape) => {
      setHandMode(null);
      const done = drawnFor.current;
      drawnFor.current = null;
      if (done === null) patch({ shape: drawn, sheet: 'analyse' });
      else {
        done(drawn);
        patch({ sheet: 'analyse' }, true);
      }
    },
    [patch],
  );
  const onFilter = useCallback(
    (id: string, tree: FilterNode | undefined) =>
      patch((now) => {
        const { [id]: _before, ...others } = now.filters;
        return { filters: tree === undefined ? others : { ...others, [id]: tree } };
      }),
    [patch],
  );

  const [hexHit, setHexHit] = useState<{ cell: string; count: number | null } | null>(null);
  const [flyTo, setFlyTo] = useState<FlyTo | null>(null);
  const clear = useCallback(() => {
    setHexHit(null);
    setProbe(null);
    patch((now) => (now.selection ? { selection: null, sheet: null } : {}));
  }, [patch]);
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
    [patch, clear, hexCounts.data],
  );
  const showSpot = useCallback((next: Spot) => {
    setSpot(next);
    const [lng, lat] = next.at;
    setFlyTo({ key: `spot:${lng},${lat}:${Date.now()}`, lng, lat, zoom: 16 });
  }, []);
  const onArea = useCallback(
    (code: string) => {
      patch({ selection: { kind: 'cell', code } });
      const center = areaCenter(boundaries.data, (area) => areaCode(area) === code);
      if (center) setFlyTo({ key: `${code}:${Date.now()}`, ...center, zoom: level === 'town' ? 12 : 13.5 });
    },
    [patch, boundaries.data, level],
  );
  const onCell = useCallback(
    (code: string) => {
      patch({ selection: { kind: 'cell', code }, sheet: 'map' });
      const center = areaCenter(cellBoundaries.data, (each) => areaCode(each) === code);
      if (center) setFlyTo({ key: `${code}:${Date.now()}`, ...center, zoom: 14 });
    },
    [patch, cellBoundaries.data],
  );
  const onRow = useCallback(
    (row: FeatureAnswer) => {
      const layer = state.table?.layer;
      if (layer === undefined) return;
      patch({ selection: { kind: 'feature', layer, fid: String(row.id) } });
      const bounds = row.geometry === null ? null : geometryBounds(row.geometry);
      if (bounds) setFlyTo({ key: `${layer}:${row.id}:${Date.now()}`, bounds });
    },
    [patch, state.table?.layer],
  );
  const communities = useBoundaries('community', loadOf(catalogue, BOUNDARY_LAYER.community));
  /** What people call the place of a hexagon: the community that its middle lies in. */
  const hexagonPlace = useCallback(
    (cell: string) => {
      const [lat, lng] = cellToLatLng(cell);
      const area = areaAt(communities.data, lng, lat);
      return area === null ? t('analyse.outside') : placeText(areaCode(area), names);
    },
    [communities.data, names, t],
  );
  const onHexagon = useCallback((cell: string) => {
    const [lat, lng] = cellToLatLng(cell);
    setFlyTo({ key: `${cell}:${Date.now()}`, lat, lng, zoom: 13.5 });
  }, []);
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
  const isShare = answer?.metric === 'share';
  const figureText = useCallback(
    (value: number | string | null) => {
      if (value === null) return t('legend.withheld');
      if (typeof value === 'string') return value.slice(0, 16).replace('T', ' ');
      if (isShare) return `${number(100 * value, lang, 1)} %`;
      return number(value, lang, Number.isInteger(value) ? 0 : 2);
    },
    [t, lang, isShare],
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
      setFlyTo({ key: `${hit.layer}:${hit.fid}:${Date.now()}`, lng, lat, zoom: zoomOf(hit) });
    },
    [patch],
  );
  const near = state.camera ? `${state.camera.lng.toFixed(4)},${state.camera.lat.toFixed(4)}` : null;
  const exportable = useMemo(() => {
    const ids = new Set([...layers.map(({ id }) => id), hexagons?.layer, areas?.layer, selectedLayer]);
    return catalogue.filter((layer) => ids.has(layer.id) && layer.geometry !== 'raster' && layer.count !== null);
  }, [catalogue, layers, hexagons, areas, selectedLayer]);
  const shownIds = useMemo(() => layers.map(({ id }) => id), [layers]);
  const queryClient = useQueryClient();
  /** Puts a layer that was just made on the map, once the service lists it, and looks at all of it. */
  const onMade = useCallback(
    async (id: string) => {
      patch((now) => (now.layers.some((layer) => layer.id === id) ? {} : { layers: toggleLayer(now.layers, id) }));
      const made = await awaitLayer(queryClient, id);
      if (made?.bbox) setFlyTo({ key: `${id}:${Date.now()}`, bounds: made.bbox });
    },
    [patch, queryClient],
  );
  const onCatalogue = useCallback(
    // Once more a moment later: the process that answered may not be the one that changed it.
    async () => {
      await queryClient.invalidateQueries({ queryKey: ['layers'] });
      setTimeout(() => void queryClient.invalidateQueries({ queryKey: ['layers'] }), LISTED_MS);
    },
    [queryClient],
  );
  const onRemoved = useCallback(
    (id: string) => patch((now) => ({ layers: now.layers.filter((layer) => layer.id !== id) }), true),
    [patch],
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

  const counts = hexagons ? hexCounts.data?.counts : areas ? areaCounts.data?.counts : undefined;
  const countedId = hexagons?.layer ?? areas?.layer;
  const countedLayer = catalogue.find(({ id }) => id === countedId);
  // What a share is a share of is all rows.
  const countedFilter = answer?.metric === 'share' ? null : hexagons ? hexFilter : areaFilter;
  const isTime = answer?.values?.some((value) => typeof value === 'string') === true;
  const legendFigures = figures && {
    classes: figures.classes,
    text: (value: number) => figureText(isTime ? new Date(value).toISOString() : value),
  };
  const counted = pick(countedLayer?.title, lang) || countedId;
  const unit = hexagons ? t('legend.hexagon') : t(`level.${level}`).toLowerCase();
  const figureTitle =
    figures && answer?.metric ? metricTitle(t, answer.metric, workedDetail.data?.fields ?? [], lang) : null;
  const legendTitle =
    figureTitle === null
      ? t('legend.count', { layer: counted, unit })
      : t('legend.figure', { layer: counted, figure: figureTitle, unit });
  const cell = useMemo(
    () => boundaries.data?.features.find((feature) => areaCode(feature) === selectedCode),
    [boundaries.data, selectedCode],
  );
  const closeCard = () => {
    setSpot(null);
    patch({ card: null });
  };
  const openCard = (
    <button
      type="button"
      className="om-button om-button-strong om-situation-open"
      onClick={() => patch({ card: CARD_METRES })}
    >
      {t('card.open')}
    </button>
  );
  const situationCard = cardSubject !== null && (
    <SituationCard
      query={card}
      incident={cardIncident}
      radius={cardMetres ?? CARD_METRES}
      lang={lang}
      onRadius={(metres) => patch({ card: metres }, true)}
      onClose={closeCard}
      onSpot={showSpot}
      onIncident={(incident) => patch({ selection: { kind: 'incident', id: incident.id } })}
    />
  );
  const sheet = SHEETS.find((item) => item === state.sheet) ?? 'map';
  const hasDetail = selection !== null;
  const panel = state.panel ?? (tool !== null ? 'tools' : worked !== null ? 'analyse' : 'layers');
  return (
    <div className="om-plan" data-sheet={sheet}>
      <header className="om-top">
        <Brand />
        <SearchBox lang={lang} near={near} onPick={onPick} />
        <CopyButton label={t('share.copy')} text={() => location.href} />
        <Bell lang={lang} />
        <ViewSwitch view="plan" lang={lang} />
      </header>
      <ConnectionBanner lang={lang} />
      <main id="main" className="om-plan-main">
        <div className="om-plan-left">
          <LayerMenu
            catalogue={catalogue}
            shown={layers}
            lang={lang}
            onToggle={onToggle}
            onChanged={onCatalogue}
            onRemoved={onRemoved}
          />
        </div>
        <div className="om-plan-center">
          <CityMap
            palette={light}
            label={t('map.label')}
            catalogue={catalogue}
            camera={state.camera}
            onCamera={(camera) => patch({ camera }, true)}
            shown={drawn}
            under={painted ?? under}
            over={over}
            drawing={{ mode: drawMode, shape, onDrawn, onEdited, control }}
            onHit={onHit}
            swipe={swiped}
            flyTo={flyTo}
            firstPitch={hexagons ? HEXAGON_PITCH : 0}
            places={places}
            scale={mapScale}
          >
            <div className="om-map-top">
              <ActiveFilters {...{ filters, catalogue, names, lang }} onChange={onFilter} onOpen={onWork} />
              {tool !== null && cells !== null && (
                <ClassLegend
                  title={t(`tools.${tool.id}`)}
                  classes={cells.classes.map(({ label, ...each }) => ({ ...each, label: t(label) }))}
                  lang={lang}
                />
              )}
              {cells === null && counts && counts.length > 0 && (
                <RampLegend
                  title={legendTitle}
                  figures={legendFigures}
                  ramp={light.count}
                  max={largest(counts)}
                  lang={lang}
                  hasZero={!hexagons && figures === undefined}
                  hasWithheld={counts.includes(null)}
                />
              )}
            </div>
            {hexHit && (
              <p className="om-hit" role="status" data-testid="hexagon-hit">
                <span title={hexHit.cell}>{hexagonPlace(hexHit.cell)}</span>{' '}
                <b>
                  {hexHit.count === null
                    ? t('state.withheld', { k: hexCounts.data?.suppressed.k ?? 0 })
                    : number(hexHit.count, lang)}
                </b>
              </p>
            )}
            {!hexHit && measured && probe && probed.data && (
              <p className="om-hit" role="status" data-testid="raster-value">
                {pick(measured.title, lang)}
                {probed.data.time !== null && ` · ${pictureTitle(probed.data.time, lang)}`}{' '}
                <b>
                  {probed.data.value === null
                    ? t('raster.none')
                    : `${number(probed.data.value, lang)}${probed.data.unit ? ` ${probed.data.unit}` : ''}`}
                </b>
              </p>
            )}
            <div className="om-moving-corner">
              <MovingNote {...moving} shown={movingShown} selected={vehicle} lang={lang} />
            </div>
            <LoadingNote lang={lang} />
          </CityMap>
          {state.table && (
            <RowTable
              table={state.table}
              tree={filters[state.table.layer]}
              at={asOf}
              selection={selection}
              lang={lang}
              onChange={(table) => patch({ table })}
              onSelect={onRow}
              onFilter={(condition) => {
                const id = state.table?.layer;
                if (id)
                  patch((now) => ({ filters: { ...now.filters, [id]: withCondition(now.filters[id], condition) } }));
              }}
            />
          )}
        </div>
        <div className="om-plan-right">
          {hasDetail && (
            <div className="om-plan-detail">
              {selection.kind === 'feature' && (
                <FeaturePanel layer={selection.layer} fid={selection.fid} at={asOf} lang={lang} onClose={clear} />
              )}
              {selection.kind === 'cell' && (
                <CellPanel
                  code={selection.code}
                  cell={cell}
                  lang={lang}
                  names={names}
                  catalogue={catalogue}
                  onClose={clear}
                  onIncident={(incident) => patch({ selection: { kind: 'incident', id: incident.id } })}
                />
              )}
              {selection.kind === 'incident' && (
                <IncidentPanel
                  id={selection.id}
                  lang={lang}
                  names={names}
                  onClose={clear}
                  onCell={(code) => patch({ selection: { kind: 'cell', code } })}
                >
                  <ReportList
                    key={selection.id}
                    id={selection.id}
                    lang={lang}
                    onSelect={(incident) => patch({ selection: { kind: 'incident', id: incident.id } })}
                  />
                </IncidentPanel>
              )}
              {cardIncident !== null && (situationCard || openCard)}
            </div>
          )}
          <div className="om-plan-tools">
            <SideTabs panel={panel} onChange={(next) => patch({ panel: next })} />
            <div role="tabpanel" id="panel-layers" aria-labelledby="tab-layers" hidden={panel !== 'layers'}>
              <ShownLayers
                catalogue={catalogue}
                shown={layers}
                lang={lang}
                zoom={zoom}
                onChange={(next) => patch({ layers: next }, true)}
                series={state}
                onSeries={patch}
                labels={labels}
                onLabels={(next) => patch({ labels: next }, true)}
                onWork={onWork}
                onTable={onTable}
              />
            </div>
            <div role="tabpanel" id="panel-analyse" aria-labelledby="tab-analyse" hidden={panel !== 'analyse'}>
              <AnalysisPanel
                state={state}
                catalogue={catalogue}
                names={names}
                lang={lang}
                res={res}
                hexagons={hexCounts}
                areas={areaCounts}
                onChange={onChange}
                onArea={onArea}
                {...{ gridCodes, onFilter, onHexagon, hexagonPlace, onDraw, onTable, figureText }}
                why={
                  countedLayer && (
                    <WhyNumber
                      lang={lang}
                      rule="lead.rule.count"
                      request={withQuery(`/api/layers/${countedLayer.id}/${hexagons ? 'h3' : 'cells'}`, {
                        ...(hexagons ? { res } : { by: level }),
                        filter: countedFilter === null ? null : JSON.stringify(countedFilter),
                        at: asOf,
                      })}
                      readAt={(hexagons ? hexCounts : areaCounts).dataUpdatedAt || null}
                      layer={countedLayer}
                      filter={countedFilter}
                      at={asOf}
                    />
                  )
                }
              />
            </div>
            <div role="tabpanel" id="panel-tools" aria-labelledby="tab-tools" hidden={panel !== 'tools'}>
              <ToolsPanel
                {...{ tool, shape, selection, catalogue, filterOf, names, lang, answers, control }}
                shown={shownIds}
                onShow={onMade}
                onTable={onTable}
                onCell={onCell}
                onMode={onToolMode}
                mode={drawMode}
                onChange={patch}
              />
              {isShapeCard && (situationCard || openCard)}
            </div>
            <div role="tabpanel" id="panel-time" aria-labelledby="tab-time" hidden={panel !== 'time'}>
              <TimePanel state={state} catalogue={catalogue} lang={lang} today={today()} onChange={patch} />
            </div>
            <div role="tabpanel" id="panel-export" aria-labelledby="tab-export" hidden={panel !== 'export'}>
              <ExportPanel layers={exportable} filterOf={filterOf} at={asOf} lang={lang} />
            </div>
          </div>
        </div>
      </main>
      <nav className="om-sheets" aria-label={t('app.views')}>
        {SHEETS.filter((item) => item !== 'detail' || hasDetail).map((item) => (
          <button key={item} type="button" aria-pressed={sheet === item} onClick={() => patch({ sheet: item }, true)}>
            {t(`plan.sheet.${item}`)}
          </button>
        ))}
      </nav>
    </div>
  );
}

/** Tries until a layer that was made is listed, and the pause between them, ms: every process hears of it by itself. */
const LISTED_TRIES = 8;
const LISTED_MS = 500;

/** Reads the catalogue anew until it has a layer. */
async function awaitLayer(queryClient: QueryClient, id: string): Promise<LayerSummary | undefined> {
  void queryClient.invalidateQueries({ queryKey: ['user-layers'] });
  for (let tries = 0; tries < LISTED_TRIES; tries++) {
    await queryClient.invalidateQueries({ queryKey: ['layers'] });
    const found = queryClient.getQueryData<LayerSummary[]>(['layers'])?.find((layer) => layer.id === id);
    if (found !== undefined && found.load !== null) return found;
    await new Promise((resolve) => setTimeout(resolve, LISTED_MS));
  }
  return undefined;
}

/** The panels at the side, one in front at a time. What is behind stays alive: an export goes on. */
function SideTabs({ panel, onChange }: { panel: Panel; onChange: (panel: Panel) => void }) {
  const { t } = useTranslation();
  return (
    <div
      className="om-tabs"
      role="tablist"
      aria-label={t('plan.panels')}
      onKeyDown={(event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (step === undefined) return;
        event.preventDefault();
        const next = PANELS[(PANELS.indexOf(panel) + step + PANELS.length) % PANELS.length] as Panel;
        onChange(next);
        document.getElementById(`tab-${next}`)?.focus();
      }}
    >
      {PANELS.map((each) => (
        <button
          key={each}
          type="button"
          role="tab"
          id={`tab-${each}`}
          aria-selected={panel === each}
          aria-controls={`panel-${each}`}
          tabIndex={panel === each ? 0 : -1}
          onClick={() => onChange(each)}
        >
          {t(`plan.panel.${each}`)}
        </button>
      ))}
    </div>
  );
}

/** Close enough to see what was found, far enough to see all of it. */
function zoomOf({ bbox }: SearchHit): number {
  if (!bbox) return 17;
  const width = Math.max(bbox[2] - bbox[0], bbox[3] - bbox[1], 0.0005);
  return Math.min(17, Math.max(10, Math.log2(360 / width) - 0.5));
}
