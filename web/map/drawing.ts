/** Drawing on the map by hand: terra-draw, one shape at a time, handed over as soon as it is finished. */
import type { Map as MapLibreMap } from 'maplibre-gl';
import {
  TerraDraw,
  TerraDrawCircleMode,
  TerraDrawLineStringMode,
  TerraDrawModeUndoRedo,
  TerraDrawPointMode,
  TerraDrawPolygonMode,
  TerraDrawRectangleMode,
} from 'terra-draw';
import { TerraDrawMapLibreGLAdapter } from 'terra-draw-maplibre-gl-adapter';
import type { DrawMode } from './draw-mode.ts';
import { lengthOf, type DrawnShape, type Place } from '../shape.ts';

/** terra-draw's names of the modes. */
const MODE: Record<DrawMode, string> = {
  point: 'point',
  line: 'linestring',
  rectangle: 'rectangle',
  polygon: 'polygon',
  circle: 'circle',
};

export interface Drawing {
  start(mode: DrawMode): void;
  /** Takes back the last position. */
  undo(): void;
  /** Leaves what was begun. */
  stop(): void;
  dispose(): void;
}

export function createDrawing(map: MapLibreMap, color: `#${string}`, onDrawn: (shape: DrawnShape) => void): Drawing {
  const line = { lineStringColor: color, lineStringWidth: 3 };
  const area = { fillColor: color, fillOpacity: 0.15, outlineColor: color, outlineWidth: 2 };
  const draw = new TerraDraw({
    adapter: new TerraDrawMapLibreGLAdapter({ map, coordinatePrecision: 7 }),
    undoRedo: { modeLevel: new TerraDrawModeUndoRedo() },
    modes: [
      new TerraDrawPointMode({ styles: { pointColor: color, pointWidth: 6 } }),
      new TerraDrawLineStringMode({ styles: line }),
      new TerraDrawRectangleMode({ styles: area }),
      new TerraDrawPolygonMode({ styles: area }),
      new TerraDrawCircleMode({ styles: area, projection: 'globe' }),
    ],
  });
  draw.start();
  draw.on('finish', (id, { mode, action }) => {
    if (action !== 'draw') return;
    const feature = draw.getSnapshotFeature(id);
    const shape = feature === undefined ? null : shapeOf(mode, feature.geometry.coordinates);
    // Not from within its own event.
    queueMicrotask(() => {
      draw.clear();
      if (shape !== null) onDrawn(shape);
    });
  });
  return {
    start(mode) {
      draw.clear();
      draw.setMode(MODE[mode]);
    },
    undo: () => void draw.undo(),
    stop() {
      draw.setMode('static');
      draw.clear();
    },
    dispose: () => draw.stop(),
  };
}

/** A finished feature of terra-draw as one of our shapes. */
function shapeOf(mode: string, coordinates: unknown): DrawnShape | null {
  if (mode === 'point') return { kind: 'point', at: coordinates as Place };
  if (mode === 'linestring') return { kind: 'line', path: coordinates as Place[] };
  const ring = (coordinates as Place[][])[0]?.slice(0, -1);
  if (ring === undefined || ring.length < 3) return null;
  if (mode !== 'circle') return { kind: 'polygon', path: ring };
  const center: Place = [mean(ring.map(([lng]) => lng)), mean(ring.map(([, lat]) => lat))];
  return { kind: 'circle', at: center, metres: Math.max(1, Math.round(lengthOf([center, ring[0]!]))) };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
