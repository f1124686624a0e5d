/**
 * One MapLibre map with two deck.gl overlays: `under` shares MapLibre's canvas (areas and hexagons, below names and in true
 * depth with buildings), `over` has its own (incidents move without repainting the map). React hands in plain arrays.
 */
import type { Layer, PickingInfo } from '@deck.gl/core';
import { MapLibreOverlay } from '@deck.gl/maplibre';
import {
  Map as MapLibreMap,
  Marker,
  NavigationControl,
  type GeoJSONSource,
  ScaleControl,
  setWorkerUrl,
} from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import 'maplibre-gl/dist/maplibre-gl.css';
import { useEffect, useLayoutEffect, useMemo, useRef, useState, type ReactNode, type RefObject } from 'react';
import { useTranslation } from 'react-i18next';
import type { LayerSummary } from '../../server/app.ts';
import { pictureSent } from '../frame-pace.ts';
import { FONT_FAMILY, type Palette } from '../theme.ts';
import type { DrawnShape } from '../shape.ts';
import type { Camera } from '../url-state.ts';
import {
  baseStyle,
  baseTiles,
  BELOW_LABELS,
  BELOW_ROADS,
  DISTRICT_BBOX,
  PLACES,
  TOWN_NAMES_TO,
  TOWN_ROOM,
} from './base-style.ts';
import { deckFrames, drawDeck, wakeDeck } from './deck-frames.ts';
import type { HandMode } from './draw-mode.ts';
import type { Drawing } from './drawing.ts';
import { findGraphics, type Graphics } from './graphics.ts';
import { serveIcons } from './icons.ts';
import { labelId, layerOfMapId, mapId, type MapLayers } from './layer-style.ts';
import { SwipeMap } from './swipe-map.tsx';

setWorkerUrl(workerUrl);

/** What lies under a click: an object of an overlay, or a feature of a catalogue layer. */
export type Hit =
  | { kind: 'overlay'; layer: string; index: number; object: unknown }
  | { kind: 'feature'; layer: string; fid: string };

/** Bounds of a single place are shown from no nearer. */
const FIT_ZOOM = 15;

/** Layers whose features the base map names. */
const NAMED_BY = { town: 'town_boundary', community: 'community_boundary' } as const;

declare global {
  interface Window {
    /** For diagnosis on a wall, and for the browser tests. */
    oneMap?: {
      map: MapLibreMap;
      under: MapLibreOverlay;
      over: MapLibreOverlay;
      /** Called after each frame of `over`; set by who measures. */
      drawn?: (gl: WebGL2RenderingContext) => void;
    };
  }
}

export interface CityMapProps {
  palette: Palette;
  label: string;
  /** Catalogue, for the base map's tiles. */
  catalogue: readonly LayerSummary[];
  /** Where to start; null shows the whole district. Later changes by others move the map. */
  camera: Camera | null;
  onCamera: (camera: Camera) => void;
  /** Catalogue layers shown, bottom to top. */
  shown: readonly MapLayers[];
  under: readonly Layer[];
  over: readonly Layer[];
  /** What was hit, or nothing, and where. */
  onHit: (hit: Hit | null, at: { lng: number; lat: number }) => void;
  /** Called after `over` was drawn. */
  onDrawn?: () => void;
  /** Moves the map there when it changes; `key` tells one wish from the next. */
  flyTo?: FlyTo | null;
  /** A raster that is drawn on a map of its own, right of a divider that can be moved. */
  swipe?: { layers: MapLayers; left: string; right: string } | null;
  /** Names of towns and communities, at a point each. */
  places?: readonly PlaceLabel[];
  /** Tilt to start with where no camera is given, degrees. */
  firstPitch?: number;
  maxPitch?: number;
  /** Enlarges lines and names for walls; read when the map is made. */
  scale?: number;
  /** What is being drawn by hand; while something is, clicks select nothing. */
  drawing?: DrawingProps;
  children?: ReactNode;
}

/** A place, or the bounds of several. */
export type FlyTo = { key: string } & (
  | {
      lng: number;
      lat: number;
      zoom: number;
      /** Pixels right of and below the middle of the map where the place comes to lie: beside what covers the map. */
      offset?: [number, number];
    }
  | { bounds: [number, number, number, number] }
);

export interface DrawingProps {
  mode: HandMode | null;
  onDrawn: (shape: DrawnShape) => void;
  /** What is changed in the mode `edit`, and who hears of each change. */
  shape?: DrawnShape | null;
  onEdited?: (shape: DrawnShape) => void;
  /** Set while the map can be drawn on. */
  control: RefObject<Drawing | null>;
}

export interface PlaceLabel {
  level: 'town' | 'community';
  name: string;
  lng: number;
  lat: number;
}

function cameraOf(map: MapLibreMap): Camera {
  const { lng, lat } = map.getCenter();
  return { lng, lat, zoom: map.getZoom(), pitch: map.getPitch(), bearing: map.getBearing() };
}

function isSameCamera(a: Camera, b: Camera): boolean {
  return (
    Math.abs(a.lng - b.lng) < 1e-4 &&
    Math.abs(a.lat - b.lat) < 1e-4 &&
    Math.abs(a.zoom - b.zoom) < 0.02 &&
    Math.abs(a.pitch - b.pitch) < 1 &&
    Math.abs(a.bearing - b.bearing) < 1
  );
}

/** Brings the map's catalogue layers in line with `shown`: sources by URL, layers by their whole definition. */
function syncLayers(map: MapLibreMap, drawn: Map<string, string>, shown: readonly MapLayers[]): void {
  const wanted = new Set(shown.map(({ id }) => id));
  const remove = (id: string) => {
    for (const layer of map.getStyle().layers) {
      if (layer.id === id || layer.id.startsWith(`${id}:`)) map.removeLayer(layer.id);
    }
    if (map.getSource(id)) map.removeSource(id);
    drawn.delete(id);
  };
  for (const id of drawn.keys()) if (!wanted.has(id)) remove(id);
  for (const item of shown) {
    const text = JSON.stringify(item);
    if (drawn.get(item.id) !== text) {
      remove(item.id);
      map.addSource(item.id, item.source);
      for (const layer of item.layers) map.addLayer(layer, layer.type === 'raster' ? BELOW_ROADS : BELOW_LABELS);
      drawn.set(item.id, text);
    }
  }
  // Order follows the list: each in turn is moved to the top of its part of the stack.
  for (const item of shown) {
    for (const layer of item.layers) {
      if (map.getLayer(layer.id)) map.moveLayer(layer.id, layer.type === 'raster' ? BELOW_ROADS : BELOW_LABELS);
    }
  }
  // Names that somebody asked for find room first, but for towns': those of the base map give way, and none covers another.
  for (const { id } of shown) if (map.getLayer(labelId(id))) map.moveLayer(labelId(id), TOWN_ROOM);
}

export function CityMap(props: CityMapProps) {
  // A lost context cannot be mended in place on both canvases: the map is built anew from the same state.
  const [generation, setGeneration] = useState(0);
  const [lastCamera, setLastCamera] = useState<Camera | null>(null);
  const [graphics] = useState(findGraphics);
  const { t } = useTranslation();
  const tiles = baseTiles(props.catalogue, location.origin);
  if (graphics === null) {
    return (
      <div className="om-map">
        <p className="om-state om-state-page" role="alert">
          {t('map.noWebgl')}
        </p>
        {props.children}
      </div>
    );
  }
  // Until the first layer is loaded there is nothing to draw, and a source without tiles is an error to MapLibre.
  if (tiles === null) {
    return (
      <div className="om-map">
        <p className="om-state om-state-page" role="status">
          {t(props.catalogue.length === 0 ? 'state.loading' : 'map.waiting')}
        </p>
        {props.children}
      </div>
    );
  }
  return (
    <MapCanvas
      key={`${generation}-${props.palette.scheme}-${props.scale ?? 1}`}
      {...props}
      tiles={tiles}
      graphics={graphics}
      camera={lastCamera ?? props.camera}
      onCamera={(camera) => {
        setLastCamera(null);
        props.onCamera(camera);
      }}
      onContextLost={(camera) => {
        setLastCamera(camera);
        setTimeout(() => setGeneration((value) => value + 1), 600);
      }}
    />
  );
}

function MapCanvas(
  props: CityMapProps & { tiles: string; graphics: Graphics; onContextLost: (camera: Camera) => void },
) {
  const { t } = useTranslation();
  const container = useRef<HTMLDivElement>(null);
  const parts = useRef<{ map: MapLibreMap; under: MapLibreOverlay; over: MapLibreOverlay } | null>(null);
  const drawn = useRef(new Map<string, string>());
  /** `onDrawn` of the layers deck.gl has, which is not always the newest one React has. */
  const handedOver = useRef<(() => void) | undefined>(undefined);
  /** True while deck.gl has yet to put `under` into its place in the map's stack. */
  const isUnplaced = useRef(false);
  const latest = useRef(props);
  useLayoutEffect(() => {
    latest.current = props;
  });
  const [isReady, setIsReady] = useState(false);
  const [readyMap, setReadyMap] = useState<MapLibreMap | null>(null);
  const { tiles } = props;
  const drawnTiles = useRef(tiles);

  useEffect(() => {
    if (!container.current) return undefined;
    const { palette, camera, tiles: firstTiles, graphics, firstPitch = 0, maxPitch = 65, scale = 1 } = latest.current;
    const map = new MapLibreMap({
      container: container.current,
      style: baseStyle(palette, firstTiles, scale),
      ...(camera
        ? { center: [camera.lng, camera.lat], zoom: camera.zoom, pitch: camera.pitch, bearing: camera.bearing }
        : { bounds: DISTRICT_BBOX, fitBoundsOptions: { padding: 24 }, pitch: firstPitch }),
      minZoom: 8,
      maxZoom: 19,
      maxPitch,
      fadeDuration: 0,
      attributionControl: false,
      localIdeographFontFamily: FONT_FAMILY,
      // 4K walls: the fill rate is the limit, not the sharpness seen from five metres.
      pixelRatio: Math.min(window.devicePixelRatio, 1.5),
      canvasContextAttributes: { antialias: !graphics.isSoftware },
    });
    // What was drawn may not be over: something glides. `animationFrameProvider` is handed on to the animation loop.
    const frames = { animationFrameProvider: deckFrames, onLoad: wakeDeck };
    const under = new MapLibreOverlay({ interleaved: true, layers: [], onAfterRender: wakeDeck, ...frames });
    const over = new MapLibreOverlay({
      interleaved: false,
      layers: [],
      ...frames,
      // Nobody reads this canvas back: what is drawn need not be copied to be shown.
      deviceProps: { webgl: { antialias: !graphics.isSoftware, preserveDrawingBuffer: false } },
      onAfterRender: ({ gl }) => {
        wakeDeck();
        handedOver.current?.();
        pictureSent(gl);
        window.oneMap?.drawn?.(gl);
      },
    });
    serveIcons(map);
    let disposed = false;

    const lost = (event: Event) => {
      event.preventDefault();
      if (!disposed) latest.current.onContextLost(cameraOf(map));
    };
    // Captured on the container: it sees both canvases, also the one that deck.gl makes later.
    const holder = container.current;
    const layersDrawn = drawn.current;
    holder.addEventListener('webglcontextlost', lost, true);

    map.addControl(new NavigationControl({ visualizePitch: true }), 'bottom-right');
    map.addControl(new ScaleControl({ maxWidth: 120, unit: 'metric' }), 'bottom-left');
    map.on('load', () => {
      if (disposed) return;
      // Before 'load' deck.gl loses `beforeId`.
      map.addControl(under);
      map.addControl(over);
      parts.current = { map, under, over };
      window.oneMap = parts.current;
      setReadyMap(map);
      setIsReady(true);
    });
    const nearness = () => holder.classList.toggle('om-near', map.getZoom() > TOWN_NAMES_TO);
    // While a source is loading deck.gl gives its layers no place in the stack, and does not come back to it by itself.
    const place = () => {
      if (!isUnplaced.current || !parts.current || !map.isStyleLoaded()) return;
      isUnplaced.current = false;
      under.setProps({ layers: [...latest.current.under] });
      wakeDeck();
    };
    // Who points at something sees the pointer change.
    map.on('mousemove', wakeDeck);
    map.on('resize', wakeDeck);
    map.on('sourcedata', place);
    map.on('idle', place);
    map.on('zoom', nearness);
    nearness();
    map.on('moveend', () => latest.current.onCamera(cameraOf(map)));
    map.on('click', (event) => {
      if (latest.current.drawing?.mode) return;
      const { x, y } = event.point;
      const at = { lng: event.lngLat.lng, lat: event.lngLat.lat };
      const pick = (overlay: MapLibreOverlay, radius: number): PickingInfo | null =>
        parts.current ? overlay.pickObject({ x, y, radius }) : null;
      const info = pick(over, 6);
      if (info?.layer) {
        latest.current.onHit({ kind: 'overlay', layer: info.layer.id, index: info.index, object: info.object }, at);
        return;
      }
      const box: [[number, number], [number, number]] = [
        [x - 4, y - 4],
        [x + 4, y + 4],
      ];
      const own = map
        .queryRenderedFeatures(box)
        .find((feature) => layerOfMapId(feature.layer.id) !== null && feature.id !== undefined);
      if (own) {
        const layer = layerOfMapId(own.layer.id) ?? '';
        latest.current.onHit({ kind: 'feature', layer, fid: String(own.id) }, at);
        return;
      }
      const below = pick(under, 2);
      latest.current.onHit(
        below?.layer ? { kind: 'overlay', layer: below.layer.id, index: below.index, object: below.object } : null,
        at,
      );
    });
    const resize = new ResizeObserver(() => map.resize());
    resize.observe(holder);

    return () => {
      disposed = true;
      resize.disconnect();
      holder.removeEventListener('webglcontextlost', lost, true);
      parts.current = null;
      delete window.oneMap;
      layersDrawn.clear();
      try {
        map.remove();
      } catch {
        // A map whose context is lost cannot free its buffers; they are gone already.
      }
      holder.replaceChildren();
    };
  }, []);

  useEffect(() => {
    const source = parts.current?.map.getSource('base') as { setTiles?: (tiles: string[]) => void } | undefined;
    if (isReady && tiles !== drawnTiles.current) source?.setTiles?.([tiles]);
    drawnTiles.current = tiles;
  }, [isReady, tiles]);

  useEffect(() => {
    if (isReady && parts.current) syncLayers(parts.current.map, drawn.current, props.shown);
  }, [isReady, props.shown]);

  useEffect(() => {
    if (!isReady || !parts.current) return;
    isUnplaced.current = !parts.current.map.isStyleLoaded();
    parts.current.under.setProps({ layers: [...props.under] });
    wakeDeck();
  }, [isReady, props.under]);

  useEffect(() => {
    if (!isReady) return;
    parts.current?.over.setProps({ layers: [...props.over] });
    handedOver.current = latest.current.onDrawn;
    drawDeck();
  }, [isReady, props.over]);

  // MapLibre takes words only when a map is made; the language may change later.
  useEffect(() => {
    if (!isReady) return;
    const words = { 'zoom-in': t('map.zoomIn'), 'zoom-out': t('map.zoomOut'), compass: t('map.north') };
    for (const [name, text] of Object.entries(words)) {
      const button = container.current?.querySelector(`.maplibregl-ctrl-${name}`);
      button?.setAttribute('title', text);
      button?.setAttribute('aria-label', text);
    }
  }, [isReady, t]);

  // What a layer names is not named once more by the base map.
  const named = props.shown
    .filter(({ id, layers }) => layers.some((layer) => layer.id === labelId(id)))
    .map(({ id }) => id)
    .toSorted()
    .join();
  const places = useMemo(() => {
    const levels = named.split(',');
    return props.places?.filter(({ level }) => !levels.includes(mapId(NAMED_BY[level])));
  }, [props.places, named]);
  useEffect(() => {
    const map = parts.current?.map;
    if (!isReady || !map || !places) return undefined;
    map.getSource<GeoJSONSource>(PLACES)?.setData({
      type: 'FeatureCollection',
      features: places.map(({ level, name, lng, lat }) => ({
        type: 'Feature',
        properties: { level, name },
        geometry: { type: 'Point', coordinates: [lng, lat] },
      })),
    });
    // The few names of towns stand above everything, incidents and hexagons included.
    const markers = places
      .filter(({ level }) => level === 'town')
      .map(({ name, lng, lat }) => {
        const element = document.createElement('div');
        element.className = 'om-town';
        element.setAttribute('aria-hidden', 'true');
        element.textContent = name;
        return new Marker({ element }).setLngLat([lng, lat]).addTo(map);
      });
    return () => markers.forEach((marker) => marker.remove());
  }, [isReady, places]);

  const mode = props.drawing?.mode ?? null;
  useEffect(() => {
    const map = parts.current?.map;
    if (!isReady || !map || mode === null) return undefined;
    let drawing: Drawing | null = null;
    let isOver = false;
    // Only those who draw pay for it.
    void import('./drawing.ts').then(({ createDrawing }) => {
      if (isOver) return;
      const { palette } = latest.current;
      drawing = createDrawing(map, palette.ui.accent as `#${string}`, {
        onDrawn: (shape) => latest.current.drawing?.onDrawn(shape),
        onEdited: (shape) => latest.current.drawing?.onEdited?.(shape),
      });
      if (mode !== 'edit') drawing.start(mode);
      else if (latest.current.drawing?.shape) drawing.edit(latest.current.drawing.shape);
      const control = latest.current.drawing?.control;
      if (control) control.current = drawing;
      container.current?.setAttribute('data-drawing', mode);
    });
    const canvas = container.current;
    return () => {
      isOver = true;
      canvas?.removeAttribute('data-drawing');
      const control = latest.current.drawing?.control;
      if (control) control.current = null;
      // A map that is gone took its layers along.
      if (parts.current) drawing?.dispose();
    };
  }, [isReady, mode]);

  // What is being changed may be changed by others too: the browser's way back.
  const edited = mode === 'edit' ? (props.drawing?.shape ?? null) : null;
  useEffect(() => {
    if (edited !== null) latest.current.drawing?.control.current?.edit(edited);
  }, [edited]);

  const { camera, flyTo } = props;
  useEffect(() => {
    const map = parts.current?.map;
    if (!isReady || !map || !camera || map.isMoving() || isSameCamera(cameraOf(map), camera)) return;
    map.jumpTo({
      center: [camera.lng, camera.lat],
      zoom: camera.zoom,
      pitch: camera.pitch,
      bearing: camera.bearing,
    });
  }, [isReady, camera]);

  const flown = useRef<string | null>(null);
  useEffect(() => {
    const map = parts.current?.map;
    if (!isReady || !map || !flyTo || flown.current === flyTo.key) return;
    flown.current = flyTo.key;
    if ('bounds' in flyTo) map.fitBounds(flyTo.bounds, { padding: 60, maxZoom: FIT_ZOOM });
    else {
      const { lng, lat, zoom, offset = [0, 0] } = flyTo;
      map.flyTo({ center: [lng, lat], zoom: Math.max(map.getZoom(), zoom), offset, speed: 1.6 });
    }
  }, [isReady, flyTo]);

  return (
    <div className="om-map" role="region" aria-label={props.label}>
      <div ref={container} className="om-map-canvas" data-ready={isReady || undefined} />
      {readyMap && props.swipe && (
        <SwipeMap
          key={props.swipe.layers.id}
          main={readyMap}
          style={baseStyle(props.palette, tiles, props.scale ?? 1)}
          swipe={props.swipe}
        />
      )}
      {props.children}
      <p className="om-map-note">{t('map.note')}</p>
    </div>
  );
}
