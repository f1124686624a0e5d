import { array, assert, boolean, constantFrom, double, integer, property, record, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  buildRoadGraph,
  findEntrance,
  findRoute,
  metresPerDegree,
  reachedParts,
  reachFrom,
  reversed,
  secondsTo,
  type RoadLine,
} from '../../../server/analysis/road-graph.ts';

const line = (path: [number, number][], change: Partial<RoadLine> = {}): RoadLine => ({
  name: null,
  path,
  drive: 36,
  walk: 4.8,
  oneway: false,
  ...change,
});
const scale = metresPerDegree(23);

/** A square of roads 0.01° wide: south, east, north and west side, met at the corners. */
const square = (change: Partial<RoadLine> = {}) =>
  buildRoadGraph([
    line(
      [
        [113, 23],
        [113.01, 23],
      ],
      change,
    ),
    line([
      [113.01, 23],
      [113.01, 23.01],
    ]),
    line([
      [113.01, 23.01],
      [113, 23.01],
    ]),
    line([
      [113, 23.01],
      [113, 23],
    ]),
  ]);

describe('routes', () => {
  it('takes the shorter way, at the speed of the road', () => {
    const graph = square();
    const [start, end] = [findEntrance(graph, 'drive', 113.002, 23)!, findEntrance(graph, 'drive', 113.01, 23.002)!];
    const leg = findRoute(graph, 'drive', start, end)!;
    const metres = 0.008 * scale.lon + 0.002 * scale.lat;
    expect(leg.metres / metres).toBeCloseTo(1, 4);
    expect(leg.seconds / (metres / 10)).toBeCloseTo(1, 4);
    expect(leg.path[1]).toEqual([113.01, 23]);
  });

  it('goes round a one-way street by car, and through it on foot', () => {
    const graph = square({ oneway: true });
    const [start, end] = [findEntrance(graph, 'drive', 113.008, 23)!, findEntrance(graph, 'drive', 113.002, 23)!];
    const byCar = findRoute(graph, 'drive', start, end)!;
    expect(byCar.metres / (0.014 * scale.lon + 0.02 * scale.lat)).toBeCloseTo(1, 2);
    const onFoot = findRoute(graph, 'walk', start, end)!;
    expect(onFoot.metres / (0.006 * scale.lon)).toBeCloseTo(1, 3);
  });

  it('uses no road that is not for the mode, and says where there is no way', () => {
    const graph = buildRoadGraph([
      line([
        [113, 23],
        [113.01, 23],
      ]),
      line(
        [
          [113.02, 23],
          [113.03, 23],
        ],
        { walk: 0 },
      ),
    ]);
    const start = findEntrance(graph, 'drive', 113.005, 23)!;
    expect(findRoute(graph, 'drive', start, findEntrance(graph, 'drive', 113.025, 23)!)).toBeNull();
    expect(findEntrance(graph, 'walk', 113.025, 23)).toBeNull();
    expect(findEntrance(graph, 'walk', 113.5, 23.5)).toBeNull();
  });

  it('leads a dead end onto the line it stops short of, but not across a line it passes over', () => {
    const main = line([
      [113, 23],
      [113.01, 23],
    ]);
    const side = line([
      [113.005, 23.005],
      [113.005, 23.00001],
    ]);
    const joined = buildRoadGraph([main, side]);
    const from = findEntrance(joined, 'drive', 113.005, 23.004)!;
    const leg = findRoute(joined, 'drive', from, findEntrance(joined, 'drive', 113.001, 23)!)!;
    expect(leg.metres / (0.004 * scale.lat + 0.004 * scale.lon)).toBeCloseTo(1, 2);
    const over = buildRoadGraph([
      main,
      line([
        [113.005, 23.005],
        [113.005, 22.995],
      ]),
    ]);
    expect(
      findRoute(
        over,
        'drive',
        findEntrance(over, 'drive', 113.005, 23.004)!,
        findEntrance(over, 'drive', 113.001, 23)!,
      ),
    ).toBeNull();
  });
});

describe('what is reached', () => {
  it('is as far as the time goes, in both directions', () => {
    const graph = square();
    const seconds = 60;
    const start = findEntrance(graph, 'walk', 113, 23)!;
    const reached = reachFrom(graph, 'walk', [start], seconds);
    const parts = (piece: number) =>
      reachedParts(graph, 'walk', reached, piece, seconds, start.piece === piece ? [start] : []);
    expect(parts(0)[0]![1]).toBeCloseTo(80 / (0.01 * scale.lon), 4);
    expect(parts(3)[0]![0]).toBeCloseTo(1 - 80 / (0.01 * scale.lat), 4);
    expect(parts(1)).toEqual([]);
    const middle = findEntrance(graph, 'walk', 113.005, 23)!;
    const around = reachFrom(graph, 'walk', [middle], seconds);
    const [part] = reachedParts(graph, 'walk', around, middle.piece, seconds, [middle]);
    expect(part![1] - part![0]).toBeCloseTo(160 / (0.01 * scale.lon), 4);
    const all = reachFrom(graph, 'walk', [start], 3600);
    expect([0, 1, 2, 3].map((piece) => reachedParts(graph, 'walk', all, piece, 3600))).toEqual(
      Array.from({ length: 4 }, () => [[0, 1]]),
    );
  });

  it('is as Floyd and Warshall have it, on a random graph', () => {
    let state = 11;
    const random = () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
    const places = Array.from({ length: 30 }, (): [number, number] => [113 + random() * 0.05, 23 + random() * 0.05]);
    const at = (n: number) => places[n]!;
    const lines = Array.from({ length: 60 }, () => {
      const [a, b] = [Math.floor(random() * 30), Math.floor(random() * 30)];
      return line([at(a), at(b)], { drive: 20 + Math.floor(random() * 40), oneway: random() < 0.4 });
    }).filter(({ path }) => path[0]![0] !== path[1]![0] || path[0]![1] !== path[1]![1]);
    const graph = buildRoadGraph(lines);
    const n = graph.lons.length;
    const cost = Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => (i === j ? 0 : Infinity)));
    const { from, to, metres, line: lineOf } = graph.pieces;
    from.forEach((a, piece) => {
      const { drive, oneway } = lines[lineOf[piece]!]!;
      const seconds = metres[piece]! / (drive / 3.6);
      const b = to[piece]!;
      cost[a]![b] = Math.min(cost[a]![b]!, seconds);
      if (!oneway) cost[b]![a] = Math.min(cost[b]![a]!, seconds);
    });
    for (let k = 0; k < n; k++)
      for (let i = 0; i < n; i++)
        for (let j = 0; j < n; j++) cost[i]![j] = Math.min(cost[i]![j]!, cost[i]![k]! + cost[k]![j]!);
    const source = from[0]!;
    const entrance = { piece: 0, share: 0, lon: graph.lons[source]!, lat: graph.lats[source]!, metres: 0 };
    const { seconds } = reachFrom(graph, 'drive', [entrance], Infinity);
    seconds.forEach((found, node) => {
      const expected = cost[source]![node]!;
      if (expected === Infinity) expect(found).toBe(Infinity);
      else expect(found).toBeCloseTo(expected, 6);
    });
  });
});

describe('ways that lead to a place', () => {
  const step = 0.002;
  /** Roads between the crossings of a raster, some of them one-way, some for one kind of travel only. */
  const roads = array(
    record({
      x: integer({ min: 0, max: 4 }),
      y: integer({ min: 0, max: 4 }),
      isEast: boolean(),
      isTurned: boolean(),
      oneway: boolean(),
      drive: constantFrom(0, 20, 60),
    }),
    { minLength: 8, maxLength: 60 },
  );
  const somewhere = tuple(double({ min: 0, max: 1, noNaN: true }), double({ min: 0, max: 1, noNaN: true }));

  it('take as long as the route from each start', () => {
    assert(
      property(roads, somewhere, array(somewhere, { minLength: 1, maxLength: 6 }), (list, target, starts) => {
        const graph = buildRoadGraph(
          list.map(({ x, y, isEast, isTurned, oneway, drive }) => {
            const ends: [number, number][] = [
              [113 + x * step, 23 + y * step],
              [113 + (x + Number(isEast)) * step, 23 + (y + Number(!isEast)) * step],
            ];
            return line(isTurned ? ends.toReversed() : ends, { oneway, drive });
          }),
        );
        const entrance = ([u, v]: readonly [number, number]) =>
          findEntrance(graph, 'drive', 113 + u * 5 * step, 23 + v * 5 * step);
        const end = entrance(target);
        if (end === null) return;
        const reached = reachFrom(reversed(graph), 'drive', [{ ...end, share: 1 - end.share }], Infinity);
        for (const each of starts) {
          const start = entrance(each);
          if (start === null) continue;
          const expected = findRoute(graph, 'drive', start, end)?.seconds ?? Infinity;
          const seconds = secondsTo(graph, 'drive', start, end, reached);
          if (expected === Infinity) expect(seconds).toBe(Infinity);
          else expect(seconds).toBeCloseTo(expected, 6);
        }
      }),
      { numRuns: 300 },
    );
  });
});
