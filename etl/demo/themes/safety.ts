import { type Context, pad, pointShape, row } from '../context.ts';
import type { Row } from '../files/row.ts';
import { makePhone } from '../identity.ts';
import { dayText } from '../people.ts';
import { type Point, pointAlong } from '../plane.ts';
import { createRandom, weightedPicker } from '../random.ts';
import { KERB, busyness, roadside } from '../roadside.ts';
import { type Theme, listed } from './delivery.ts';
import { middling, siteNear, stemOf } from './sites.ts';

/** At crossings of busy streets, the rest along them. */
function* cameras(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'cameras');
  const weight = busyness(context);
  const roads = context.roads.filter((road) => !road.isBridge && road.length > 20);
  const pick = weightedPicker(roads.map((road) => weight(road) * Math.sqrt(road.length)));
  const total = Math.round(32_000 * context.scale);
  for (let n = 1; n <= total;) {
    const road = roads[pick(random)] as (typeof roads)[number];
    const isCrossing = random.chance(0.62);
    const { point, angle } = pointAlong(
      road.line,
      isCrossing ? Math.min(14, road.length / 3) : road.length * random.next(),
    );
    const side = (random.chance(0.5) ? 1 : -1) * (KERB[road.class] + 1.5);
    const at: Point = [point[0] - Math.sin(angle) * side, point[1] + Math.cos(angle) * side];
    if (!context.isInDistrict(at)) continue;
    const community = context.district.communities[road.community];
    const kind = isCrossing
      ? random.pick(['vehicle', 'fixed', 'ptz', 'panorama'])
      : random.pick(['fixed', 'fixed', 'ptz', 'face']);
    yield row(
      {
        device_no: `${(community?.code ?? '440604012018').slice(0, 9)}1${random.int(30, 39)}${pad(n, 8)}`,
        name: `${road.name}${isCrossing ? '路口' : `${random.int(1, 160)}号`}${random.pick(['东', '南', '西', '北'])}侧`,
        kind,
        direction: Math.round(random.between(0, 359)),
        online: random.chance(0.965),
      },
      pointShape(at),
    );
    n += 1;
  }
}

function* hydrants(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'hydrants');
  const weight = busyness(context);
  const place = roadside(context, (road) => (road.class === 'motorway' ? 0 : weight(road)), 0.8);
  const total = middling(5600, context.scale);
  for (let n = 1; n <= total; n++) {
    const { at, road } = place(random);
    const draw = random.next();
    yield row(
      {
        hydrant_no: `XH${pad(n, 5)}`,
        road: road.name,
        pressure_mpa:
          draw < 0.93
            ? Math.round(random.between(0.14, 0.42) * 100) / 100
            : Math.round(random.between(0, 0.1) * 100) / 100,
        state: draw < 0.93 ? 'normal' : draw < 0.96 ? 'damaged' : draw < 0.985 ? 'no_water' : 'disused',
        checked_on: dayText(20_758 - random.int(1, 240)),
      },
      pointShape(at),
    );
  }
}

function shelters(context: Context): Row[] {
  const random = createRandom(context.seed, 'shelters');
  return siteNear(context, 214, (block) => ['park', 'public', 'green'].includes(block.use), random).map(
    ({ at, block }, i) => {
      const isIndoor = block.use === 'public';
      const capacity = isIndoor ? random.int(3, 30) * 50 : random.int(4, 120) * 100;
      return row(
        {
          shelter_code: `BN${pad(i + 1, 4)}`,
          name: `${stemOf(context, block)}${isIndoor ? random.pick(['社区服务中心', '体育馆', '小学']) : random.pick(['公园', '广场', '文化广场'])}避难场所`,
          kind: isIndoor ? 'indoor' : random.chance(0.8) ? 'outdoor' : 'mixed',
          capacity,
          occupied: random.chance(0.06) ? random.int(1, Math.min(120, capacity)) : 0,
          open: random.chance(0.1),
        },
        pointShape(at),
      );
    },
  );
}

function policeStations(context: Context): Row[] {
  const random = createRandom(context.seed, 'police');
  const rows: Row[] = [];
  const counts = new Map<number, number>();
  for (const { at, block } of siteNear(
    context,
    124,
    (b) => ['public', 'mixed', 'village', 'commerce'].includes(b.use),
    random,
  )) {
    const n = (counts.get(block.community) ?? 0) + 1;
    counts.set(block.community, n);
    const isStation = rows.length % 7 === 0;
    const town = context.district.towns[block.town];
    rows.push(
      row(
        {
          org_code: `440604${(town?.code ?? '').slice(6, 9)}${pad(rows.length + 1, 3)}`,
          name: isStation
            ? `佛山市公安局禅城分局${stemOf(context, block)}派出所`
            : `${stemOf(context, block)}警务室${n > 1 ? n : ''}`,
          kind: isStation ? 'station' : 'post',
          phone: makePhone(random),
        },
        pointShape(at),
      ),
    );
  }
  return rows;
}

/** Cameras, hydrants, shelters, police and fire stations. */
export const safety: Theme = {
  video_camera: (context) => ({ expected: 32_000 * context.scale, rows: cameras(context) }),
  fire_hydrant: (context) => ({ expected: middling(5600, context.scale), rows: hydrants(context) }),
  emergency_shelter: (context) => listed(shelters(context)),
  police_station: (context) => listed(policeStations(context)),
  fire_station: (context) => {
    const random = createRandom(context.seed, 'fire stations');
    return listed(
      siteNear(
        context,
        28,
        (b) => ['public', 'factory', 'commerce', 'mixed'].includes(b.use) && b.area > 5000,
        random,
      ).map(({ at, block }, i) => {
        const kind = i === 0 ? 'special' : i < 8 ? 'ordinary' : i < 16 ? 'small' : 'micro';
        return row(
          {
            station_code: `XF${pad(i + 1, 3)}`,
            name: `${stemOf(context, block)}${{ special: '特勤消防站', ordinary: '消防救援站', small: '小型消防站', micro: '微型消防站' }[kind]}`,
            kind,
            vehicles: { special: 12, ordinary: 6, small: 3, micro: 1 }[kind],
            firefighters: { special: 58, ordinary: 32, small: 16, micro: 6 }[kind],
            phone: makePhone(random),
          },
          pointShape(at),
        );
      }),
    );
  },
};
