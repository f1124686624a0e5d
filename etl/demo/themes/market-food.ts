import { type Context, pad, pointShape, row } from '../context.ts';
import type { Enterprise } from '../enterprises.ts';
import type { Row } from '../files/row.ts';
import { firmShare, hasPenalty, isTrading } from '../firm-figures.ts';
import { TODAY, lastReport, momentText } from '../moment.ts';
import { dayText } from '../people.ts';
import { createRandom } from '../random.ts';
import type { Theme } from './delivery.ts';

interface FoodLicence {
  no: string;
  firm: Enterprise;
  category: 'sale' | 'catering' | 'canteen';
  grade: 'A' | 'B' | 'C' | 'D';
  issuedDay: number;
  expiresDay: number;
  state: 'valid' | 'expired' | 'withdrawn';
}

/** What a firm needs a licence for: restaurants to cook, shops to sell food, some factories for their canteen. */
function categoryOf(firm: Enterprise): FoodLicence['category'] | null {
  if (firm.section === 'H') return 'catering';
  if (firm.industryCode === 'F5212') return 'sale';
  const share = firmShare(firm.uscc, 'canteen');
  if (firm.section === 'P') return share < 0.8 ? 'canteen' : null;
  if (firm.section === 'C') return share < 0.075 && firm.capital10k >= 100 ? 'canteen' : null;
  return firm.section === 'Q' && share < 0.3 ? 'canteen' : null;
}

const CODE = { sale: '1', catering: '2', canteen: '3' };
const TERM = 5 * 365;

/** Licences of the firms that need one, in the order of the firms. The same every time. */
function* foodLicences(context: Context): Generator<FoodLicence> {
  const random = createRandom(context.seed, 'food licences');
  let n = 0;
  for (const firm of context.enterprises()) {
    const category = categoryOf(firm);
    if (category === null) continue;
    const born = Math.round(Date.parse(firm.establishedOn) / 86_400_000);
    // An application takes a week or two.
    if (TODAY - born < 12) continue;
    n += 1;
    const since = Math.max(born + random.int(5, 90), TODAY - random.int(10, TERM + 120));
    const issuedDay = Math.min(TODAY - 1, since);
    const expiresDay = issuedDay + TERM;
    const risk = random.next() - (hasPenalty(firm) ? 0.3 : 0) - (category === 'sale' ? -0.12 : 0);
    yield {
      no: `JY${CODE[category]}440604${pad(n, 6)}${n % 10}`,
      firm,
      category,
      grade: risk > 0.62 ? 'A' : risk > 0.2 ? 'B' : risk > -0.06 ? 'C' : 'D',
      issuedDay,
      expiresDay,
      state: isTrading(firm) || firm.status === 'suspended' ? (expiresDay < TODAY ? 'expired' : 'valid') : 'withdrawn',
    };
  }
}

function* licenceRows(context: Context): Generator<Row> {
  for (const { no, firm, category, grade, issuedDay, expiresDay, state } of foodLicences(context)) {
    yield row(
      {
        licence_no: no,
        uscc: firm.uscc,
        name: firm.name,
        category,
        risk_grade: grade,
        issued_on: dayText(issuedDay),
        expires_on: dayText(expiresDay),
        state,
      },
      pointShape(firm.at),
    );
  }
}

/** Share of restaurants and canteens with a valid licence that show their kitchen. */
const CONNECTED = 0.41;
const ALARMS = ['no_cap', 'no_cap', 'no_mask', 'no_mask', 'open_bin', 'smoking', 'rodent'];

function* kitchens(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'bright kitchens');
  let n = 0;
  for (const { no, firm, category, grade, state } of foodLicences(context)) {
    if (state !== 'valid' || category === 'sale' || !random.chance(CONNECTED)) continue;
    n += 1;
    const isOnline = random.chance(0.93);
    const isBad = random.chance({ A: 0.02, B: 0.045, C: 0.1, D: 0.19 }[grade]);
    yield row(
      {
        kitchen_no: `MC${pad(n, 6)}`,
        licence_no: no,
        uscc: firm.uscc,
        name: firm.name,
        camera_url: `rtsp://mlzl.invalid/${pad(n, 6)}`,
        online: isOnline,
        ai_alarm: isOnline ? (isBad ? random.pick(ALARMS) : 'none') : 'offline',
        reported_at: isOnline ? lastReport(random, 5) : momentText(TODAY, -random.int(20, 6000)),
      },
      pointShape(firm.at),
    );
  }
}

const SAMPLES: readonly [food: string, products: readonly string[], items: readonly string[], failing: number][] = [
  ['produce', ['豇豆', '韭菜', '姜', '芹菜', '苹果', '香蕉'], ['毒死蜱', '噻虫胺', '克百威', '铅(以 Pb 计)'], 0.035],
  ['catering', ['餐具', '油条', '肠粉', '卤肉', '凉拌菜'], ['大肠菌群', '铝的残留量', '阴离子合成洗涤剂'], 0.045],
  ['pastry', ['盲公饼', '月饼', '面包', '蛋糕'], ['脱氢乙酸', '菌落总数', '霉菌'], 0.014],
  ['drink', ['凉茶', '奶茶', '豆浆', '桶装水'], ['铜绿假单胞菌', '菌落总数', '甜蜜素'], 0.016],
  ['condiment', ['酱油', '食醋', '腐乳'], ['氨基酸态氮', '苯甲酸'], 0.01],
  ['meat', ['腊肠', '烧鹅', '叉烧', '牛丸'], ['亚硝酸盐', '菌落总数'], 0.018],
  ['aquatic', ['草鱼', '鳙鱼', '鲈鱼', '虾', '牛蛙'], ['恩诺沙星', '孔雀石绿', '呋喃西林代谢物'], 0.032],
];

/** Holders of licences are sampled once or more in three years, those of bad grade oftener and with more failures. */
function* samplings(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'food sampling');
  const often = { A: 1.05, B: 1.35, C: 1.8, D: 2.6 };
  const worse = { A: 0.7, B: 1, C: 1.5, D: 2.6 };
  let n = 0;
  for (const { firm, category, grade, state } of foodLicences(context)) {
    if (state === 'withdrawn') continue;
    const times = Math.floor(often[grade] * 1.37 * 2 * random.next() + 0.3);
    for (let k = 0; k < times; k++) {
      n += 1;
      const [food, products, items, failing] = (
        category === 'sale' ? random.pick(SAMPLES.filter(([c]) => c !== 'catering')) : random.pick(SAMPLES)
      ) as (typeof SAMPLES)[number];
      const isFailed = random.chance(failing * worse[grade]);
      const day = TODAY - random.int(3, 1090);
      yield row({
        sample_no: `CJ${dayText(day).slice(2, 4)}${pad(n, 8)}`,
        uscc: firm.uscc,
        food_class: food,
        product: random.pick(products),
        result: isFailed ? 'failed' : 'passed',
        item: isFailed ? random.pick(items) : null,
        sampled_on: dayText(day),
      });
    }
  }
}

/** Food: who may sell it, what goes on in the kitchen, and what the laboratory found. */
export const marketFood: Theme = {
  food_licence: (context) => ({ expected: 38_000 * context.scale, rows: licenceRows(context) }),
  bright_kitchen: (context) => ({ expected: 6800 * context.scale, rows: kitchens(context) }),
  food_sampling: (context) => ({ expected: 52_000 * context.scale, rows: samplings(context) }),
};
