import { describe, expect, it } from 'vitest';
import { areaOf, lengthOf, parseShape, shapeInput, type Place } from '../../web/shape.ts';

describe('measures', () => {
  // What ST_Distance and ST_Area of geography answer for the same places (PostGIS 3.3).
  it('lengths agree with the geodesic', () => {
    expect(
      lengthOf([
        [113.1, 23],
        [113.1, 23.1],
      ]),
    ).toBeCloseTo(11_074.47, 0);
    expect(
      lengthOf([
        [113, 23],
        [113.1, 23],
      ]),
    ).toBeCloseTo(10_252.25, 0);
  });

  it('areas agree with the ellipsoid, whichever way round', () => {
    const ring: Place[] = [
      [113, 23],
      [113.01, 23],
      [113.01, 23.01],
      [113, 23.01],
    ];
    const exact = 1_135_334.56;
    expect(areaOf(ring) / exact).toBeCloseTo(1, 4);
    expect(areaOf(ring.toReversed())).toBeCloseTo(areaOf(ring), 3);
  });
});

describe('shapes of the address', () => {
  it.each(['point:200,0', 'circle:113,23:0', 'line:113,23', 'polygon:1,2~3,4', 'cell:<b>', 'feature:X:1', 'x', ''])(
    'takes no %s',
    (text) => expect(parseShape(text)).toBeNull(),
  );

  it('closes the ring for the API', () => {
    const input = shapeInput(
      {
        kind: 'polygon',
        path: [
          [113, 23],
          [113.1, 23],
          [113.1, 23.1],
        ],
      },
      500,
    );
    expect(input).toEqual({
      kind: 'polygon',
      geometry: {
        type: 'Polygon',
        coordinates: [
          [
            [113, 23],
            [113.1, 23],
            [113.1, 23.1],
            [113, 23],
          ],
        ],
      },
    });
  });
});
