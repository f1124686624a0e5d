import { type Context, lineShape, pad, pointShape, row } from '../context.ts';
import type { Row } from '../files/row.ts';
import type { RoadClass } from '../geography/sources.ts';
import { makePhone } from '../identity.ts';
import { TODAY, morning } from '../moment.ts';
import { drawName } from '../names.ts';
import { dayText } from '../people.ts';
import { type Point, separation } from '../plane.ts';
import { createRandom } from '../random.ts';
import { sample } from '../sample.ts';
import { StreetGraph } from '../street-graph.ts';
import { deliveredRows } from './delivered-rows.ts';
import { type Theme, listed } from './delivery.ts';
import { safety } from './safety.ts';
import { services } from './services.ts';
import { siteNear, stemOf } from './sites.ts';

const TEAMS: readonly [
  kind: string,
  count: number,
  title: string,
  members: [number, number],
  uses: readonly string[],
][] = [
  ['flood', 20, '防汛抢险队', [15, 60], ['green', 'village', 'pond', 'farm']],
  ['hazchem', 6, '危化品专业救援队', [12, 40], ['factory']],
  ['utility', 14, '市政抢修队', [10, 45], ['mixed', 'public', 'factory']],
  ['volunteer', 22, '应急志愿服务队', [20, 120], ['estate', 'village', 'public']],
];

/** Fire stations and the larger hospitals have theirs; the others stand by where their work is. */
function rescueTeams(context: Context): Row[] {
  const random = createRandom(context.seed, 'rescue teams');
  const teams: { kind: string; name: string; at: Point; members: number }[] = [];
  for (const { values, at } of deliveredRows(safety, 'fire_station', context)) {
    if (teams.length < 24)
      teams.push({ kind: 'fire', name: `${String(values.name)}救援队`, at, members: Number(values.firefighters) });
  }
  const hospitals = deliveredRows(services, 'hospital', context).filter(({ values }) => values.emergency === true);
  for (const { values, at } of hospitals.slice(0, 10))
    teams.push({ kind: 'medical', name: `${String(values.name)}应急医疗队`, at, members: random.int(8, 30) });
  for (const [kind, count, title, members, uses] of TEAMS) {
    for (const { at, block } of siteNear(context, count, (b) => uses.includes(b.use), random))
      teams.push({ kind, name: `${stemOf(context, block)}${title}`, at, members: random.int(...members) });
  }
  return teams.slice(0, 96).map(({ kind, name, at, members }, i) => {
    const draw = random.next();
    return row(
      {
        team_no: `JY${pad(i + 1, 3)}`,
        name,
        kind,
        members,
        vehicles: kind === 'volunteer' ? random.int(0, 2) : Math.max(1, Math.round(members / random.between(5, 9))),
        leader_name: drawName(random.chance(0.82), random),
        leader_phone: makePhone(random),
        state: draw < 0.86 ? 'ready' : draw < 0.93 ? 'resting' : 'deployed',
      },
      pointShape(at),
    );
  });
}

const SUPPLIES = [
  '编织袋',
  '铁锹',
  '应急灯',
  '救生衣',
  '雨衣',
  '发电机',
  '棉被',
  '折叠床',
  '瓶装水',
  '方便食品',
  '警戒带',
  '灭火器',
];

function supplyDepots(context: Context): Row[] {
  const random = createRandom(context.seed, 'supply depots');
  return siteNear(context, 118, (b) => ['public', 'village', 'estate', 'factory', 'mixed'].includes(b.use), random).map(
    ({ at, block }, i) => {
      const level = i < 6 ? 'district' : i < 34 ? 'town' : 'community';
      const size = { district: 12, town: 3, community: 1 }[level];
      const town = context.district.towns[block.town]?.name ?? '';
      // South and west of the river dikes are long: more boats and sandbags there.
      const isWet = town === '南庄镇' || town === '石湾镇街道';
      const owner =
        level === 'district'
          ? `禅城区${stemOf(context, block)}`
          : level === 'town'
            ? `${town}${stemOf(context, block)}`
            : stemOf(context, block);
      return row(
        {
          depot_no: `WZ${pad(i + 1, 3)}`,
          name: `${owner}应急物资${level === 'community' ? '储备点' : '仓库'}`,
          level,
          items: sample(SUPPLIES, level === 'community' ? 4 : 7, random).join('、'),
          pumps: random.int(0, 2) * size,
          boats: isWet ? random.int(0, 2) * size : level === 'district' ? 4 : 0,
          sandbags: random.int(2, 12) * 100 * size * (isWet ? 2 : 1),
          tents: random.int(0, 10) * size,
          keeper_name: drawName(random.chance(0.6), random),
          keeper_phone: makePhone(random),
          checked_on: dayText(TODAY - random.int(2, 170)),
        },
        pointShape(at),
      );
    },
  );
}

const NARROWEST: Record<RoadClass, number> = {
  motorway: 30,
  trunk: 40,
  primary: 32,
  secondary: 22,
  tertiary: 15,
  residential: 9,
  lane: 3.5,
};

/** From the middle of each community, and of the fullest grids of the large ones, along the streets to a shelter nearby. */
function evacuationRoutes(context: Context): Row[] {
  const { communities, grids } = context.district;
  const shelters = deliveredRows(safety, 'emergency_shelter', context);
  const graph = new StreetGraph(context);
  const fullest = grids
    .map((grid, g) => ({ grid, people: context.perGrid.persons[g] ?? 0 }))
    .toSorted((p, q) => q.people - p.people || (p.grid.code < q.grid.code ? -1 : 1));
  const starts = [
    ...communities.map((community) => ({ community, name: community.name, at: community.inner })),
    ...fullest.slice(0, 60).map(({ grid }) => ({
      community: communities[grid.parent] as (typeof communities)[number],
      name: grid.name,
      at: grid.inner,
    })),
  ];
  const rows: Row[] = [];
  for (const { community, name, at } of starts) {
    if (rows.length === 186) break;
    const near = shelters
      .filter((shelter) => separation(shelter.at, at) > 150)
      .toSorted((p, q) => separation(p.at, at) - separation(q.at, at));
    for (const shelter of near.slice(0, 4)) {
      const route = graph.through([at, shelter.at]);
      if (!route || route.length < 120) continue;
      const length = Math.round(route.length);
      rows.push(
        row(
          {
            route_no: `SS${pad(rows.length + 1, 3)}`,
            name: `${name}至${String(shelter.values.name)}疏散路线`,
            from_area: name,
            community_code: community.code,
            shelter_code: shelter.values.shelter_code ?? null,
            shelter: shelter.values.name ?? null,
            length_m: length,
            width_m: Math.min(...route.roads.map((road) => NARROWEST[road.class])),
            // A group with children and old people walks about 1 m/s.
            walk_min: Math.max(1, Math.round(length / 60)),
          },
          lineShape(route.line),
        ),
      );
      break;
    }
  }
  return rows;
}

function droneNests(context: Context): Row[] {
  const random = createRandom(context.seed, 'drone nests');
  return siteNear(context, 26, (b) => ['public', 'park', 'office', 'green'].includes(b.use), random).map(
    ({ at, block }, i) => {
      const draw = random.next();
      const state =
        draw < 0.5 ? 'idle' : draw < 0.7 ? 'charging' : draw < 0.92 ? 'flying' : draw < 0.97 ? 'fault' : 'offline';
      const town = context.district.towns[block.town]?.name;
      // On the morning of the parade the old town is watched; by the rivers it is the dikes.
      const mission = town === '祖庙街道' ? 'crowd' : random.pick(['flood', 'site', 'traffic', 'fire']);
      return row(
        {
          nest_no: `WRJ${pad(i + 1, 3)}`,
          name: `${stemOf(context, block)}无人机机场`,
          drone_no: `UAV${pad(i + 1, 3)}`,
          state,
          battery:
            state === 'offline'
              ? null
              : state === 'flying'
                ? random.int(28, 88)
                : state === 'charging'
                  ? random.int(35, 95)
                  : 100,
          mission: state === 'flying' ? mission : 'none',
          range_km: random.pick([3, 5, 5, 7]),
          reported_at: morning(random.int(0, 3)),
        },
        pointShape(at),
      );
    },
  );
}

/** Who helps, with what, and which way people walk to safety. */
export const readiness: Theme = {
  rescue_team: (context) => listed(rescueTeams(context)),
  supply_depot: (context) => listed(supplyDepots(context)),
  evacuation_route: (context) => listed(evacuationRoutes(context)),
  drone_nest: (context) => listed(droneNests(context)),
};
