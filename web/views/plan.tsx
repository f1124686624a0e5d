import { useCallback, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SearchHit } from '../../server/app.ts';
import {
  useAreaCounts,
  useBoundaries,
  useDiff,
  useHexagons,
  useLayers,
  useRasterValue,
  useStatus,
  withQuery,
} from '../api.ts';
import { AnalysisPanel } from '../features/analysis/analysis-panel.tsx';
import { isComplete } from '../features/analysis/filter-builder.tsx';
import { CellPanel } from '../features/cell-panel/cell-panel.tsx';
import { ExportPanel } from '../features/export/export-panel.tsx';
import { FeaturePanel } from '../features/feature-panel/feature-panel.tsx';
import { ConnectionBanner } from '../features/health/connection-banner.tsx';
import { LoadingNote } from '../features/health/loading-note.tsx';
import { IncidentPanel } from '../features/incident-panel/incident-panel.tsx';
import { Bell } from '../features/notifications/bell.tsx';
import { ReportList } from '../features/reports/report-list.tsx';
import { LayerMenu } from '../features/layer-menu/layer-menu.tsx';
import { ShownLayers } from '../features/layer-menu/shown-layers.tsx';
import { WhyNumber } from '../features/why/why-number.tsx';
import { SearchBox } from '../features/search/search-box.tsx';
import { ToolsPanel } from '../features/tools/tools-panel.tsx';
import { useTool } from '../features/tools/use-tool.ts';
import { TimePanel } from '../features/time/time-panel.tsx';
import { areaCenter } from '../map/area-center.ts';
import { pick } from '../i18n/i18n.ts';
import { CityMap, type Hit } from '../map/city-map.tsx';
import type { DrawMode } from '../map/draw-mode.ts';
import type { Drawing } from '../map/drawing.ts';
import { diffLayersOf } from '../map/diff-style.ts';
import { hexagonResolution } from '../map/hexagon-resolution.ts';
import { isShowable, mapLayersOf } from '../map/layer-style.ts';
import { areaCode, areaLayers, hexagonLayer, largest } from '../map/overlays.ts';
import { foundLayer, shapeLayer } from '../map/tool-layers.ts';
import { loadOf, usePlaceLabels, usePlaceNames } from '../place-names.ts';
import { light } from '../theme.ts';
import { number, pictureTitle, today } from '../time.ts';
import { RampLegend } from '../ui/ramp-legend.tsx';
import type { DrawnShape } from '../shape.ts';
import { toFilter, type UrlState } from '../url-state.ts';
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

/** The desk of a planner: any layer, any count, any filter, and a link to share it. */
export default function Plan() {
  const { t } = useTranslation();
  const [state, patch] = useUrlState();
  const { lang, selection, filters, layers, hexagons, areas, asOf, diff, times, swipe, tool, shape } = state;
  const rootPx = useRootSize('desk');
  const mapScale = Math.round((rootPx / 16) * 10) / 10;
  const status = useStatus();
  const { data: catalogue = NOTHING } = useLayers(Boolean(status.data?.loading));
  const names = usePlaceNames(catalogue);
  const places = usePlaceLabels(catalogue);
  const zoom = state.camera?.zoom ?? FIRST_ZOOM;

  const selectedFid = selection?.kind === 'feature' ? selection.fid : null;
  const selectedLayer = selection?.kind === 'feature' ? selection.layer : null;
  const shown = useMemo(
    () =>
      layers.flatMap(({ id, opacity }) => {
        const layer = catalogue.find((item) => item.id === id);
        if (!layer || !isShowable(layer)) return [];
        const filter = toFilter(filters[id]?.filter(isComplete));
        const selected = selectedLayer === id ? selectedFid : null;
        const time = times[id] ?? null;
        return [
          mapLayersOf(layer, { palette: light, opacity, origin: location.origin, filter, selected, at: asOf, time }),
        ];
      }),
    [catalogue, layers, filters, selectedLayer, selectedFid, asOf, times],
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
  const hexFilter = useMemo(
    () => toFilter(hexagons ? filters[hexagons.layer]?.filter(isComplete) : undefined),
    [filters, hexagons],
  );
  const areaFilter = useMemo(
    () => toFilter(areas ? filters[areas.layer]?.filter(isComplete) : undefined),
    [filters, areas],
  );
  const hexCounts = useHexagons(hexagons?.layer ?? null, res, hexFilter, asOf);
  const areaCounts = useAreaCounts(areas?.layer ?? null, areas?.by ?? 'grid', areaFilter, asOf);
  const level = areas?.by ?? 'grid';
  const boundaries = useBoundaries(level, loadOf(catalogue, BOUNDARY_LAYER[level]));
  const selectedCode = selection?.kind === 'cell' ? selection.code : null;

  // Seen from straight above, columns would only hide names.
  const isTilted = (state.camera?.pitch ?? HEXAGON_PITCH) > 5;
  const under = useMemo(() => {
    if (hexagons && hexCounts.data) return [hexagonLayer(hexCounts.data, light, isTilted)];
    if (areas && areaCounts.data && boundaries.data) {
      const { codes, counts } = areaCounts.data;
      const byCode = new Map(codes.map((code, index) => [code, counts[index] ?? null]));
      return areaLayers({
        id: 'area-counts',
        areas: boundaries.data,
        valueOf: (code) => (byCode.has(code) ? (byCode.get(code) ?? null) : 0),
        max: largest(counts),
        ramp: light.count,
        version: `${areas.layer}:${areas.by}:${areaCounts.dataUpdatedAt}`,
        selected: selectedCode,
        palette: light,
        lineScale: mapScale,
      });
    }
    return NOTHING;
  }, [
    hexagons,
    hexCounts.data,
    isTilted,
    areas,
    areaCounts.data,
    areaCounts.dataUpdatedAt,
    boundaries.data,
    selectedCode,
    mapScale,
  ]);

  const answers = useTool(tool, shape);
  const { outline, found } = answers;
  const over = useMemo(
    () => [
      ...(tool !== null && outline !== null ? [shapeLayer(outline, light)] : []),
      ...(found.length > 0 ? [foundLayer('found', found, light)] : []),
    ],
    [tool, outline, found],
  );
  const [drawMode, setDrawMode] = useState<DrawMode | null>(null);
  const control = useRef<Drawing | null>(null);
  const onMode = useCallback(
    (mode: DrawMode | null) => {
      setDrawMode(mode);
      // Where there is room for one only, one draws on the map.
      if (mode !== null) patch({ sheet: null }, true);
    },
    [patch],
  );
  const onDrawn = useCallback(
    (drawn: DrawnShape) => {
      setDrawMode(null);
      patch({ shape: drawn, sheet: 'analyse' });
    },
    [patch],
  );

  const [hexHit, setHexHit] = useState<{ cell: string; count: number | null } | null>(null);
  const [flyTo, setFlyTo] = useState<{ key: string; lng: number; lat: number; zoom: number } | null>(null);
  const clear = useCallback(() => {
    setHexHit(null);
    setProbe(null);
    patch((now) => (now.selection ? { selection: null, sheet: null } : {}));
  }, [patch]);
  useShortcuts(clear);

  const onHit = useCallback(
    (hit: Hit | null, at: { lng: number; lat: number }) => {
      setHexHit(null);
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
  const onArea = useCallback(
    (code: string) => {
      patch({ selection: { kind: 'cell', code } });
      const center = areaCenter(boundaries.data, (area) => areaCode(area) === code);
      if (center) setFlyTo({ key: `${code}:${Date.now()}`, ...center, zoom: level === 'town' ? 12 : 13.5 });
    },
    [patch, boundaries.data, level],
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
  const filterOf = useCallback((id: string) => toFilter(filters[id]?.filter(isComplete)), [filters]);
  const exportable = useMemo(() => {
    const ids = new Set([...layers.map(({ id }) => id), hexagons?.layer, areas?.layer, selectedLayer]);
    return catalogue.filter((layer) => ids.has(layer.id) && layer.geometry !== 'raster' && layer.count !== null);
  }, [catalogue, layers, hexagons, areas, selectedLayer]);
  const onToggle = useCallback(
    (id: string) =>
      patch((now) => ({
        layers: now.layers.some((item) => item.id === id)
          ? now.layers.filter((item) => item.id !== id)
          : [...now.layers, { id, opacity: 1 }],
      })),
    [patch],
  );
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
  const countedFilter = hexagons ? hexFilter : areaFilter;
  const counted = pick(countedLayer?.title, lang) || countedId;
  const unit = hexagons ? t('legend.hexagon') : t(`level.${level}`).toLowerCase();
  const cell = useMemo(
    () => boundaries.data?.features.find((feature) => areaCode(feature) === selectedCode),
    [boundaries.data, selectedCode],
  );
  const sheet = SHEETS.find((item) => item === state.sheet) ?? 'map';
  const hasDetail = selection !== null;
  return (
    <div className="om-plan" data-sheet={sheet}>
      <header className="om-top">
        <Brand />
        <SearchBox lang={lang} near={near} onPick={onPick} />
        <ShareButton />
        <Bell lang={lang} />
        <ViewSwitch view="plan" lang={lang} />
      </header>
      <ConnectionBanner lang={lang} />
      <main id="main" className="om-plan-main">
        <div className="om-plan-left">
          <LayerMenu catalogue={catalogue} shown={layers} lang={lang} onToggle={onToggle} />
        </div>
        <div className="om-plan-center">
          <CityMap
            palette={light}
            label={t('map.label')}
            catalogue={catalogue}
            camera={state.camera}
            onCamera={(camera) => patch({ camera }, true)}
            shown={drawn}
            under={under}
            over={over}
            drawing={{ mode: drawMode, onDrawn, control }}
            onHit={onHit}
            swipe={swiped}
            flyTo={flyTo}
            firstPitch={hexagons ? HEXAGON_PITCH : 0}
            places={places}
            scale={mapScale}
          >
            {counts && counts.length > 0 && (
              <RampLegend
                title={t('legend.count', { layer: counted, unit })}
                ramp={light.count}
                max={largest(counts)}
                lang={lang}
                hasZero={!hexagons}
                hasWithheld={counts.includes(null)}
              />
            )}
            {hexHit && (
              <p className="om-hit" role="status" data-testid="hexagon-hit">
                <code>{hexHit.cell}</code>{' '}
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
            <LoadingNote lang={lang} />
          </CityMap>
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
            </div>
          )}
          <div className="om-plan-tools">
            <ShownLayers
              catalogue={catalogue}
              shown={layers}
              lang={lang}
              zoom={zoom}
              onChange={(next) => patch({ layers: next }, true)}
              series={state}
              onSeries={patch}
            />
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
            <ToolsPanel
              {...{ tool, shape, selection, catalogue, lang, answers, control, onMode }}
              mode={drawMode}
              onChange={patch}
            />
            <TimePanel state={state} catalogue={catalogue} lang={lang} today={today()} onChange={patch} />
            <ExportPanel layers={exportable} filterOf={filterOf} at={asOf} lang={lang} />
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

/** Close enough to see what was found, far enough to see all of it. */
function zoomOf({ bbox }: SearchHit): number {
  if (!bbox) return 17;
  const width = Math.max(bbox[2] - bbox[0], bbox[3] - bbox[1], 0.0005);
  return Math.min(17, Math.max(10, Math.log2(360 / width) - 0.5));
}

function ShareButton() {
  const { t } = useTranslation();
  const [isCopied, setIsCopied] = useState(false);
  return (
    <button
      type="button"
      className="om-button"
      onClick={() => {
        // Without a secure origin there is no clipboard: the address bar holds the same link.
        void navigator.clipboard?.writeText(location.href).then(() => {
          setIsCopied(true);
          setTimeout(() => setIsCopied(false), 2_000);
        });
      }}
    >
      <span role="status">{isCopied ? t('share.copied') : t('share.copy')}</span>
    </button>
  );
}
