import { type Context, lineShape, pad, pointShape, polygonShape, row } from '../context.ts';
import type { Row } from '../files/row.ts';
import { makePhone } from '../identity.ts';
import { TODAY, moment } from '../moment.ts';
import { drawName } from '../names.ts';
import { oncePerDistrict } from '../once.ts';
import { dayText } from '../people.ts';
import { type Point, lineLength, offset, ringArea } from '../plane.ts';
import { createRandom, weightedPicker } from '../random.ts';
import { type Reach, onBank, reachesOf } from '../reaches.ts';
import { rounded } from '../rounded.ts';
import { strip } from '../strip.ts';
import { type Theme, listed } from './delivery.ts';
import { middling } from './sites.ts';

interface Chief {
  level: 'district' | 'town' | 'village';
  name: string;
  duty: string;
  phone: string;
}

const STATE_RIVERS = ['东平水道', '顺德水道', '潭洲水道'];

/** Who answers for each reach: the great rivers have a chief in the district, creeks in their town or village. */
const chiefs = oncePerDistrict((context: Context): Chief[] => {
  const random = createRandom(context.seed, 'river chiefs');
  return reachesOf(context).map((reach) => {
    const draw = random.next();
    const level =
      reach.kind === 'river'
        ? draw < 0.6
          ? 'district'
          : 'town'
        : draw < 0.12
          ? 'district'
          : draw < 0.45
            ? 'town'
            : 'village';
    const town = context.district.towns[reach.town]?.name ?? '';
    const community = context.district.communities[reach.community]?.name ?? '';
    const duty = {
      district: random.pick(['区委常委', '副区长', '区人大常委会副主任', '区政协副主席']),
      town: `${town}${random.pick(['党工委书记', '主任', '副主任', '人大工委主任'])}`,
      village: `${community}${random.pick(['党委书记', '委员', '主任'])}`,
    }[level];
    return { level, name: drawName(random.chance(0.72), random), duty, phone: makePhone(random) };
  });
});

function reachRows(context: Context): Row[] {
  const random = createRandom(context.seed, 'reaches');
  const names = chiefs(context);
  return reachesOf(context).map((reach, i) => {
    const isState = STATE_RIVERS.includes(reach.river);
    return row(
      {
        reach_code: reach.code,
        name: reach.name,
        river: reach.river,
        grade: isState ? 'provincial' : reach.kind === 'river' ? 'city' : reach.width > 21 ? 'district' : 'town',
        length_m: rounded(reach.length, 1),
        width_m: reach.width,
        water_class: isState
          ? random.pick(['II', 'II', 'III'])
          : reach.kind === 'river'
            ? random.pick(['III', 'IV', 'IV'])
            : random.pick(['III', 'IV', 'IV', 'V', 'V', 'worse']),
        chief_name: names[i]?.name ?? null,
      },
      lineShape(reach.line),
    );
  });
}

/** Neighbouring reaches of one river, joined until they are `length` metres long. */
function joined(context: Context, length: number): { first: Reach; line: Point[]; left: Point[]; right: Point[] }[] {
  const stretches: { first: Reach; line: Point[]; left: Point[]; right: Point[] }[] = [];
  for (const reach of reachesOf(context)) {
    const last = stretches.at(-1);
    const end = last?.line.at(-1);
    const start = reach.line[0] as Point;
    const goesOn = last && end && last.first.river === reach.river && end[0] === start[0] && end[1] === start[1];
    if (goesOn && lineLength(last.line) < length) {
      for (const side of ['line', 'left', 'right'] as const) last[side].push(...reach[side].slice(1));
    } else {
      stretches.push({ first: reach, line: [...reach.line], left: [...reach.left], right: [...reach.right] });
    }
  }
  return stretches;
}

function scopes(context: Context): Row[] {
  const random = createRandom(440604, 'river scopes');
  const rows: Row[] = [];
  for (const { first, left, right } of joined(context, 2400)) {
    const announced = dayText(TODAY - random.int(900, 2400));
    for (const bank of ['left', 'right'] as const) {
      const width = first.kind === 'river' ? (first.width > 100 ? 30 : 15) : first.width > 21 ? 8 : 6;
      // Left and right as one looks downstream: outwards is to the left of the left bank.
      const ring = bank === 'left' ? strip(left, 0, width) : strip(right, 0, -width);
      if (!ring) continue;
      rows.push(
        row(
          {
            scope_no: `GL${pad(rows.length + 1, 3)}`,
            river_name: first.river,
            bank,
            width_m: width,
            area_m2: rounded(Math.abs(ringArea(ring)), 1),
            announced_on: announced,
          },
          polygonShape(ringArea(ring) > 0 ? ring : ring.toReversed()),
        ),
      );
    }
  }
  return rows;
}

/** Along both banks of the rivers, and of the creeks wide enough to have one. */
function dikes(context: Context): Row[] {
  const random = createRandom(440604, 'dikes');
  const rows: Row[] = [];
  const counts = new Map<string, number>();
  for (const { first, left, right } of joined(context, 4300)) {
    if (first.kind === 'creek' && first.width < 22) continue;
    for (const bank of ['left', 'right'] as const) {
      const line = offset(bank === 'left' ? left : right, () => (bank === 'left' ? 7 : -7));
      if (lineLength(line) < 250) continue;
      const title = `${first.river}${bank === 'left' ? '左岸' : '右岸'}`;
      const n = (counts.get(title) ?? 0) + 1;
      counts.set(title, n);
      const [grade, flood, crest] =
        first.kind === 'river' ? (first.width > 100 ? [2, 'y100', 6.2] : [3, 'y50', 4.6]) : [4, 'y20', 3.1];
      rows.push(
        row(
          {
            dike_no: `DF${pad(rows.length + 1, 3)}`,
            name: `${title}堤防第${n}段`,
            river: first.river,
            grade,
            length_m: rounded(lineLength(line), 1),
            crest_elev_m: rounded(crest + random.between(-0.25, 0.35), 2),
            design_flood: flood,
            state: random.pick(['good', 'good', 'good', 'fair', 'weak']),
          },
          lineShape(line),
        ),
      );
    }
  }
  return rows;
}

function chiefSections(context: Context): Row[] {
  const random = createRandom(context.seed, 'chief patrols');
  const people = chiefs(context);
  return reachesOf(context).map((reach, i) => {
    const chief = people[i] as Chief;
    const cycle = { district: 90, town: 30, village: 7 }[chief.level];
    return row(
      {
        section_no: `HZ${pad(i + 1, 3)}`,
        reach_code: reach.code,
        river: reach.river,
        level: chief.level,
        chief_name: chief.name,
        duty: chief.duty,
        phone: chief.phone,
        patrol_cycle_days: cycle,
        last_patrol_on: dayText(TODAY - random.int(0, Math.round(cycle * 1.1))),
      },
      lineShape(reach.line),
    );
  });
}

const CATEGORIES = ['floating', 'discharge', 'silt', 'occupation', 'rubbish', 'facility'] as const;

/** Issues lie on banks and in the water; dirty creeks in dense quarters have more of them. */
function* patrolIssues(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'patrol issues');
  const reaches = reachesOf(context);
  const pick = weightedPicker(reaches.map((reach) => reach.length * (reach.kind === 'river' ? 0.35 : 1.5)));
  const total = middling(4600, context.scale);
  for (let n = 1; n <= total; n++) {
    const reach = reaches[pick(random)] as Reach;
    const category =
      reach.kind === 'river'
        ? random.pick(['floating', 'occupation', 'rubbish', 'facility'] as const)
        : random.pick(CATEGORIES);
    const isInWater = category === 'floating' || category === 'silt';
    const day = TODAY - 1 - Math.floor(random.next() * 300);
    const hour = random.int(7, 18);
    const takes = random.int(1, category === 'silt' || category === 'occupation' ? 60 : 12);
    const isClosed = day + takes < TODAY;
    yield row(
      {
        issue_no: `XH2026${pad(n, 6)}`,
        reach_code: reach.code,
        river: reach.river,
        category,
        source: random.pick(['chief', 'chief', 'chief', 'drone', 'public', 'camera']),
        state: isClosed ? 'closed' : TODAY - day < 3 ? 'found' : 'handling',
        found_at: moment(day, hour, random.int(0, 59)),
        closed_at: isClosed ? moment(day + takes, random.int(9, 17), random.int(0, 59)) : null,
      },
      pointShape(onBank(reach, random.next(), random.chance(0.5) ? 'left' : 'right', isInWater ? -3 : 3)),
    );
  }
}

/** Watercourses, the ground along them, dikes, and who answers for them. */
export const rivers: Theme = {
  river_reach: (context) => listed(reachRows(context)),
  river_management_scope: (context) => listed(scopes(context)),
  dike: (context) => listed(dikes(context)),
  river_chief_section: (context) => listed(chiefSections(context)),
  river_patrol_issue: (context) => ({ expected: middling(4600, context.scale), rows: patrolIssues(context) }),
};
