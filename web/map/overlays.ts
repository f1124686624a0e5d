/** deck.gl layers of the live situation and of counts: plain arrays made from state. */
import type { Layer } from '@deck.gl/core';
import { H3HexagonLayer } from '@deck.gl/geo-layers';
import { GeoJsonLayer, ScatterplotLayer, TextLayer } from '@deck.gl/layers';
import type { Feature, FeatureCollection, Geometry } from 'geojson';
import { cellToLatLng } from 'h3-js';
import type { HexagonCounts, Incident } from '../../server/app.ts';
import { rampClasses, rampIndex, rgba, SEVERITIES, type Palette, type RampClass, type Severity } from '../theme.ts';
import { NEW_MS } from '../situation.ts';
import { BELOW_LABELS, BELOW_ROADS } from './base-style.ts';
import { BorderLayer } from './border-layer.ts';
import { FlatIconLayer } from './flat-layers.ts';
import { valueIndex } from './value-classes.ts';
import { PulseExtension, type PulseProps } from './pulse-extension.ts';
import { asSeverity, severityPath } from './severity-shape.ts';

type Area = Feature<Geometry, Record<string, unknown>>;
type Areas = FeatureCollection<Geometry, Record<string, unknown>>;

/** Opacity of the grey of withheld counts, 0-255. */
const WITHHELD_ALPHA = 90;

/** Code of a boundary feature, whatever the layer calls it. */
export function areaCode(area: { properties: Record<string, unknown> | null }): string {
  const { grid_code: grid, code, community_code: community, town_code: town } = area.properties ?? {};
  return String(grid ?? code ?? community ?? town ?? '');
}

/** The lines between areas, under names and roads. */
export function borderLayer(id: string, areas: Areas, palette: Palette, lineScale = 1): Layer {
  return new BorderLayer({
    id: `${id}-borders`,
    areas,
    color: rgba(palette.map.cellLine, 210),
    width: 0.8 * lineScale,
    beforeId: BELOW_ROADS,
  } as ConstructorParameters<typeof BorderLayer>[0]);
}

/** The outline of the one that is looked at, above everything but names. */
function selectedLayers(id: string, areas: Areas, selected: string | null, palette: Palette, lineScale = 1): Layer[] {
  const chosen = selected === null ? [] : areas.features.filter((area) => areaCode(area) === selected);
  if (chosen.length === 0) return [];
  return [
    new GeoJsonLayer({
      id: `${id}-selected`,
      data: { type: 'FeatureCollection', features: chosen } as Areas,
      beforeId: BELOW_LABELS,
      stroked: true,
      filled: false,
      getLineColor: rgba(palette.map.selected),
      lineWidthUnits: 'pixels',
      getLineWidth: 3 * lineScale,
    } as ConstructorParameters<typeof GeoJsonLayer>[0]),
  ];
}

/**
 * Areas in colours of their own; those without are outlines, so that the mesh stays whole and can be picked. `colors` must be another
 * map when it says something else.
 */
export function paintedAreas(
  id: string,
  areas: Areas,
  colors: ReadonlyMap<string, string>,
  selected: string | null,
  palette: Palette,
): Layer[] {
  return [
    new GeoJsonLayer({
      id,
      data: areas,
      beforeId: BELOW_ROADS,
      pickable: true,
      filled: true,
      stroked: false,
      getFillColor: (area: Area) => {
        const color = colors.get(areaCode(area));
        // Alpha 1, not 0: deck.gl does not draw, and so cannot pick, what is fully transparent.
        return color === undefined ? rgba(palette.map.land, 1) : rgba(color, 205);
      },
      updateTriggers: { getFillColor: colors },
    } as ConstructorParameters<typeof GeoJsonLayer>[0]),
    borderLayer(id, areas, palette),
    ...selectedLayers(id, areas, selected, palette),
  ];
}

/**
 * Areas coloured by a number each. Areas that count 0 are drawn as outlines, so that the mesh stays whole and can be picked;
 * withheld ones (null) are grey, which is neither. `lineScale` thickens the outlines for walls.
 * `version` must change with the values: the accessors read them when it does.
 */
export function areaLayers(options: {
  id: string;
  areas: Areas;
  valueOf: (code: string) => number | null;
  max: number;
  ramp: readonly string[];
  version: string | number;
  selected: string | null;
  palette: Palette;
  lineScale?: number;
  /** Classes of figures that are not counts; `max` is then not looked at. */
  figures?: readonly RampClass[] | undefined;
}): Layer[] {
  const { id, areas, valueOf, max, ramp, version, selected, palette, lineScale = 1, figures } = options;
  const classes = figures ?? rampClasses(max, ramp.length);
  const indexOf = figures === undefined ? rampIndex : valueIndex;
  return [
    new GeoJsonLayer({
      id,
      data: areas,
      beforeId: BELOW_ROADS,
      pickable: true,
      stroked: false,
      filled: true,
      getFillColor: (area: Area) => {
        const value = valueOf(areaCode(area));
        if (value === null) return rgba(palette.ui.dim, WITHHELD_ALPHA);
        const index = indexOf(value, classes);
        // Alpha 1, not 0: deck.gl does not draw, and so cannot pick, what is fully transparent.
        return index < 0 ? rgba(palette.map.land, 1) : rgba(ramp[index] ?? palette.ui.dim, 215);
      },
      updateTriggers: { getFillColor: [version, max, palette.scheme] },
    } as ConstructorParameters<typeof GeoJsonLayer>[0]),
    borderLayer(id, areas, palette, lineScale),
    ...selectedLayers(id, areas, selected, palette, lineScale),
  ];
}

/** Positions of the cells, computed once for an answer: `[lng, lat, lng, lat …]`. */
const positionsOf = new WeakMap<readonly string[], Float64Array>();

function hexagonPositions(cells: readonly string[]): Float64Array {
  const known = positionsOf.get(cells);
  if (known) return known;
  const positions = new Float64Array(cells.length * 2);
  cells.forEach((cell, index) => {
    const [lat, lng] = cellToLatLng(cell);
    positions[2 * index] = lng;
    positions[2 * index + 1] = lat;
  });
  positionsOf.set(cells, positions);
  return positions;
}

/** Largest published count, at least 1. Withheld counts (null) do not take part. */
export function largest(counts: readonly (number | null)[]): number {
  return counts.reduce<number>((most, count) => Math.max(most, count ?? 0), 1);
}

/**
 * Extruded hexagons, fed with binary attributes: measured 1209 ms → 4 ms at 100 k cells against objects. Withheld cells are
 * flat and grey. `info.index` of a pick is the row of `counts`.
 */
export function hexagonLayer(
  counts: HexagonCounts,
  palette: Palette,
  extruded: boolean,
  figures?: { values: readonly (number | null)[]; classes: readonly RampClass[] },
): Layer {
  const { cells } = counts;
  const values = figures?.values ?? counts.counts;
  const max = largest(counts.counts);
  const classes = figures?.classes ?? rampClasses(max, palette.count.length);
  const indexOf = figures === undefined ? rampIndex : valueIndex;
  const elevation = new Float32Array(cells.length);
  const color = new Uint8Array(cells.length * 4);
  values.forEach((value, index) => {
    const step = value === null ? -1 : indexOf(value, classes);
    // Figures may be below nought, and days have no length: their columns are as high as their class.
    elevation[index] =
      value === null ? 0 : figures === undefined ? value / max : (step + 1) / (palette.count.length + 1);
    color.set(
      step < 0 ? rgba(palette.ui.dim, WITHHELD_ALPHA) : rgba(palette.count[step] ?? palette.ui.dim, 225),
      index * 4,
    );
  });
  // Columns about as high as ten cells are wide at most; one resolution finer is 2.65 times narrower.
  const edgeMetres = 1_400_000 / 2.6458 ** counts.res;
  const first = cells[0] ?? '';
  return new H3HexagonLayer({
    id: 'hexagons',
    data: {
      length: cells.length,
      attributes: {
        getPosition: { value: hexagonPositions(cells), size: 2 },
        getElevation: { value: elevation, size: 1 },
        getFillColor: { value: color, size: 4, normalized: true },
      },
    },
    // Binary data have no rows: every hexagon has the shape of the first one, its place comes from getPosition.
    getHexagon: () => first,
    highPrecision: false,
    extruded,
    coverage: 0.92,
    elevationScale: edgeMetres * 7,
    pickable: true,
    opacity: 0.85,
    material: { ambient: 0.62, diffuse: 0.5, shininess: 12 },
    beforeId: BELOW_LABELS,
  } as unknown as ConstructorParameters<typeof H3HexagonLayer>[0]);
}

const ICON_PX = 96;
const atlases = new Map<string, HTMLCanvasElement>();

/** The five marks side by side on a canvas; a canvas needs no request and passes a strict content policy. */
function iconAtlas(palette: Palette): HTMLCanvasElement {
  const known = atlases.get(palette.scheme);
  if (known) return known;
  const canvas = document.createElement('canvas');
  canvas.width = ICON_PX * SEVERITIES.length;
  canvas.height = ICON_PX;
  const context = canvas.getContext('2d');
  if (!context) throw new Error('this browser has no 2D canvas');
  SEVERITIES.forEach((severity, index) => {
    context.save();
    context.translate(index * ICON_PX + 8, 8);
    context.scale((ICON_PX - 16) / 24, (ICON_PX - 16) / 24);
    const path = new Path2D(severityPath[severity]);
    context.lineJoin = 'round';
    context.lineWidth = 3;
    context.strokeStyle = palette.map.halo;
    context.stroke(path);
    context.fillStyle = palette.severity[severity];
    // oxlint-disable-next-line unicorn/no-array-fill-with-reference-type -- a canvas, not an array
    context.fill(path);
    context.lineWidth = 1;
    context.strokeStyle = palette.map.markEdge;
    context.stroke(path);
    context.restore();
  });
  atlases.set(palette.scheme, canvas);
  return canvas;
}

const iconMapping = Object.fromEntries(
  SEVERITIES.map((severity, index) => [
    String(severity),
    { x: index * ICON_PX, y: 0, width: ICON_PX, height: ICON_PX, anchorX: ICON_PX / 2, anchorY: ICON_PX / 2 },
  ]),
);

const ICON_SIZE: Record<Severity, number> = { 1: 26, 2: 24, 3: 20, 4: 18, 0: 13 };
/** Of the ring round what is new: a flood of ordinary matters must not drown the red one among them. */
const RING_SIZE: Record<Severity, number> = { 1: 56, 2: 46, 3: 36, 4: 32, 0: 20 };

/** New ones with a ring, at most: the gravest, the newest among equals. In a flood rings upon rings would say nothing. */
const MOST_RINGS = 200;

const pulse = new PulseExtension();
const position = (incident: Incident): [number, number] => [incident.lon, incident.lat];

/**
 * One mark for everything that was reported of the same thing: reports stay away where what they are reports of is on the
 * map. The one that is looked at is always there.
 */
export function withoutReports(incidents: readonly Incident[], selected: number | null): Incident[] {
  const there = new Set(incidents.map(({ id }) => id));
  return incidents.filter(({ id, parent }) => parent === null || id === selected || !there.has(parent));
}

/**
 * Open incidents as marks, in the order in which they are drawn, the last on top; new ones with a ring that pulses. `births` are ms since 1970. `scale` enlarges for walls.
 * Without `animate` new ones have a still ring instead.
 */
export function incidentLayers(options: {
  incidents: readonly Incident[];
  births: ReadonlyMap<number, number>;
  version: number;
  now: number;
  animate: boolean;
  selected: number | null;
  scale: number;
  palette: Palette;
}): Layer[] {
  const { births, version, now, animate, selected, scale, palette } = options;
  const incidents = withoutReports(options.incidents, selected);
  const several = incidents.filter(({ reports }) => reports > 1);
  const young = incidents.filter((incident) => now - (births.get(incident.id) ?? 0) < NEW_MS).slice(-MOST_RINGS);
  const chosen = selected === null ? [] : incidents.filter(({ id }) => id === selected);
  const origin = now - performance.now();
  return [
    new ScatterplotLayer<Incident, PulseProps>({
      // Another layer, not this one without its extension: deck.gl would go on asking for what only the extension knows.
      id: animate ? 'incident-pulse' : 'incident-rings',
      data: young,
      getPosition: position,
      radiusUnits: 'pixels',
      getRadius: (incident) => RING_SIZE[asSeverity(incident.severity)] * scale,
      stroked: true,
      filled: true,
      lineWidthUnits: 'pixels',
      getLineWidth: (incident) => (asSeverity(incident.severity) === 0 ? 1.5 : 3) * scale,
      getFillColor: (incident) => rgba(palette.severity[asSeverity(incident.severity)], 70),
      getLineColor: (incident) => rgba(palette.severity[asSeverity(incident.severity)], 255),
      ...(animate
        ? {
            getBirth: (incident: Incident) => ((births.get(incident.id) ?? now) - origin) / 1000,
            pulseLife: NEW_MS / 1000,
            pulseActive: young.length > 0,
            extensions: [pulse],
          }
        : { getRadius: (incident: Incident) => (RING_SIZE[asSeverity(incident.severity)] / 2.2) * scale }),
      updateTriggers: { getPosition: version, getRadius: [version, scale, animate] },
    }),
    new ScatterplotLayer<Incident>({
      id: 'incident-selected',
      data: chosen,
      getPosition: position,
      radiusUnits: 'pixels',
      getRadius: 22 * scale,
      stroked: true,
      filled: false,
      lineWidthUnits: 'pixels',
      getLineWidth: 3.5 * scale,
      getLineColor: rgba(palette.map.selected),
    }),
    new FlatIconLayer<Incident>({
      id: 'incidents',
      data: incidents,
      pickable: true,
      getPosition: position,
      iconAtlas: iconAtlas(palette) as unknown as string,
      iconMapping,
      getIcon: (incident) => String(asSeverity(incident.severity)),
      sizeUnits: 'pixels',
      getSize: (incident) => ICON_SIZE[asSeverity(incident.severity)] * scale,
      updateTriggers: { getPosition: version, getIcon: version, getSize: [version, scale] },
    }),
    new TextLayer<Incident>({
      id: 'incident-reports',
      data: several,
      getPosition: position,
      getText: ({ reports }) => `×${reports}`,
      characterSet: '×0123456789',
      getSize: 13 * scale,
      sizeUnits: 'pixels',
      getPixelOffset: [15 * scale, -12 * scale],
      getColor: rgba(palette.map.selected),
      fontWeight: 700,
      outlineWidth: 3,
      outlineColor: rgba(palette.map.halo),
      fontSettings: { sdf: true },
      updateTriggers: { getText: version, getPosition: version },
    }),
  ];
}
