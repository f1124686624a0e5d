import { type Context, pad, pointShape, row } from '../context.ts';
import type { Row } from '../files/row.ts';
import { bendPoint } from '../land.ts';
import { drawName } from '../names.ts';
import { dayText } from '../people.ts';
import { type Point, isInside, toBoard } from '../plane.ts';
import { createRandom, weightedPicker } from '../random.ts';
import { busyness, roadside } from '../roadside.ts';
import type { Road } from '../streets.ts';
import { unitGridsOf } from '../unit-grids.ts';
import { type Theme, listed } from './delivery.ts';

/** Observations of the morning of the reference date. */
function observedAt(minute: number): string {
  return `2026-11-01T08:${pad(minute, 2)}:00+08:00`;
}

/** Points on the water of rivers and creeks, about evenly spaced. */
function onRivers(context: Context, count: number): { name: string; kind: string; at: Point }[] {
  const { blocks } = context.district;
  const wet = blocks.filter((block) => block.use === 'water');
  const found = context.district.land.watercourses.flatMap((river) =>
    river.centre
      .map(bendPoint)
      .flatMap((at, i) =>
        i % 3 === 1 && wet.some((b) => isInside(b.ring, at[0], at[1]))
          ? [{ name: river.name, kind: river.kind, at }]
          : [],
      ),
  );
  return Array.from(
    { length: Math.min(count, found.length) },
    (_, i) => found[Math.floor(((i + 0.5) * found.length) / count)] as (typeof found)[number],
  );
}

function waterLevels(context: Context): Row[] {
  const random = createRandom(context.seed, 'water levels');
  return onRivers(context, 96).map(({ name, kind, at }, i) => {
    const warn = kind === 'river' ? random.between(3.2, 4.6) : random.between(1.1, 1.6);
    return row(
      {
        station_no: `440604SW${pad(i + 1, 3)}`,
        name: `${name.replace(/[((].*$/, '')}${random.pick(['水闸', '泵站', '桥', '涵口', '码头'])}水位站${i + 1}`,
        level_m: Math.round((kind === 'river' ? random.between(0.6, 2.4) : random.between(0.2, 0.9)) * 100) / 100,
        warn_level_m: Math.round(warn * 100) / 100,
        guarantee_level_m: Math.round((warn + random.between(0.6, 1.2)) * 100) / 100,
        observed_at: observedAt(random.int(0, 4) * 5),
      },
      pointShape(at),
    );
  });
}

interface Spot {
  no: string;
  at: Point;
  /** Direction of the street, radians. */
  angle: number;
  row: Row;
}

/** Where water stands after rain: low crossings, underpasses and old lanes by the creeks. */
export function loggingSpots(context: Context): Spot[] {
  const random = createRandom(440604, 'waterlogging');
  const weight = busyness(context);
  const place = roadside(
    context,
    (road) => (['trunk', 'primary', 'secondary', 'lane'].includes(road.class) ? weight(road) : 0),
    -3,
  );
  const spots: Spot[] = [];
  for (let i = 0; i < 78; i++) {
    const { at, road, angle } =
      i === 0 ? { ...place(random), at: bendPoint(toBoard(113.078, 23.0128)) } : place(random);
    const cause =
      i === 0 ? 'underpass' : random.pick(['low_terrain', 'small_pipe', 'backflow', 'blocked', 'underpass']);
    const no = `YL${pad(i + 1, 3)}`;
    spots.push({
      no,
      at,
      angle,
      row: row(
        {
          spot_no: no,
          name:
            i === 0
              ? '江湾跨线桥底'
              : `${road.name}${cause === 'underpass' ? '下穿隧道' : random.pick(['路口', '路段', '桥底', '市场旁'])}`,
          cause,
          level: random.pick(['high', 'medium', 'medium', 'low', 'low']),
          officer: drawName(random.chance(0.7), random),
          measure: random.pick(['增设移动泵车', '管网改造', '清淤疏通', '提前预降内河涌水位', '加装拍门']),
          sensor_no: `JS${pad(i * 2 + 1, 4)}`,
        },
        pointShape(at),
      ),
    });
  }
  return spots;
}

function loggingSensors(context: Context): Row[] {
  const random = createRandom(context.seed, 'logging sensors');
  const spots = loggingSpots(context);
  return Array.from({ length: 186 }, (_, i) => {
    const spot = spots[i < 156 ? i >> 1 : i - 156] as Spot;
    const at: Point = [spot.at[0] + random.between(-16, 16), spot.at[1] + random.between(-16, 16)];
    const isOnline = random.chance(0.96);
    return row(
      {
        sensor_no: `JS${pad(i + 1, 4)}`,
        spot_no: spot.no,
        depth_cm: isOnline ? (random.chance(0.9) ? 0 : random.int(1, 24)) : null,
        battery: random.int(isOnline ? 38 : 2, 100),
        online: isOnline,
        observed_at: observedAt(random.int(0, 29)),
      },
      pointShape(at),
    );
  });
}

/** Two workers to a grid, somewhere in it. */
function gridStaff(context: Context): Row[] {
  const random = createRandom(context.seed, 'grid staff');
  const blocksOf = new Map<number, number[]>();
  context.district.blocks.forEach((block, i) => {
    if (block.use === 'water') return;
    const list = blocksOf.get(block.grid);
    if (list) list.push(i);
    else blocksOf.set(block.grid, [i]);
  });
  const rows: Row[] = [];
  context.district.grids.forEach((grid, g) => {
    for (let k = 0; k < (g % 50 === 0 ? 3 : 2); k++) {
      const block = context.district.blocks[random.pick(blocksOf.get(g) ?? [])];
      if (!block) continue;
      const isOnDuty = random.chance(0.78);
      rows.push(
        row(
          {
            staff_id: `WG${pad(rows.length + 1, 6)}`,
            name: drawName(random.chance(0.48), random),
            grid_code: grid.code,
            on_duty: isOnDuty,
            task_count: isOnDuty ? random.int(0, 6) : 0,
            reported_at: observedAt(random.int(0, 29)),
          },
          pointShape(block.inner),
        ),
      );
    }
  });
  return rows;
}

const COMPONENTS: readonly [code: string, name: string, weight: number, beyond: number][] = [
  ['01001', '供水井盖', 8, -2],
  ['01002', '污水井盖', 11, -2.5],
  ['01003', '雨水井盖', 11, -2],
  ['01004', '雨水箅子', 13, -0.4],
  ['01005', '电力井盖', 7, 1],
  ['01007', '通信井盖', 9, 1.5],
  ['01011', '燃气井盖', 4, 1],
  ['01030', '电力立杆', 3, 1.8],
  ['01037', '路灯', 9, 1],
  ['01028', '电力设施', 2, 2.5],
  ['01046', '户外健身设施', 0.7, 5],
  ['01048', '变压器(箱)', 1.4, 3],
  ['01050', '监控电子眼设施', 3, 1.5],
  ['01054', '充电桩', 1.2, 6],
  ['02013', '地名牌', 2, 1.5],
  ['02015', '交通信号设施', 2, 0.8],
  ['02017', '交通护栏', 3, 0.3],
  ['02021', '便道桩', 2, 0.8],
  ['02025', '非机动车停放点', 1.5, 2],
  ['02043', '减速带', 0.7, -3],
  ['03001', '公共厕所', 0.25, 7],
  ['03005', '垃圾箱', 5, 1.6],
  ['03007', '牌匾标识', 4, 4],
  ['04002', '行道树', 14, 1.2],
  ['04003', '独立树', 2, 3],
  ['04007', '街头座椅', 1, 3],
  ['04011', '树池树穴', 12, 2],
  ['04013', '绿地', 1, 5],
  ['05009', '文物古迹', 0.1, 7],
];
const CLASS_OF: Record<string, string> = {
  '01': 'utility',
  '02': 'traffic',
  '03': 'sanitation',
  '04': 'greening',
  '05': 'other',
};
const OWNERS: Record<string, string> = {
  '01': '佛山市禅城区住房城乡建设和水利局',
  '02': '佛山市公安局禅城分局交通警察大队',
  '03': '佛山市禅城区城市管理和综合执法局',
  '04': '佛山市禅城区城市管理和综合执法局',
  '05': '佛山市禅城区文化广电旅游体育局',
};

export interface Component {
  code: string;
  type: string;
  name: string;
  at: Point;
  road: Road;
  /** Index of the unit grid it stands in. */
  unit: number;
}

/** All components; the same every time. */
export function* components(context: Context): Generator<Component> {
  const random = createRandom(context.seed, 'components');
  const pick = weightedPicker(COMPONENTS.map(([, , weight]) => weight));
  const weight = busyness(context);
  const places = COMPONENTS.map(([, , , beyond]) =>
    roadside(context, (road) => (road.class === 'motorway' ? 0 : weight(road)), beyond),
  );
  const counts = new Map<string, number>();
  const total = Math.round(486_000 * context.scale);
  const units = unitGridsOf(context);
  for (let i = 0; i < total; i++) {
    const kind = pick(random);
    const [type, name] = COMPONENTS[kind] as (typeof COMPONENTS)[number];
    const { at, road } = (places[kind] as (typeof places)[number])(random);
    const n = (counts.get(type) ?? 0) + 1;
    counts.set(type, n);
    yield { code: `440604${type}${pad(n, 6)}`, type, name, at, road, unit: units.locate(at) };
  }
}

function* componentRows(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'component states');
  const { list } = unitGridsOf(context);
  for (const { code, type, name, at, unit } of components(context)) {
    const group = type.slice(0, 2);
    const draw = random.next();
    yield row(
      {
        component_code: code,
        component_class: CLASS_OF[group] ?? 'other',
        type_code: type,
        type_name: name,
        owner_dept: OWNERS[group] ?? '',
        maintainer: random.pick(['禅城市政养护中心', '岭南园林养护公司', '禅城环卫服务公司', '佛山水务集团']),
        state:
          draw < 0.965
            ? 'intact'
            : draw < 0.985
              ? 'damaged'
              : draw < 0.992
                ? 'lost'
                : draw < 0.997
                  ? 'abandoned'
                  : 'removed',
        grid_id: list[unit]?.id ?? null,
        surveyed_on: dayText(20_758 - random.int(100, 2600)),
      },
      pointShape(at),
    );
  }
}

const AIR_STATIONS: [string, [number, number]][] = [
  ['祖庙华材职中站', [113.105, 23.0405]],
  ['石湾湾梁站', [113.1345, 23.0035]],
  ['张槎智慧新城站', [113.0665, 23.0395]],
  ['南庄紫洞站', [113.0015, 22.9935]],
];

/** What is measured and who is out: rivers, standing water, air, grid workers, city components. */
export const monitoring: Theme = {
  water_level_station: (context) => listed(waterLevels(context)),
  waterlogging_spot: (context) => listed(loggingSpots(context).map((spot) => spot.row)),
  waterlogging_sensor: (context) => listed(loggingSensors(context)),
  air_station: (context) => {
    const random = createRandom(context.seed, 'air');
    return listed(
      AIR_STATIONS.map(([name, [lon, lat]], i) =>
        row(
          {
            station_no: `440604A${pad(i + 1, 2)}`,
            name,
            aqi: random.int(38, 86),
            pm25: random.int(14, 44),
            pm10: random.int(28, 78),
            o3: random.int(60, 148),
            no2: random.int(16, 46),
            observed_at: observedAt(0),
          },
          pointShape(bendPoint(toBoard(lon, lat))),
        ),
      ),
    );
  },
  grid_staff_position: (context) => listed(gridStaff(context)),
  city_component: (context) => ({ expected: 486_000 * context.scale, rows: componentRows(context) }),
};
