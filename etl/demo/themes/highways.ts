import { type Context, lineShape, pad, pointShape, row } from '../context.ts';
import type { Row } from '../files/row.ts';
import { type Highway, highwaysOf } from '../highways.ts';
import { type Point, pointAlong } from '../plane.ts';
import { createRandom } from '../random.ts';
import { KERB } from '../roadside.ts';
import { rounded } from '../rounded.ts';
import { type Theme, listed } from './delivery.ts';
import { middling } from './sites.ts';

const GRADE = {
  trunk: ['class_1', 8],
  primary: ['class_1', 6],
  secondary: ['class_2', 4],
  tertiary: ['class_3', 4],
  residential: ['class_4', 2],
  lane: ['class_4', 1],
  motorway: ['class_1', 8],
} as const;
const ORDER = ['trunk', 'primary', 'secondary', 'tertiary', 'residential'];

/** In a small district the wide roads only. */
function segments(context: Context): Highway[] {
  const all = highwaysOf(context).filter(({ road }) => road.class !== 'motorway');
  return all
    .toSorted((a, b) => ORDER.indexOf(a.road.class) - ORDER.indexOf(b.road.class))
    .slice(0, middling(all.length, context.scale));
}

function* segmentRows(context: Context): Generator<Row> {
  const random = createRandom(440604, 'highways');
  let n = 0;
  for (const { roadNo, road, line, from, to } of segments(context)) {
    n += 1;
    const [grade, lanes] = GRADE[road.class];
    const town = context.district.towns[road.town]?.name ?? '';
    yield row(
      {
        segment_no: `GL${pad(n, 6)}`,
        road_no: roadNo,
        road_name: road.name,
        grade,
        start_stake: rounded(from, 3),
        end_stake: rounded(to, 3),
        lanes,
        pavement: road.class === 'residential' && random.chance(0.6) ? 'cement' : 'asphalt',
        pqi: rounded(Math.min(99.5, 91 + 4.5 * random.normal() - (road.class === 'residential' ? 5 : 0)), 1),
        maintainer: /^[GS]/.test(roadNo)
          ? '佛山市公路事务中心禅城所'
          : road.class === 'residential'
            ? `${town}公共事务中心`
            : '禅城区公路养护中心',
      },
      lineShape(line),
    );
  }
}

function motorways(context: Context): Highway[] {
  return highwaysOf(context).filter(({ road }) => road.class === 'motorway');
}

/** At every 200 m of national and provincial roads, on both sides. */
function stakes(context: Context): Row[] {
  const random = createRandom(440604, 'stakes');
  const rows: Row[] = [];
  for (const { roadNo, road, line, from, to } of highwaysOf(context)) {
    if (!/^[GS]/.test(roadNo) || road.isBridge) continue;
    for (let mark = Math.ceil(from * 5); mark < to * 5; mark++) {
      const { point, angle } = pointAlong(line, (mark / 5 - from) * 1000);
      for (const [direction, side] of [
        ['up', -1],
        ['down', 1],
      ] as const) {
        const d = side * (KERB[road.class] + 1);
        const at: Point = [point[0] - Math.sin(angle) * d, point[1] + Math.cos(angle) * d];
        if (!context.isInDistrict(at)) continue;
        const draw = random.next();
        rows.push(
          row(
            {
              stake_no: `LZ${pad(rows.length + 1, 5)}`,
              road_no: roadNo,
              road_name: road.name,
              stake: `K${Math.floor(mark / 5)}+${pad((mark % 5) * 200, 3)}`,
              direction,
              state: draw < 0.94 ? 'intact' : draw < 0.985 ? 'damaged' : 'missing',
            },
            pointShape(at),
          ),
        );
      }
    }
  }
  return rows;
}

/** Numbered roads and the stakes along them. */
export const highways: Theme = {
  road_segment: (context) => ({ expected: segments(context).length, rows: segmentRows(context) }),
  expressway: (context) =>
    listed(
      motorways(context).map(({ roadNo, road, line, from, to }, i) =>
        row(
          {
            segment_no: `GS${pad(i + 1, 4)}`,
            road_no: roadNo,
            name: roadNo === 'G15' ? '沈海高速(佛开段)' : road.name,
            start_stake: rounded(from, 3),
            end_stake: rounded(to, 3),
            lanes: roadNo === 'G15' ? 8 : 6,
            speed_limit: roadNo === 'G15' ? 120 : 100,
            toll: true,
            operator: roadNo === 'G15' ? '广东省高速公路有限公司' : '佛山市高速公路运营管理有限公司',
          },
          lineShape(line),
        ),
      ),
    ),
  highway_stake: (context) => listed(stakes(context)),
};
