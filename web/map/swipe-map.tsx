import { Map as MapLibreMap, type RasterTileSource, type StyleSpecification } from 'maplibre-gl';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { BELOW_ROADS } from './base-style.ts';
import type { MapLayers } from './layer-style.ts';

export interface SwipeMapProps {
  /** The map it lies on and follows. */
  main: MapLibreMap;
  style: StyleSpecification;
  swipe: { layers: MapLayers; left: string; right: string };
}

/** A second map over the right part of the first, and the divider between them: dragged, or moved by the arrow keys. */
export function SwipeMap({ main, style, swipe }: SwipeMapProps) {
  const { t } = useTranslation();
  const container = useRef<HTMLDivElement>(null);
  const [share, setShare] = useState(50);
  const map = useRef<MapLibreMap | null>(null);
  const first = useRef({ style, layers: swipe.layers });
  const url = (swipe.layers.source as { tiles?: string[] }).tiles?.[0] ?? '';
  const drawnUrl = useRef(url);

  useEffect(() => {
    if (!container.current) return undefined;
    const { style: firstStyle, layers } = first.current;
    const copy = new MapLibreMap({
      container: container.current,
      style: firstStyle,
      center: main.getCenter(),
      zoom: main.getZoom(),
      pitch: main.getPitch(),
      bearing: main.getBearing(),
      maxPitch: main.getMaxPitch(),
      interactive: false,
      fadeDuration: 0,
      attributionControl: false,
    });
    map.current = copy;
    const follow = () =>
      copy.jumpTo({
        center: main.getCenter(),
        zoom: main.getZoom(),
        pitch: main.getPitch(),
        bearing: main.getBearing(),
      });
    main.on('move', follow);
    copy.on('load', () => {
      copy.addSource(layers.id, layers.source);
      for (const layer of layers.layers) copy.addLayer(layer, BELOW_ROADS);
      // It may have been changed while the map was loading.
      copy.getSource<RasterTileSource>(layers.id)?.setTiles([drawnUrl.current]);
    });
    return () => {
      main.off('move', follow);
      map.current = null;
      copy.remove();
    };
  }, [main]);

  const { id } = swipe.layers;
  useEffect(() => {
    if (drawnUrl.current === url) return;
    drawnUrl.current = url;
    map.current?.getSource<RasterTileSource>(id)?.setTiles([url]);
  }, [url, id]);

  return (
    <div className="om-swipe" data-testid="swipe">
      <div ref={container} className="om-swipe-map" style={{ clipPath: `inset(0 0 0 ${share}%)` }} aria-hidden />
      <div className="om-swipe-line" style={{ left: `${share}%` }} aria-hidden>
        <span>{swipe.left}</span>
        <span>{swipe.right}</span>
      </div>
      <input
        type="range"
        className="om-swipe-range"
        min={0}
        max={100}
        value={share}
        aria-label={t('swipe.divider', { left: swipe.left, right: swipe.right })}
        aria-valuetext={t('swipe.share', { share, left: swipe.left })}
        onChange={(event) => setShare(Number(event.currentTarget.value))}
      />
    </div>
  );
}
