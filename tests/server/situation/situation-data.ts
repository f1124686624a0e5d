import type { Layer } from '../../../layers/define.ts';
import { getLayer } from '../../../layers/index.ts';
import { fakeCell, randomNumbers, type FixtureRow } from '../layer-fixture.ts';

/** The place of the card, in a micro-grid of the made-up district of `fakeCell`. */
export const place: readonly [number, number] = [113.0652, 23.0148];
export const RADIUS = 200;
export const cell = fakeCell(place);
const METRES_LON = 102_440;
const METRES_LAT = 110_750;

const random = randomNumbers(29);

/** So many metres east and north of the place. */
export function offset(east: number, north: number): [number, number] {
  return [place[0] + east / METRES_LON, place[1] + north / METRES_LAT];
}

/** Somewhere around, but never so near the edge of the circle that it matters how round it is. */
function around(most: number, share: number): [number, number] {
  const metres = random() < share ? random() * 185 : 215 + random() * (most - 215);
  const angle = random() * 2 * Math.PI;
  return offset(metres * Math.cos(angle), metres * Math.sin(angle));
}

function point(at: readonly [number, number]): Pick<FixtureRow, 'at' | 'wkt'> {
  return { at, wkt: `POINT(${at[0]} ${at[1]})` };
}

/** Values for all fields that must have one. */
function required(layer: Layer, index: number): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(layer.fields)
      .filter(([, field]) => field.required)
      .map(([name, { type, values }]) => {
        const options = Object.keys(values ?? {});
        if (options.length > 0) return [name, options[index % options.length]];
        switch (type) {
          case 'int':
          case 'number':
            return [name, index % 7];
          case 'bool':
            return [name, index % 3 !== 0];
          case 'date':
            return [name, '2026-01-01'];
          case 'datetime':
            return [name, '2026-11-01T00:00:00Z'];
          case 'string':
            return [name, `${name} ${index}`];
        }
      }),
  );
}

function points(id: string, count: number, most: number, share: number, more: (index: number) => object = () => ({})) {
  const layer = getLayer(id);
  const rows = Array.from({ length: count }, (_, index): FixtureRow => {
    const at = around(most, share);
    return {
      ...required(layer, index),
      [layer.key]: `${id}-${String(index).padStart(4, '0')}`,
      ...fakeCell(at),
      ...point(at),
      ...more(index),
    };
  });
  return [layer, rows] as const;
}

function square(west: number, south: number, east: number, north: number): string {
  return `MULTIPOLYGON(((${west} ${south},${east} ${south},${east} ${north},${west} ${north},${west} ${south})))`;
}

/** Grid staff: near and far, on shift and off. */
export const staffRows: FixtureRow[] = (
  [
    [300, 0, true, 1],
    [-250, 40, true, 0],
    [120, -90, false, 0],
    [900, 700, true, 5],
    [-1500, 300, true, 2],
  ] as const
).map(([east, north, isOn, tasks], index): FixtureRow => ({
  staff_id: `WG9000${index}1`,
  name: ['欧阳修远', '梁小明', '陈大文', '何嘉欣', '冼国栋'][index],
  on_duty: isOn,
  task_count: tasks,
  reported_at: '2026-11-27T00:00:00Z',
  ...cell,
  // One of them is in charge elsewhere.
  ...(index === 4 ? fakeCell(offset(-1500, 300)) : {}),
  ...point(offset(east, north)),
}));

export const warnings: FixtureRow[] = (
  [
    ['active', '2099-01-01T00:00:00Z', true],
    ['lifted', '2099-01-01T00:00:00Z', true],
    ['active', '2020-01-01T00:00:00Z', true],
    ['active', '2099-01-01T00:00:00Z', false],
  ] as const
).map(([state, expires, isHere], index): FixtureRow => {
  const east = isHere ? 0 : 0.5;
  return {
    warning_no: `YJ2026112700${index}0`,
    kind: 'rainstorm',
    color: 'orange',
    state,
    headline: `暴雨橙色预警 ${index}`,
    issued_at: '2019-12-31T00:00:00Z',
    expires_at: expires,
    ...cell,
    at: [113.06 + east, 23.01],
    wkt: square(113 + east, 22.95, 113.1 + east, 23.1),
  };
});

const line = (id: string, key: string, wkt: string, more: object): FixtureRow => ({
  ...required(getLayer(id), 0),
  [getLayer(id).key]: key,
  at: place,
  wkt,
  ...cell,
  ...more,
});
const ends = (north: number) => [offset(-3000, north), offset(3000, north)].map((at) => at.join(' ')).join(',');

/** The catalogue's own layers with a few rows each; what is not here was never loaded. */
export const fixtures: readonly (readonly [Layer, readonly FixtureRow[]])[] = [
  points('person', 900, 800, 0.3, (index) => ({
    name: '欧阳修远',
    birth_date: `${1930 + ((index * 7) % 90)}-06-15`,
    sex: index % 2 === 0 ? 'M' : 'F',
    residence_kind: ['registered', 'resident', 'floating'][index % 3],
  })),
  // Enough of one kind to be told, too few of another.
  points('elderly_alone', 60, 800, 0.4),
  points('disabled_person', 4, 185, 1),
  points('enterprise', 300, 900, 0.3, (index) => ({
    industry_section: ['C', 'F', 'H'][index % 3],
    status: index % 4 === 0 ? 'revoked' : 'active',
    legal_person: '司徒雷登',
  })),
  points('hazchem_enterprise', 12, 900, 0.3, () => ({ duty_phone: '13912345678' })),
  points('elevator', 80, 600, 0.3, (index) => ({ state: index % 4 === 0 ? 'stopped' : 'in_use' })),
  points('video_camera', 70, 700, 0.3),
  points('fire_hydrant', 50, 900, 0.3),
  points('emergency_shelter', 6, 2500, 0.1),
  points('hospital', 5, 4000, 0.1),
  points('rain_gauge', 4, 5000, 0.1, () => ({ observed_at: '2026-11-27T01:02:03Z' })),
  [getLayer('weather_warning'), warnings],
  [
    getLayer('gas_pipe'),
    [
      line('gas_pipe', 'RQ000001', `MULTILINESTRING((${ends(0)}))`, {}),
      line('gas_pipe', 'RQ000002', `MULTILINESTRING((${ends(300)}))`, {}),
      line('gas_pipe', 'RQ000003', `MULTILINESTRING((${ends(5000)}))`, {}),
    ],
  ],
  [
    getLayer('road_centerline'),
    [
      line('road_centerline', 'L000001', `MULTILINESTRING((${ends(0)}))`, {
        name: '东西路',
        road_class: 'branch',
        oneway: false,
      }),
    ],
  ],
  [
    getLayer('governance_grid'),
    [
      {
        ...cell,
        name: '测试网格',
        grid_leader: '司马相如',
        at: place,
        wkt: square(113.06, 23.01, 113.07, 23.02),
      },
    ],
  ],
  [
    getLayer('community_boundary'),
    [
      {
        code: cell.community_code,
        name: '文南社区',
        kind: 'community',
        ...cell,
        at: place,
        wkt: square(113.05, 23, 113.08, 23.03),
      },
    ],
  ],
  [
    getLayer('town_boundary'),
    [
      {
        code: cell.town_code,
        name: '祖庙街道',
        kind: 'street',
        ...cell,
        at: place,
        wkt: square(113, 22.9, 113.1, 23.1),
      },
    ],
  ],
  [getLayer('grid_staff_position'), staffRows],
];
