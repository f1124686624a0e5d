import { useMemo } from 'react';
import type { Geometry } from 'geojson';
import type { BufferAnswer, InsideReport, NearestAnswer } from '../../../server/app.ts';
import { useAnalysis } from '../../api.ts';
import { shapeGeometry, shapeInput, type DrawnShape } from '../../shape.ts';
import type { Tool } from '../../url-state.ts';

export const DEFAULT_METRES = 500;
const DEFAULT_COUNT = 5;

/** A number among the options of a tool, or what it is when nothing was chosen. */
export function numberOption(tool: Tool | null, name: string, otherwise: number): number {
  const value = Number(tool?.options[name]);
  return Number.isFinite(value) && value > 0 ? value : otherwise;
}

function bufferOf(shape: DrawnShape): object {
  if (shape.kind === 'point') return { point: shape.at };
  if (shape.kind === 'line') return { line: shape.path };
  if (shape.kind === 'feature') return { layer: shape.layer, fid: shape.fid };
  return { shape: shapeInput(shape, DEFAULT_METRES) };
}

/** What the chosen tool answers, and what of it there is to draw. */
export function useTool(tool: Tool | null, shape: DrawnShape | null) {
  const metres = numberOption(tool, 'm', DEFAULT_METRES);
  const count = numberOption(tool, 'n', DEFAULT_COUNT);
  const to = tool?.options['to'] ?? null;
  const input = useMemo(() => (shape === null ? null : shapeInput(shape, metres)), [shape, metres]);

  const inside = useAnalysis<InsideReport>('inside', tool?.id === 'inside' && input !== null ? { shape: input } : null);
  const buffer = useAnalysis<BufferAnswer>(
    'buffer',
    tool?.id === 'buffer' && shape !== null ? { of: bufferOf(shape), metres } : null,
  );
  const place = shape?.kind === 'point' ? shape.at : null;
  const nearest = useAnalysis<NearestAnswer>(
    'nearest',
    tool?.id === 'nearest' && place !== null && to !== null
      ? { from: { point: place }, to: { layer: to }, count }
      : null,
  );

  const outline = useMemo((): Geometry | null => {
    const known = shape === null ? null : shapeGeometry(shape);
    if (known !== null && !(shape?.kind === 'point' && tool?.id === 'inside')) return known;
    return (inside.data?.shape.geometry as unknown as Geometry | undefined) ?? known;
  }, [shape, tool?.id, inside.data]);

  const found = useMemo((): Geometry[] => {
    if (tool?.id === 'buffer') {
      return (buffer.data?.features ?? []).flatMap(({ geometry }) =>
        geometry === null ? [] : [geometry as unknown as Geometry],
      );
    }
    if (tool?.id === 'nearest' && place !== null) {
      return (nearest.data?.rows[0]?.neighbours ?? []).flatMap(({ at }): Geometry[] => [
        { type: 'LineString', coordinates: [[...place], [...at]] },
        { type: 'Point', coordinates: [...at] },
      ]);
    }
    return [];
  }, [tool?.id, buffer.data, nearest.data, place]);

  return { inside, buffer, nearest, outline, found };
}

export type ToolAnswers = ReturnType<typeof useTool>;
