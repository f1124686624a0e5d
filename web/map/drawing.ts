/** Drawing on the map by hand: terra-draw, one shape at a time, handed over as soon as it is finished; and changing it. */
import type { Map as MapLibreMap, MapMouseEvent } from 'maplibre-gl';
import {
  TerraDraw,
  TerraDrawCircleMode,
  TerraDrawLineStringMode,
  TerraDrawModeUndoRedo,
  TerraDrawPointMode,
  TerraDrawPolygonMode,
  TerraDrawRectangleMode,
  TerraDrawSelectMode,
  type GeoJSONStoreFeatures,
} from 'terra-draw';
import { TerraDrawMapLibreGLAdapter } from 'terra-draw-maplibre-gl-adapter';
import type { DrawMode } from './draw-mode.ts';
import { formatShape, lengthOf, MOST_POSITIONS, shapeGeometry, type DrawnShape, type Place } from '../shape.ts';

/** terra-draw's names of the modes. */
const MODE: Record<DrawMode, string> = {
  point: 'point',
  line: 'linestring',
  rectangle: 'rectangle',
  polygon: 'polygon',
  circle: 'circle',
};

/** Digits of positions; terra-draw takes no more. */
const PRECISION = 7;
/** Pixels around a corner that are still the corner. */
const REACH = 12;
/** Of the corners of a circle every so-manieth is shown as a handle. */
const CIRCLE_HANDLE = 16;
const NO_FLAGS = { draggable: true };
const PATH_FLAGS = {
  draggable: true,
  coordinates: { draggable: true, midpoints: { draggable: true }, deletable: true },
};

export interface Drawing {
  start(mode: DrawMode): void;
  /** Lets a shape be changed: its corners, or all of it. */
  edit(shape: DrawnShape): void;
  /** Takes back the last position, or the last change. */
  undo(): void;
  /** Of a shape that is being changed: goes to the corner after the chosen one, or to the one before it. */
  chooseCorner(step: 1 | -1): void;
  /** Moves the chosen corner, or the whole shape where none is chosen, pixels right and down. */
  move(right: number, down: number): void;
  /** Takes the chosen corner away, if a shape is left. */
  removeCorner(): void;
  dispose(): void;
}

export interface DrawingEvents {
  onDrawn: (shape: DrawnShape) => void;
  /** After each change of a shape. */
  onEdited: (shape: DrawnShape) => void;
}

export function createDrawing(map: MapLibreMap, color: `#${string}`, { onDrawn, onEdited }: DrawingEvents): Drawing {
  const line = { lineStringColor: color, lineStringWidth: 3 };
  const area = { fillColor: color, fillOpacity: 0.15, outlineColor: color, outlineWidth: 2 };
  /** States of the shape that is being changed, the newest last. */
  let states: DrawnShape[] = [];
  /** The corner that keys are about. */
  let corner: number | null = null;
  let lastAction = '';

  const isHandle = ({ properties }: GeoJSONStoreFeatures) =>
    states.at(-1)?.kind !== 'circle' || Number(properties['index']) % CIRCLE_HANDLE === 0;
  const isChosen = ({ properties }: GeoJSONStoreFeatures) => corner !== null && properties['index'] === corner;
  const editStyles = {
    selectedPointColor: color,
    selectedPointWidth: 8,
    selectedPointOutlineColor: '#ffffff' as const,
    selectedPointOutlineWidth: 2,
    selectedLineStringColor: color,
    selectedLineStringWidth: 3,
    selectedPolygonColor: color,
    selectedPolygonFillOpacity: 0.15,
    selectedPolygonOutlineColor: color,
    selectedPolygonOutlineWidth: 2,
    selectionPointColor: (feature: GeoJSONStoreFeatures) => (isChosen(feature) ? color : '#ffffff'),
    selectionPointWidth: (feature: GeoJSONStoreFeatures) => (isHandle(feature) ? 6 : 0),
    selectionPointOutlineColor: color,
    selectionPointOutlineWidth: (feature: GeoJSONStoreFeatures) => (isHandle(feature) ? 2 : 0),
    midPointColor: color,
    midPointWidth: 3,
    midPointOutlineColor: '#ffffff' as const,
    midPointOutlineWidth: 1,
  };
  const draw = new TerraDraw({
    adapter: new TerraDrawMapLibreGLAdapter({ map, coordinatePrecision: PRECISION }),
    undoRedo: { modeLevel: new TerraDrawModeUndoRedo() },
    modes: [
      new TerraDrawPointMode({ styles: { pointColor: color, pointWidth: 6 } }),
      new TerraDrawLineStringMode({ styles: line }),
      // Two clicks or one stroke: people try both.
      new TerraDrawRectangleMode({ styles: area, drawInteraction: 'click-move-or-drag' }),
      new TerraDrawPolygonMode({ styles: area }),
      new TerraDrawCircleMode({ styles: area, projection: 'globe', drawInteraction: 'click-move-or-drag' }),
      new TerraDrawSelectMode({
        styles: editStyles,
        pointerDistance: REACH,
        // What is changed stays chosen until somebody says that it is done.
        allowManualDeselection: false,
        allowManualSelection: false,
        keyEvents: null,
        flags: {
          point: { feature: NO_FLAGS },
          linestring: { feature: PATH_FLAGS },
          polygon: { feature: PATH_FLAGS },
          circle: { feature: { draggable: true, coordinates: { resizable: 'center-fixed' } } },
        },
      }),
    ],
  });
  draw.start();

  /** Shows the newest state with its corners. */
  const show = () => {
    const shape = states.at(-1);
    const geometry = shape === undefined ? null : shapeGeometry(shape);
    if (shape === undefined || geometry === null || !('coordinates' in geometry)) return;
    draw.clear();
    draw.setMode('select');
    const id = draw.getFeatureId();
    const mode = shape.kind === 'line' ? MODE.line : shape.kind;
    const coordinates = rounded(geometry.coordinates);
    draw.addFeatures([
      { id, type: 'Feature', properties: { mode }, geometry: { ...geometry, coordinates } } as GeoJSONStoreFeatures,
    ]);
    if (draw.hasFeature(id)) draw.selectFeature(id);
  };
  const choose = (next: number | null) => {
    corner = next;
    // Colours are asked for anew when styles are set.
    draw.updateModeOptions<typeof TerraDrawSelectMode>('select', { styles: editStyles });
  };
  /** Takes a state as the newest one, and shows it unless the map shows it already. */
  const change = (shape: DrawnShape, isShown: boolean, action = 'keys') => {
    // Who drags a small point makes a corner and moves it: one change.
    const isOneChange = action === 'dragCoordinate' && lastAction === 'insertMidpoint';
    lastAction = action;
    const before = states.at(-1);
    const [next, last] = [pathOf(shape), before === undefined ? [] : pathOf(before)];
    if (next.length > Math.max(MOST_POSITIONS, last.length)) {
      show();
      return;
    }
    const changed = next.flatMap((place, index) => (isSame(place, last[index]) ? [] : [index]));
    // Of what was moved as a whole no corner is the one that was meant.
    corner =
      next.length < last.length || (next.length === last.length && changed.length > 1) ? null : (changed[0] ?? corner);
    if (isOneChange) states.pop();
    states.push(shape);
    if (!isShown) show();
    choose(corner);
    onEdited(shape);
  };

  draw.on('finish', (id, { mode, action }) => {
    const feature = draw.getSnapshotFeature(id);
    if (feature === undefined) return;
    const isDrawn = action === 'draw';
    const shape = shapeOf(isDrawn ? mode : String(feature.properties['mode']), feature.geometry.coordinates);
    // Not from within its own event.
    queueMicrotask(() => {
      if (!isDrawn) {
        if (shape !== null && states.length > 0) change(shape, true, action);
        return;
      }
      draw.clear();
      if (shape !== null) onDrawn(shape);
    });
  });
  const onPress = ({ point }: MapMouseEvent) => {
    const shape = states.at(-1);
    if (shape?.kind !== 'line' && shape?.kind !== 'polygon') return;
    const distances = shape.path.map(([lng, lat]) => point.dist(map.project([lng, lat])));
    const nearest = Math.min(...distances);
    if (nearest <= REACH) choose(distances.indexOf(nearest));
  };
  map.on('mousedown', onPress);

  return {
    start(mode) {
      states = [];
      draw.clear();
      draw.setMode(MODE[mode]);
    },
    edit(shape) {
      const now = states.at(-1);
      if (now !== undefined && formatShape(now) === formatShape(shape)) return;
      states = [shape];
      corner = null;
      show();
    },
    undo() {
      if (states.length === 0) {
        draw.undo();
        return;
      }
      if (states.length === 1) return;
      states.pop();
      lastAction = '';
      corner = null;
      show();
      onEdited(states.at(-1)!);
    },
    chooseCorner(step) {
      const shape = states.at(-1);
      if (shape?.kind !== 'line' && shape?.kind !== 'polygon') return;
      const { length } = shape.path;
      choose(corner === null ? (step === 1 ? 0 : length - 1) : (corner + step + length) % length);
    },
    move(right, down) {
      const shape = states.at(-1);
      if (shape === undefined) return;
      const moved = ([lng, lat]: Place): Place => {
        const { x, y } = map.project([lng, lat]);
        const to = map.unproject([x + right, y + down]);
        return [to.lng, to.lat];
      };
      if (shape.kind === 'point' || shape.kind === 'circle') change({ ...shape, at: moved(shape.at) }, false);
      else if (shape.kind === 'line' || shape.kind === 'polygon') {
        const chosen = corner;
        const path = shape.path.map((place, index) => (chosen === null || index === chosen ? moved(place) : place));
        change({ ...shape, path }, false);
      }
    },
    removeCorner() {
      const shape = states.at(-1);
      if (corner === null || (shape?.kind !== 'line' && shape?.kind !== 'polygon')) return;
      if (shape.path.length <= (shape.kind === 'line' ? 2 : 3)) return;
      change({ ...shape, path: shape.path.toSpliced(corner, 1) }, false);
    },
    dispose() {
      map.off('mousedown', onPress);
      draw.stop();
    },
  };
}

/** Positions of a shape; of a circle its middle. */
function pathOf(shape: DrawnShape): readonly Place[] {
  if (shape.kind === 'line' || shape.kind === 'polygon') return shape.path;
  return shape.kind === 'point' || shape.kind === 'circle' ? [shape.at] : [];
}

function isSame(a: Place, b: Place | undefined): boolean {
  return b !== undefined && Math.abs(a[0] - b[0]) < 1e-6 && Math.abs(a[1] - b[1]) < 1e-6;
}

/** Coordinates of any depth with no more digits than terra-draw takes. */
function rounded(coordinates: unknown): unknown {
  if (typeof coordinates === 'number') return Number(coordinates.toFixed(PRECISION));
  return (coordinates as unknown[]).map(rounded);
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
