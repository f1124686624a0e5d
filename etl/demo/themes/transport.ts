import { type Context, lineShape, pad, pointShape, polygonShape, row } from '../context.ts';
import type { Row } from '../files/row.ts';
import { bendPoint } from '../land.ts';
import { type Point, lineLength, resample, ringArea, smooth } from '../plane.ts';
import { createRandom } from '../random.ts';
import { rounded } from '../rounded.ts';
import { strip } from '../strip.ts';
import { type Theme, listed } from './delivery.ts';

const OPENED: Record<string, string> = {
  广佛线: '2010-11-03',
  佛山地铁2号线: '2021-12-28',
  佛山地铁3号线: '2022-12-28',
};
/** Not in the sketch: line 3 crosses the east side, line 4 is under construction; both about there. */
const MORE_LINES: { name: string; points: [number, number][]; stations: [string, number, number][]; status: string }[] =
  [
    {
      name: '佛山地铁3号线',
      status: 'operating',
      points: [
        [7400, -1700],
        [7150, 400],
        [7050, 2400],
        [6550, 3900],
        [6300, 5600],
        [5600, 7000],
      ],
      stations: [
        ['东平站', 7330, -900],
        ['湾华站', 7177, 886],
        ['镇安站', 7050, 2450],
        ['桂城站', 6550, 3900],
        ['朝安站', 6152, 4928],
        ['工人医院站', 5950, 6350],
      ],
    },
    {
      name: '佛山地铁4号线',
      status: 'building',
      points: [
        [-9000, 1500],
        [-6200, 2300],
        [-3100, 2500],
        [700, 2500],
        [3300, 2500],
        [5400, 2400],
        [7600, 2600],
      ],
      stations: [],
    },
  ];
const COLOURS: Record<string, string> = {
  广佛线: '#c8a415',
  佛山地铁2号线: '#e5007f',
  佛山地铁3号线: '#0068b7',
  佛山地铁4号线: '#00a29a',
};

function metroLines(context: Context): { name: string; line: Point[]; status: string }[] {
  return [
    ...context.district.land.geography.metro.map(({ name, points }) => ({ name, points, status: 'operating' })),
    ...MORE_LINES,
  ].map(({ name, points, status }) => ({ name, status, line: resample(smooth(points, 3), 60).map(bendPoint) }));
}

/** Protected ground above the tunnels, between every other pair of stations: 5 m on each side, and 50 m. */
function protectionZones(context: Context): Row[] {
  const rows: Row[] = [];
  metroLines(context).forEach(({ name, line }, i) => {
    const inside = line.filter((at) => context.isInDistrict(at));
    const pieces = Math.max(1, Math.round(lineLength(inside) / 1700));
    for (let k = 0; k < pieces; k++) {
      const from = Math.floor((k * (inside.length - 1)) / pieces);
      const piece = inside.slice(from, Math.floor(((k + 1) * (inside.length - 1)) / pieces) + 1);
      for (const [kind, width] of [
        ['control', 50],
        ['special', 5],
      ] as const) {
        const ring = strip(piece, -width, width);
        if (!ring) continue;
        rows.push(
          row(
            {
              zone_no: `GB${pad(rows.length + 1, 3)}`,
              line_code: `ML${pad(i + 1, 2)}`,
              line_name: name,
              zone_kind: kind,
              width_m: width,
              area_m2: rounded(ringArea(ring), 1),
            },
            polygonShape(ring),
          ),
        );
      }
    }
  });
  return rows;
}

/** The metro. */
export const transport: Theme = {
  metro_protection_zone: (context) => listed(protectionZones(context)),
  metro_line: (context) =>
    listed(
      metroLines(context).map(({ name, line, status }, i) =>
        row(
          {
            line_code: `ML${pad(i + 1, 2)}`,
            line_name: name,
            color: COLOURS[name] ?? '#666666',
            operator: '佛山市地铁运营有限公司',
            length_km: Math.round(lineLength(line) / 10) / 100,
            status,
          },
          lineShape(line),
        ),
      ),
    ),
  metro_station: (context) => {
    const stops = new Map<string, { at: Point; lines: string[]; opened: string }>();
    const add = (name: string, at: Point, line: string): void => {
      if (!context.isInDistrict(bendPoint(at))) return;
      const known = stops.get(name);
      if (known) known.lines.push(line);
      else stops.set(name, { at, lines: [line], opened: OPENED[line] ?? '2022-12-28' });
    };
    const { metro, places } = context.district.land.geography;
    for (const { kind, name, at } of places) {
      if (kind !== 'metro_station') continue;
      for (const line of metro)
        if (line.points.some((p) => Math.hypot(p[0] - at[0], p[1] - at[1]) < 700)) add(name, at, line.name);
    }
    for (const line of MORE_LINES) for (const [name, x, y] of line.stations) add(name, [x, y], line.name);
    const random = createRandom(440604, 'metro stations');
    return listed(
      [...stops].map(([name, { at, lines, opened }], i) =>
        row(
          {
            station_code: `M${pad(101 + i, 4)}`,
            name,
            line_names: lines.join('、'),
            opened_on: opened,
            exits: random.int(3, 6),
            transfer: lines.length > 1,
          },
          pointShape(bendPoint(at)),
        ),
      ),
    );
  },
};
