import type { Building } from './buildings.ts';
import type { Context } from './context.ts';
import { makeUscc } from './identity.ts';
import { brandName, drawName } from './names.ts';
import { FULL_SCALE, dayText } from './people.ts';
import type { Point } from './plane.ts';
import { type Random, createRandom, weightedPicker } from './random.ts';

export interface Enterprise {
  uscc: string;
  name: string;
  legalPerson: string;
  capital10k: number;
  industryCode: string;
  section: string;
  establishedOn: string;
  status: 'active' | 'suspended' | 'revoked' | 'cancelled' | 'moved_out';
  building: Building;
  at: Point;
  room: string;
}

interface Trade {
  section: string;
  /** Shares in towers and shops, and in workshops. */
  weights: [number, number];
  /** Divisions and groups of GB/T 4754-2017 with what such a firm calls itself. */
  kinds: [string, string][];
}

const TRADES: readonly Trade[] = [
  {
    section: 'F',
    weights: [49, 27],
    kinds: [
      ['51', '贸易有限公司'],
      ['5165', '建材有限公司'],
      ['5283', '陶瓷经营部'],
      ['5212', '便利店'],
      ['5232', '服装店'],
      ['5175', '机电设备有限公司'],
      ['5292', '电子商务有限公司'],
    ],
  },
  {
    section: 'C',
    weights: [4, 48],
    kinds: [
      ['3071', '陶瓷有限公司'],
      ['3072', '卫浴有限公司'],
      ['1761', '针织有限公司'],
      ['1821', '制衣有限公司'],
      ['3311', '不锈钢制品有限公司'],
      ['3311', '金属制品厂'],
      ['3820', '电气有限公司'],
      ['3525', '模具厂'],
    ],
  },
  {
    section: 'L',
    weights: [12.5, 4],
    kinds: [
      ['7221', '企业管理咨询有限公司'],
      ['7291', '旅行社'],
      ['7259', '广告有限公司'],
      ['7111', '汽车租赁有限公司'],
      ['7264', '人力资源有限公司'],
    ],
  },
  {
    section: 'H',
    weights: [8.2, 1.5],
    kinds: [
      ['6210', '餐饮管理有限公司'],
      ['6210', '美食店'],
      ['6121', '酒店有限公司'],
      ['6233', '茶饮店'],
    ],
  },
  {
    section: 'O',
    weights: [6.8, 3],
    kinds: [
      ['8051', '美容美发店'],
      ['8111', '汽车维修服务有限公司'],
      ['8192', '家政服务有限公司'],
    ],
  },
  {
    section: 'M',
    weights: [5.6, 3],
    kinds: [
      ['7484', '工业设计有限公司'],
      ['7512', '科技有限公司'],
      ['7320', '新材料研究院有限公司'],
    ],
  },
  {
    section: 'I',
    weights: [4.6, 1.5],
    kinds: [
      ['6513', '软件有限公司'],
      ['6450', '网络科技有限公司'],
      ['6531', '信息技术有限公司'],
    ],
  },
  {
    section: 'E',
    weights: [4.2, 3],
    kinds: [
      ['5011', '装饰工程有限公司'],
      ['4910', '机电安装有限公司'],
      ['4720', '建筑工程有限公司'],
    ],
  },
  {
    section: 'K',
    weights: [2.2, 1],
    kinds: [
      ['7020', '物业服务有限公司'],
      ['7030', '房地产中介有限公司'],
      ['7010', '房地产开发有限公司'],
    ],
  },
  {
    section: 'G',
    weights: [1.2, 6],
    kinds: [
      ['5431', '货运有限公司'],
      ['5822', '物流有限公司'],
      ['5990', '仓储有限公司'],
    ],
  },
  {
    section: 'R',
    weights: [0.7, 0.3],
    kinds: [
      ['8710', '文化传播有限公司'],
      ['8930', '健身有限公司'],
    ],
  },
  {
    section: 'Q',
    weights: [0.5, 0],
    kinds: [
      ['8425', '门诊部'],
      ['8411', '医院管理有限公司'],
    ],
  },
  {
    section: 'P',
    weights: [0.5, 0.1],
    kinds: [
      ['8391', '职业培训学校有限公司'],
      ['8310', '幼儿园'],
    ],
  },
  {
    section: 'J',
    weights: [0.4, 0.1],
    kinds: [
      ['6790', '投资有限公司'],
      ['6631', '小额贷款有限公司'],
    ],
  },
  {
    section: 'A',
    weights: [0.2, 0.6],
    kinds: [
      ['0412', '水产养殖有限公司'],
      ['0141', '蔬菜种植专业合作社'],
    ],
  },
  {
    section: 'N',
    weights: [0.2, 0.5],
    kinds: [
      ['7840', '园林绿化有限公司'],
      ['7729', '环保科技有限公司'],
    ],
  },
  { section: 'D', weights: [0.05, 0.3], kinds: [['4420', '新能源有限公司']] },
];

const CAPITALS = [
  1, 3, 5, 10, 10, 20, 30, 50, 50, 50, 100, 100, 100, 100, 200, 300, 500, 500, 1000, 1000, 2000, 5000, 10_000,
];

/** All enterprises, building by building; the same every time. */
export function* enterprises(context: Context): Generator<Enterprise> {
  const { buildings, scale, seed } = context;
  const random = createRandom(seed, 'enterprises');
  const total = Math.round(FULL_SCALE.enterprises * scale);
  const work = buildings.reduce((sum, b) => sum + b.businesses, 0);
  const inTown = weightedPicker(TRADES.map((t) => t.weights[0]));
  const inWorkshop = weightedPicker(TRADES.map((t) => t.weights[1]));
  let worked = 0;
  let made = 0;
  for (const building of buildings) {
    worked += building.businesses;
    const due = Math.round((worked / work) * total);
    const isWorkshop = building.usage === 'industrial' || building.usage === 'warehouse';
    while (made < due) {
      made += 1;
      const trade = TRADES[(isWorkshop ? inWorkshop : inTown)(random)] as Trade;
      const [code, suffix] = random.pick(trade.kinds);
      const draw = random.next();
      // Firms are mostly young; a few go back to the first years of the reform.
      const age = 41 * random.next() ** 2.2;
      yield {
        uscc: makeUscc(made),
        name: `佛山市${random.chance(0.72) ? '禅城区' : ''}${brandName(random)}${suffix}`,
        legalPerson: drawName(random.chance(0.66), random),
        capital10k: random.pick(CAPITALS),
        industryCode: trade.section + code,
        section: trade.section,
        establishedOn: dayText(20_758 - Math.floor(age * 365.25)),
        status:
          draw < 0.83
            ? 'active'
            : draw < 0.86
              ? 'suspended'
              : draw < 0.9
                ? 'revoked'
                : draw < 0.97
                  ? 'cancelled'
                  : 'moved_out',
        building,
        at: doorstep(building, random),
        room: `${random.int(1, building.floors)}${String(random.int(1, 28)).padStart(2, '0')}`,
      };
    }
  }
}

/** A point just inside one of a building's fronts. */
export function doorstep(building: Building, random: Random): Point {
  const { outline, at } = building;
  const i = random.int(0, outline.length - 1);
  const a = outline[i] as Point;
  const b = outline[(i + 1) % outline.length] as Point;
  const t = random.between(0.12, 0.88);
  const front: Point = [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t];
  return [front[0] + (at[0] - front[0]) * 0.12, front[1] + (at[1] - front[1]) * 0.12];
}
