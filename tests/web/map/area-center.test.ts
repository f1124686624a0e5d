import { describe, expect, it } from 'vitest';
import { geometryBounds } from '../../../web/map/area-center.ts';

describe('the box around a geometry', () => {
  it('is that of all its positions, whatever its kind', () => {
    expect(geometryBounds({ type: 'Point', coordinates: [113, 23, 5] })).toEqual([113, 23, 113, 23]);
    const line = {
      type: 'MultiLineString' as const,
      coordinates: [
        [
          [1, 2],
          [3, -4],
        ],
        [[0, 9]],
      ],
    };
    expect(geometryBounds(line)).toEqual([0, -4, 3, 9]);
    const geometries = [line, { type: 'Point' as const, coordinates: [7, 1] }];
    expect(geometryBounds({ type: 'GeometryCollection', geometries })).toEqual([0, -4, 7, 9]);
    expect(geometryBounds({ type: 'MultiPolygon', coordinates: [] })).toBeNull();
  });
});
