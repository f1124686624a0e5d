import { type Building } from '../buildings.ts';
import { type Context, pad, pointShape, row } from '../context.ts';
import type { Row } from '../files/row.ts';
import { makePhone } from '../identity.ts';
import { TODAY, moment } from '../moment.ts';
import { drawName } from '../names.ts';
import { dayText } from '../people.ts';
import { type Polluter, pollutersOf } from '../polluters.ts';
import { type Random, createRandom, weightedPicker } from '../random.ts';
import type { Theme } from './delivery.ts';
import { buildingsWhere, middling } from './sites.ts';

/** Riskier sources are visited more often, and found wanting more often. */
const VISITS = { major: 9, considerable: 3, general: 1 };

function* inspections(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'inspections');
  const all = pollutersOf(context);
  const pick = weightedPicker(all.map(({ risk }) => VISITS[risk]));
  const inspectors = Array.from({ length: 46 }, () => drawName(random.chance(0.66), random));
  const total = middling(9800, context.scale);
  for (let n = 1; n <= total; n++) {
    const { no, firm, risk } = all[pick(random)] as Polluter;
    const draw = random.next() - { major: 0.07, considerable: 0.03, general: 0 }[risk];
    yield row(
      {
        inspect_no: `JC2026${pad(n, 6)}`,
        source_no: no,
        name: firm.name,
        kind: random.pick(['random', 'random', 'special', 'complaint', 'revisit']),
        result: draw < 0.05 ? 'punish' : draw < 0.24 ? 'correct' : 'pass',
        inspector: random.pick(inspectors),
        inspected_at: moment(TODAY - 1 - Math.floor(random.next() * 303), random.int(9, 17), random.int(0, 59)),
      },
      pointShape(firm.at),
    );
  }
}

const REASONS: Record<Polluter['kind'], readonly string[]> = {
  air: ['over_limit', 'no_treatment', 'false_data'],
  water: ['over_limit', 'hidden', 'no_permit'],
  solid: ['waste', 'waste', 'no_permit'],
  noise: ['over_limit', 'no_treatment'],
};
const FINES: Record<string, [number, number]> = {
  over_limit: [10, 40],
  no_permit: [5, 30],
  no_treatment: [2, 20],
  hidden: [20, 80],
  waste: [2, 15],
  false_data: [10, 60],
};

function* penalties(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'penalties');
  const all = pollutersOf(context);
  const pick = weightedPicker(all.map(({ risk, firm }) => VISITS[risk] * (firm.section === 'C' ? 3 : 1)));
  const total = middling(1150, context.scale);
  // Decisions are numbered through each year.
  const perYear = Math.ceil(total / 5);
  for (let n = 1; n <= total; n++) {
    const { firm, kind } = all[pick(random)] as Polluter;
    const year = 2022 + Math.floor((n - 1) / perYear);
    const reason = random.pick(REASONS[kind]);
    const [least, most] = FINES[reason] ?? [2, 20];
    const days = year === 2026 ? 300 : 360;
    const sequence = ((n - 1) % perYear) + 1;
    yield row(
      {
        penalty_no: `HF${pad(n, 6)}`,
        doc_no: `佛环禅罚〔${year}〕${sequence}号`,
        uscc: firm.uscc,
        name: firm.name,
        reason,
        fine_10k: Math.round(random.between(least, most) * 10) / 10,
        decided_on: dayText(Date.UTC(year, 0, 1) / 86_400_000 + Math.floor((sequence / perYear) * days)),
      },
      pointShape(firm.at),
    );
  }
}

type Category = 'noise' | 'odor' | 'smoke' | 'dust' | 'water' | 'waste';

const CONTENT: Record<Category, readonly string[]> = {
  noise: ['夜间机器噪声影响休息', '空调外机噪声扰民', '凌晨装卸货物噪声大', '施工噪声超时'],
  odor: ['厂区傍晚有刺鼻气味', '喷漆气味飘到小区', '臭味持续多日,不敢开窗'],
  smoke: ['餐饮油烟直排', '烟囱冒黑烟', '油烟净化设施未开启'],
  dust: ['堆料未覆盖,扬尘严重', '车辆出场未冲洗带泥上路', '粉尘飘落阳台'],
  water: ['雨天有黑水排入河涌', '污水外溢到路面', '排水沟有泡沫和异色水'],
  waste: ['路边倾倒不明桶装物', '工业边角料露天堆放', '建筑垃圾倒在空地'],
};
const COMPLAINED: Record<Polluter['kind'], readonly Category[]> = {
  air: ['odor', 'odor', 'smoke', 'dust'],
  water: ['water', 'odor'],
  solid: ['waste', 'dust', 'odor'],
  noise: ['noise'],
};

/** Homes by cells of 200 m, so that who lives beside a factory is found at once. */
function neighbours(homes: readonly Building[]): (x: number, y: number, random: Random) => Building | undefined {
  const cells = new Map<string, Building[]>();
  for (const home of homes) {
    const key = `${Math.floor(home.at[0] / 200)},${Math.floor(home.at[1] / 200)}`;
    const list = cells.get(key);
    if (list) list.push(home);
    else cells.set(key, [home]);
  }
  return (x, y, random) => {
    const [i, j] = [Math.floor(x / 200) + random.int(-1, 1), Math.floor(y / 200) + random.int(-1, 1)];
    const list = cells.get(`${i},${j}`);
    return list && random.pick(list);
  };
}

/** People complain from home: about the works next door, or about the shops and sites of their street. */
function* complaints(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'complaints');
  const { list: homes, weights } = buildingsWhere(context, (b) => b.dwellings);
  const pickHome = weightedPicker(weights);
  const beside = neighbours(homes);
  const all = pollutersOf(context);
  const pickSource = weightedPicker(all.map(({ risk }) => VISITS[risk]));
  const total = middling(14_600, context.scale);
  for (let n = 1; n <= total; n++) {
    const polluter = all[pickSource(random)] as Polluter;
    const near = random.chance(0.65) ? beside(polluter.firm.at[0], polluter.firm.at[1], random) : undefined;
    const home = near ?? (homes[pickHome(random)] as Building);
    const category: Category = near
      ? random.pick(polluter.firm.section === 'H' ? (['smoke', 'noise'] as const) : COMPLAINED[polluter.kind])
      : random.pick(['noise', 'noise', 'smoke', 'dust', 'waste'] as const);
    const age = Math.floor(random.next() * 304);
    const day = TODAY - age;
    yield row(
      {
        complaint_no: `TS2026${pad(n, 6)}`,
        category,
        channel: random.pick(['hotline', 'hotline', 'hotline', 'wechat', 'wechat', 'website', 'letter']),
        content: random.pick(CONTENT[category]),
        reporter_phone: random.chance(0.8) ? makePhone(random) : null,
        state: age > 9 || random.chance(0.3) ? 'closed' : age > 2 ? 'checking' : 'received',
        received_at: moment(
          day,
          age === 0 ? random.int(0, 7) : random.pick([1, 7, 9, 10, 14, 16, 19, 20, 21, 22, 22, 23]),
          random.int(0, 59),
        ),
      },
      pointShape(home.at),
    );
  }
}

/** Visits, fines, and what people complain about. */
export const enforcement: Theme = {
  env_inspection: (context) => ({ expected: middling(9800, context.scale), rows: inspections(context) }),
  env_penalty: (context) => ({ expected: middling(1150, context.scale), rows: penalties(context) }),
  env_complaint: (context) => ({ expected: middling(14_600, context.scale), rows: complaints(context) }),
};
