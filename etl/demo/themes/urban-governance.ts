import type { Building } from '../buildings.ts';
import { type Context, pad, pointShape, row } from '../context.ts';
import { doorstep } from '../enterprises.ts';
import type { Row } from '../files/row.ts';
import { MORNING, TODAY, momentText, recentDay, reportMinute } from '../moment.ts';
import { drawName } from '../names.ts';
import { dayText } from '../people.ts';
import { type Random, createRandom, weightedPicker } from '../random.ts';
import type { Theme } from './delivery.ts';
import { buildingsWhere, middling } from './sites.ts';

type Ground = 'home' | 'work' | 'any';

/** Types of the governance list; which buildings they arise in, how often, and how grave they may be. */
const KINDS: readonly [code: string, name: string, category: string, weight: number, ground: Ground, grave: number][] =
  [
    ['Z0101', '邻里纠纷', 'dispute', 60, 'home', 0.01],
    ['Z0102', '婚姻家庭纠纷', 'dispute', 38, 'home', 0.02],
    ['Z0103', '物业纠纷', 'dispute', 46, 'home', 0.02],
    ['Z0104', '劳资纠纷', 'dispute', 34, 'work', 0.08],
    ['Z0105', '征地拆迁纠纷', 'dispute', 5, 'any', 0.12],
    ['Z0107', '消费纠纷', 'dispute', 22, 'work', 0.01],
    ['Z0108', '债务纠纷', 'dispute', 18, 'any', 0.03],
    ['Z0201', '消防隐患', 'hazard', 120, 'any', 0.03],
    ['Z0202', '用电隐患', 'hazard', 62, 'home', 0.02],
    ['Z0203', '燃气隐患', 'hazard', 40, 'home', 0.06],
    ['Z0204', '房屋安全隐患', 'hazard', 16, 'home', 0.05],
    ['Z0205', '施工安全隐患', 'hazard', 20, 'any', 0.04],
    ['Z0206', '危化品隐患', 'hazard', 5, 'work', 0.15],
    ['Z0207', '特种设备隐患', 'hazard', 9, 'work', 0.06],
    ['Z0208', '道路交通隐患', 'hazard', 26, 'any', 0.02],
    ['Z0209', '水域安全隐患', 'hazard', 12, 'any', 0.05],
    ['Z0210', '三合一场所', 'hazard', 22, 'work', 0.05],
    ['Z0301', '盗窃线索', 'order', 14, 'any', 0.02],
    ['Z0302', '电信诈骗线索', 'order', 22, 'home', 0.02],
    ['Z0304', '出租屋未登记', 'order', 70, 'home', 0],
    ['Z0305', '可疑人员', 'order', 8, 'any', 0.04],
    ['Z0401', '独居老人走访', 'care', 96, 'home', 0.01],
    ['Z0402', '困境儿童关爱', 'care', 16, 'home', 0.02],
    ['Z0403', '精神障碍患者随访', 'care', 24, 'home', 0.05],
    ['Z0404', '残疾人服务', 'care', 20, 'home', 0],
    ['Z0501', '供水诉求', 'livelihood', 16, 'home', 0.01],
    ['Z0502', '供电诉求', 'livelihood', 14, 'home', 0.01],
    ['Z0503', '停车诉求', 'livelihood', 54, 'home', 0],
    ['Z0504', '噪声诉求', 'livelihood', 46, 'home', 0],
    ['Z0601', '环境卫生问题', 'environment', 150, 'any', 0],
    ['Z0801', '市场秩序问题', 'market', 40, 'work', 0.01],
    ['Z0901', '火灾', 'emergency', 3, 'any', 0.7],
    ['Z0902', '水浸内涝', 'emergency', 4, 'any', 0.5],
    ['Z0904', '管线爆裂', 'emergency', 3, 'any', 0.4],
    ['Z0909', '停电', 'emergency', 5, 'any', 0.3],
    ['Z1001', '人员信息变更', 'record', 130, 'home', 0],
    ['Z1002', '房屋信息变更', 'record', 70, 'home', 0],
    ['Z1003', '企业信息变更', 'record', 44, 'work', 0],
  ];
const SOURCES = ['grid_worker', 'grid_worker', 'grid_worker', 'grid_worker', 'resident', 'hotline', 'video_ai'];

/** Draws buildings by who is in them: homes, work, or both. */
function grounds(context: Context): Record<Ground, (random: Random) => Building> {
  const draw = (weight: (building: Building) => number): ((random: Random) => Building) => {
    const { list, weights } = buildingsWhere(context, weight);
    const pick = weightedPicker(weights);
    return (random) => list[pick(random)] as Building;
  };
  const old = (b: Building): number => ({ old_town: 1.9, village: 1.6 })[context.blockOf(b).use as string] ?? 1;
  return {
    home: draw((b) => b.dwellings * old(b)),
    work: draw((b) => b.businesses),
    any: draw((b) => (b.dwellings + 30 * b.businesses) * old(b)),
  };
}

/** What grid workers settle on the spot is closed at once; the rest goes up step by step. */
function stageOf(age: number, level: string, random: Random): string {
  const draw = random.next();
  if (age > 10 || draw < 0.55 + age / 12) return 'closed';
  if (level === 'ii' || level === 'iii') return random.pick(['district', 'town']);
  return draw < 0.86 ? 'grid' : draw < 0.96 ? 'community' : 'town';
}

function* events(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'governance events');
  const pick = weightedPicker(KINDS.map(([, , , weight]) => weight));
  const draw = grounds(context);
  const perDay = new Map<number, number>();
  const total = Math.round(260_000 * context.scale);
  for (let n = 1; n <= total; n++) {
    const [code, name, category, , ground, grave] = KINDS[pick(random)] as (typeof KINDS)[number];
    const building = draw[ground](random);
    const day = recentDay(365, random);
    const minute = reportMinute(day, random);
    const sequence = (perDay.get(day) ?? 0) + 1;
    perDay.set(day, sequence);
    const level = random.chance(grave) ? (random.chance(0.08) ? 'ii' : random.chance(0.25) ? 'iii' : 'iv') : 'ordinary';
    yield row(
      {
        event_no: `ZZ${dayText(day).replaceAll('-', '')}${pad(sequence, 6)}`,
        category,
        type_code: code,
        type_name: name,
        level,
        source: random.pick(SOURCES),
        stage: stageOf(TODAY + MORNING / 1440 - day - minute / 1440, level, random),
        grid_code: context.district.grids[context.blockOf(building).grid]?.code ?? null,
        reported_at: momentText(day, minute),
      },
      pointShape(doorstep(building, random)),
    );
  }
}

const DISPUTES: readonly [category: string, weight: number, ground: Ground, most: number, high: number][] = [
  ['neighbour', 26, 'home', 6, 0.02],
  ['family', 20, 'home', 4, 0.05],
  ['property', 17, 'home', 120, 0.06],
  ['labour', 14, 'work', 160, 0.16],
  ['demolition', 4, 'home', 90, 0.3],
  ['medical', 3, 'work', 8, 0.12],
  ['consumer', 9, 'work', 12, 0.02],
  ['debt', 7, 'any', 10, 0.06],
];

function* disputes(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'disputes');
  const pick = weightedPicker(DISPUTES.map(([, weight]) => weight));
  const draw = grounds(context);
  const total = middling(12_400, context.scale);
  for (let n = 1; n <= total; n++) {
    const [category, , ground, most, high] = DISPUTES[pick(random)] as (typeof DISPUTES)[number];
    const building = draw[ground](random);
    const day = recentDay(720, random);
    const parties = 2 + Math.floor((most - 2) * random.next() ** 5);
    const risk = random.next() - (parties > 20 ? 0.3 : 0);
    const age = TODAY - day;
    const end = random.next();
    yield row(
      {
        dispute_no: `JF${pad(n, 6)}`,
        category,
        parties,
        risk_level: risk < high ? 'high' : risk < 0.3 ? 'medium' : 'low',
        mediator: drawName(random.chance(0.5), random),
        state:
          age < 3
            ? 'accepted'
            : age < 20 && end < 0.7
              ? 'mediating'
              : end < 0.88
                ? 'agreed'
                : end < 0.95
                  ? 'failed'
                  : 'court',
        grid_code: context.district.grids[context.blockOf(building).grid]?.code ?? null,
        received_at: momentText(day, reportMinute(day, random)),
      },
      pointShape(doorstep(building, random)),
    );
  }
}

/** What grid workers and mediators deal with. */
export const urbanGovernance: Theme = {
  governance_event: (context) => ({ expected: 260_000 * context.scale, rows: events(context) }),
  dispute_mediation: (context) => ({ expected: middling(12_400, context.scale), rows: disputes(context) }),
};
