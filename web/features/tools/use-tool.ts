import { useMemo } from 'react';
import type { Geometry } from 'geojson';
import type {
  BufferAnswer,
  CorrelationAnswer,
  CoverageAnswer,
  HotspotAnswer,
  InsideReport,
  NearestAnswer,
  ReachAnswer,
  RouteAnswer,
} from '../../../server/app.ts';
import { useAnalysis } from '../../api/request.ts';
import { shapeGeometry, shapeInput, type DrawnShape } from '../../shape.ts';
import type { Tool, ToolId } from '../../url-state.ts';
import { correlationPaint, coveragePaint, hotspotPaint, type CellPaint } from './cell-paint.ts';

export const DEFAULT_METRES = 500;
const DEFAULT_COUNT = 5;
/** Whose coverage is asked for until somebody chooses. */
export const DEFAULT_COVERAGE = 'grid_staff_position';
export const DEFAULT_MINUTES: readonly number[] = [5, 10, 15];
/** Points a route may lead through. */
export const MOST_STOPS = 10;
/** Lines of a table of neighbours that are drawn. */
const MOST_LINES = 500;

/** A number among the options of a tool, or what it is when nothing was chosen. */
export function numberOption(tool: Tool | null, name: string, otherwise: number): number {
  const value = Number(tool?.options[name]);
  return Number.isFinite(value) && value > 0 ? value : otherwise;
}

/** `5-10-15` */
export function minutesOption(tool: Tool | null): number[] {
  const minutes = (tool?.options['t'] ?? '').split('-').map(Number);
  const isGood = minutes.length <= 4 && minutes.every((value) => value >= 1 && value <= 60);
  return isGood ? [...new Set(minutes)] : [...DEFAULT_MINUTES];
}

export const modeOption = (tool: Tool | null): 'walk' | 'drive' =>
  tool?.options['mode'] === 'drive' ? 'drive' : 'walk';

export const levelOption = (tool: Tool | null): 'grid' | 'community' =>
  tool?.options['by'] === 'community' ? 'community' : 'grid';

function bufferOf(shape: DrawnShape): object {
  if (shape.kind === 'point') return { point: shape.at };
  if (shape.kind === 'line') return { line: shape.path };
  if (shape.kind === 'feature') return { layer: shape.layer, fid: shape.fid };
  return { shape: shapeInput(shape, DEFAULT_METRES) };
}

/** What the chosen tool answers, and what of it there is to draw. Layers are taken under the filter they have. */
export function useTool(tool: Tool | null, shape: DrawnShape | null, filterOf: (layer: string) => object | null) {
  const metres = numberOption(tool, 'm', DEFAULT_METRES);
  const count = numberOption(tool, 'n', DEFAULT_COUNT);
  const id = tool?.id ?? null;
  const option = (name: string) => tool?.options[name] ?? null;
  const rowsOf = (layer: string | null) => {
    if (layer === null) return null;
    const filter = filterOf(layer);
    return filter === null ? { layer } : { layer, filter };
  };
  const input = useMemo(() => (shape === null ? null : shapeInput(shape, metres)), [shape, metres]);
  const place = shape?.kind === 'point' ? shape.at : null;
  const path = shape?.kind === 'line' && shape.path.length <= MOST_STOPS ? shape.path : null;
  const from = rowsOf(option('from'));
  const to = rowsOf(option('to'));
  const value = rowsOf(option('layer'));
  const per = rowsOf(option('per'));
  const other = rowsOf(option('other'));
  const start = from ?? (place === null ? null : { point: place });
  const mode = modeOption(tool);
  const by = levelOption(tool);

  const bufferFrom = from ?? (shape === null ? null : bufferOf(shape));
  const asked = ((): object | null => {
    switch (id) {
      case 'inside':
        return input === null ? null : { shape: input };
      case 'buffer':
        return bufferFrom === null
          ? null
          : { of: bufferFrom, metres, ...(option('each') === '1' ? { dissolve: false } : {}) };
      case 'nearest':
        return start === null || to === null ? null : { from: start, to, count };
      case 'reach':
        return start === null ? null : { from: start, mode, minutes: minutesOption(tool) };
      case 'route':
        return path === null ? null : { points: path, mode };
      case 'coverage':
        return { from: from ?? rowsOf(DEFAULT_COVERAGE), mode, minutes: numberOption(tool, 't', 10) };
      case 'hotspot':
        return value === null
          ? null
          : {
              by,
              value,
              ...(per === null ? {} : { per: { ...per, factor: 1000 } }),
              method: option('method') === 'moran' ? 'moran' : 'gi',
              fdr: option('fdr') === '1',
            };
      case 'correlation':
        return value === null || other === null ? null : { by, a: value, b: other };
      default:
        return null;
    }
  })();
  const bodyOf = (name: ToolId) => (id === name ? asked : null);
  const inside = useAnalysis<InsideReport>('inside', bodyOf('inside'));
  const buffer = useAnalysis<BufferAnswer>('buffer', bodyOf('buffer'));
  const nearest = useAnalysis<NearestAnswer>('nearest', bodyOf('nearest'));
  const reach = useAnalysis<ReachAnswer>('reach', bodyOf('reach'));
  const route = useAnalysis<RouteAnswer>('route', bodyOf('route'));
  const coverage = useAnalysis<CoverageAnswer>('coverage', bodyOf('coverage'));
  const hotspot = useAnalysis<HotspotAnswer>('hotspot', bodyOf('hotspot'));
  const correlation = useAnalysis<CorrelationAnswer>('correlation', bodyOf('correlation'));

  const usesShape =
    id === 'overlay' ? option('b') === null : from === null || id === 'inside' || id === 'measure' || id === 'route';
  const outline = useMemo((): Geometry | null => {
    if (!usesShape || id === 'coverage' || id === 'hotspot' || id === 'correlation' || id === 'attach') return null;
    // Of a route the stops are shown: the straight line between them is not the way.
    if (id === 'route') {
      return shape?.kind === 'line' ? { type: 'MultiPoint', coordinates: shape.path.map((at) => [...at]) } : null;
    }
    const known = shape === null ? null : shapeGeometry(shape);
    if (known !== null && !(shape?.kind === 'point' && id === 'inside')) return known;
    return (inside.data?.shape.geometry as unknown as Geometry | undefined) ?? known;
  }, [shape, id, usesShape, inside.data]);

  const found = useMemo((): Geometry[] => {
    switch (id) {
      case 'buffer':
        return (buffer.data?.features ?? []).flatMap(({ geometry }) =>
          geometry === null ? [] : [geometry as unknown as Geometry],
        );
      case 'nearest':
        return (nearest.data?.rows ?? []).slice(0, MOST_LINES).flatMap(({ at: begin, neighbours }) =>
          neighbours.flatMap(({ at }): Geometry[] => [
            { type: 'LineString', coordinates: [[...begin], [...at]] },
            { type: 'Point', coordinates: [...at] },
          ]),
        );
      case 'reach':
        return (reach.data?.areas ?? []).flatMap(({ geometry }) =>
          geometry === null ? [] : [geometry as unknown as Geometry],
        );
      case 'route':
        return route.data === undefined ? [] : [route.data.geometry as unknown as Geometry];
      default:
        return [];
    }
  }, [id, buffer.data, nearest.data, reach.data, route.data]);

  const cells = useMemo((): CellPaint | null => {
    if (id === 'hotspot') return hotspot.data ? hotspotPaint(hotspot.data) : null;
    if (id === 'coverage') return coverage.data ? coveragePaint(coverage.data) : null;
    if (id === 'correlation') return correlation.data ? correlationPaint(correlation.data) : null;
    return null;
  }, [id, hotspot.data, coverage.data, correlation.data]);

  return { asked, inside, buffer, nearest, reach, route, coverage, hotspot, correlation, outline, found, cells };
}

export type ToolAnswers = ReturnType<typeof useTool>;
