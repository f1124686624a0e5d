import { type Context, pad, pointShape, row } from '../context.ts';
import type { Enterprise } from '../enterprises.ts';
import type { Row } from '../files/row.ts';
import { type Credit, abnormalityOf, creditOf, firmSize, hasPenalty } from '../firm-figures.ts';
import { makePhone } from '../identity.ts';
import { TODAY, momentText, reportMinute } from '../moment.ts';
import { brandName, drawName } from '../names.ts';
import { dayText } from '../people.ts';
import { type Random, createRandom } from '../random.ts';
import type { Theme } from './delivery.ts';

/** Random inspections by grade, per cent. */
const INSPECTED: Record<Credit['grade'], number> = { A: 1, B: 3, C: 10, D: 20 };

function* ratings(context: Context): Generator<Row> {
  let n = 0;
  for (const firm of context.enterprises()) {
    n += 1;
    const { score, grade } = creditOf(firm);
    const abnormality = abnormalityOf(firm);
    const tags = [
      ...(abnormality && abnormality.removedDay === null ? ['经营异常'] : []),
      ...(hasPenalty(firm) ? ['行政处罚'] : []),
      ...(firm.status === 'revoked' ? ['吊销未注销'] : []),
      ...(firm.status === 'suspended' ? ['歇业'] : []),
    ];
    yield row({
      rating_no: `XY${pad(n, 7)}`,
      uscc: firm.uscc,
      score,
      grade,
      risk_tags: tags.length > 0 ? tags.join('、') : null,
      inspect_pct: INSPECTED[grade],
      evaluated_on: '2026-10-15',
    });
  }
}

function* abnormals(context: Context): Generator<Row> {
  let n = 0;
  for (const firm of context.enterprises()) {
    const abnormality = abnormalityOf(firm);
    if (!abnormality) continue;
    n += 1;
    const { reason, listedDay, removedDay } = abnormality;
    yield row({
      record_no: `YC${pad(n, 6)}`,
      uscc: firm.uscc,
      name: firm.name,
      reason,
      listed_on: dayText(listedDay),
      removed_on: removedDay === null ? null : dayText(removedDay),
      state: removedDay === null ? 'listed' : 'removed',
    });
  }
}

const ITEMS = [
  'legal_person',
  'address',
  'address',
  'capital',
  'scope',
  'scope',
  'scope',
  'name',
  'shareholder',
  'shareholder',
] as const;
const SCOPES = [
  '陶瓷制品销售',
  '针织品制造',
  '食品销售',
  '建筑材料批发',
  '软件开发',
  '货物进出口',
  '餐饮服务',
  '机械设备租赁',
];

/** What a firm was before it became what the register says now; the last change ends at what it is today. */
function changed(item: string, firm: Enterprise, isLast: boolean, random: Random): [string, string] {
  switch (item) {
    case 'legal_person':
      return [drawName(random.chance(0.66), random), isLast ? firm.legalPerson : drawName(random.chance(0.66), random)];
    case 'capital': {
      const after = isLast ? firm.capital10k : Math.max(1, Math.round(firm.capital10k * 0.8));
      return [`${Math.max(1, Math.round(after * random.pick([0.1, 0.2, 0.5, 0.5])))}万元`, `${after}万元`];
    }
    case 'name':
      return [`佛山市${brandName(random)}有限公司`, isLast ? firm.name : `佛山市${brandName(random)}有限公司`];
    case 'address':
      return [
        `佛山市禅城区${random.pick(['汾江中路', '岭南大道', '季华五路', '江湾路', '古大路'])}${random.int(1, 220)}号`,
        '现登记住所',
      ];
    case 'shareholder':
      return [drawName(random.chance(0.6), random), drawName(random.chance(0.6), random)];
    default: {
      const before = random.pick(SCOPES);
      return [before, `${before}；${random.pick(SCOPES)}`];
    }
  }
}

/** Older firms have changed more often; a firm that is no longer active changed to that at the end. */
function* changes(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'entity changes');
  const statusTitle = { active: '存续', suspended: '歇业', revoked: '吊销', cancelled: '注销', moved_out: '迁出' };
  let n = 0;
  const make = (firm: Enterprise, item: string, [before, after]: [string, string], day: number): Row => {
    n += 1;
    return row({
      change_no: `BG${pad(n, 8)}`,
      uscc: firm.uscc,
      item,
      before_value: before,
      after_value: after,
      changed_on: dayText(day),
    });
  };
  for (const firm of context.enterprises()) {
    const born = Math.round(Date.parse(firm.establishedOn) / 86_400_000);
    const span = TODAY - born;
    if (span < 30) continue;
    const times = Math.floor((0.3 + (span / 365.25) ** 0.6 * 0.38) * 2 * random.next() ** 1.25 + 0.25);
    const latest = new Map<string, number>();
    const planned = Array.from({ length: times }, (_, k) => {
      const item = random.pick(ITEMS);
      latest.set(item, k);
      return item;
    });
    for (let k = 0; k < times; k++) {
      const item = planned[k] as string;
      const day = born + 20 + Math.floor(((span - 25) * (k + random.next())) / Math.max(1, times));
      yield make(firm, item, changed(item, firm, latest.get(item) === k, random), Math.min(TODAY - 2, day));
    }
    if (firm.status !== 'active') {
      const day = Math.max(born + 25, TODAY - random.int(2, 1400));
      yield make(firm, 'status', [statusTitle.active, statusTitle[firm.status]], Math.min(TODAY - 1, day));
    }
  }
}

const OFFENCES: Record<string, readonly string[]> = {
  H: ['food', 'food', 'food', 'price', 'advertising'],
  F: ['quality', 'quality', 'food', 'trademark', 'advertising', 'price', 'competition'],
  C: ['quality', 'quality', 'equipment', 'equipment', 'trademark', 'advertising'],
  K: ['advertising', 'price', 'registration', 'equipment'],
};
const FINES: Record<string, readonly [number, number]> = {
  food: [500, 50_000],
  quality: [1000, 120_000],
  advertising: [1000, 100_000],
  price: [500, 50_000],
  trademark: [2000, 200_000],
  equipment: [10_000, 100_000],
  registration: [500, 20_000],
  competition: [5000, 300_000],
};

function* penalties(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'penalties');
  const counts = new Map<string, number>();
  for (const firm of context.enterprises()) {
    if (!hasPenalty(firm)) continue;
    const reason = random.pick(OFFENCES[firm.section] ?? ['registration', 'registration', 'advertising', 'price']);
    const [least, most] = FINES[reason] as readonly [number, number];
    const day = TODAY - random.int(4, 1090);
    const year = dayText(day).slice(0, 4);
    const sequence = (counts.get(year) ?? 0) + 1;
    counts.set(year, sequence);
    yield row(
      {
        doc_no: `禅市监罚〔${year}〕${pad(sequence, 6)}`,
        uscc: firm.uscc,
        name: firm.name,
        reason,
        fine_yuan: Math.round((least + (most - least) * random.next() ** 4) / 100) * 100,
        decided_on: dayText(day),
      },
      pointShape(firm.at),
    );
  }
}

/** Complaints a year and a half, per firm, by section; and what they are about. */
const COMPLAINED: Record<string, number> = { H: 1.15, F: 0.3, O: 0.62, K: 0.3, R: 0.9, P: 0.55, I: 0.1, L: 0.1 };
const ABOUT: Record<string, readonly string[]> = {
  H: ['food', 'food', 'food', 'service', 'prepaid'],
  F: ['retail', 'retail', 'online', 'repair', 'food'],
  O: ['service', 'prepaid', 'prepaid', 'repair'],
  K: ['housing', 'housing', 'service'],
  E: ['housing'],
  R: ['prepaid', 'prepaid', 'service'],
  P: ['prepaid', 'service'],
};

function* complaints(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'complaints');
  let n = 0;
  for (const firm of context.enterprises()) {
    if (firm.status === 'cancelled' || firm.status === 'moved_out') continue;
    const mean = (COMPLAINED[firm.section] ?? 0.05) * (hasPenalty(firm) ? 2 : 1);
    // Most firms hear nothing, a few hear it again and again.
    const times = Math.floor(-Math.log(1 - random.next()) * mean + 0.12 * random.next());
    for (let k = 0; k < Math.min(12, times + (random.chance(mean * 0.48) ? 1 : 0)); k++) {
      n += 1;
      const day = TODAY - random.int(0, 540);
      const age = TODAY - day;
      const end = random.next();
      const category = random.pick(ABOUT[firm.section] ?? ['service', 'retail']);
      yield row(
        {
          complaint_no: `TS${dayText(day).slice(0, 4)}${pad(n, 8)}`,
          uscc: firm.uscc,
          category,
          amount_yuan: Math.round(
            (category === 'housing' ? 9000 : category === 'prepaid' ? 2600 : 280) * -Math.log(1 - random.next()),
          ),
          state: age < 2 ? 'received' : age < 20 && end < 0.6 ? 'mediating' : end < 0.8 ? 'settled' : 'ended',
          reporter_phone: makePhone(random),
          received_at: momentText(day, reportMinute(day, random)),
        },
        pointShape(firm.at),
      );
    }
  }
}

const MEDIA = {
  boiler: ['天然气', '天然气', '生物质', '电'],
  vessel: ['压缩空气', '压缩空气', '氮气', '液氨'],
  gas_cylinder: ['液化石油气', '氧气', '乙炔'],
  pipeline: ['蒸汽', '天然气', '导热油'],
} as const;

/** In factories, hotels and hospitals; ceramics and dyeing works have the most. */
function* pressureEquipment(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'pressure equipment');
  const devices: Record<string, number> = { C3071: 0.95, C3072: 0.72, C1761: 0.64, C3311: 0.34 };
  let n = 0;
  for (const firm of context.enterprises()) {
    const mean =
      devices[firm.industryCode] ??
      { C: 0.2, D: 1.2, Q: 0.22 }[firm.section] ??
      (firm.industryCode === 'H6121' ? 0.3 : 0);
    if (mean === 0 || firm.status !== 'active') continue;
    const large = firmSize(firm).revenue10k > 500 ? 2 : 1;
    const times = Math.min(9, Math.floor(-Math.log(1 - random.next()) * mean * large + random.next() * 0.5));
    for (let k = 0; k < times; k++) {
      n += 1;
      const kind = random.pick(['vessel', 'vessel', 'boiler', 'pipeline', 'gas_cylinder'] as const);
      const due = TODAY + random.int(-25, 700);
      yield row(
        {
          register_no: `容${pad(10 + (n % 5), 2)}粤E${pad(n, 6)}`,
          uscc: firm.uscc,
          kind,
          pressure_mpa: Math.round(random.between(0.3, kind === 'gas_cylinder' ? 15 : 2.5) * 100) / 100,
          medium: random.pick(MEDIA[kind]),
          next_inspect_on: dayText(due),
          state: due < TODAY ? 'overdue' : random.chance(0.05) ? 'stopped' : 'in_use',
        },
        pointShape(firm.at),
      );
    }
  }
}

/** What the market regulator knows about a firm: its rating, its lapses, its changes and its boilers. */
export const marketCredit: Theme = {
  enterprise_credit: (context) => ({ expected: 280_000 * context.scale, rows: ratings(context) }),
  abnormal_operation: (context) => ({ expected: 21_000 * context.scale, rows: abnormals(context) }),
  entity_change_record: (context) => ({ expected: 420_000 * context.scale, rows: changes(context) }),
  administrative_penalty: (context) => ({ expected: 18_000 * context.scale, rows: penalties(context) }),
  consumer_complaint: (context) => ({ expected: 64_000 * context.scale, rows: complaints(context) }),
  boiler_vessel: (context) => ({ expected: 9800 * context.scale, rows: pressureEquipment(context) }),
};
