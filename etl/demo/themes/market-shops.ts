import type { Building } from '../buildings.ts';
import { type Context, pad, pointShape, row } from '../context.ts';
import { doorstep } from '../enterprises.ts';
import type { Row } from '../files/row.ts';
import { makeUscc } from '../identity.ts';
import type { LandUse } from '../land-use.ts';
import { TODAY } from '../moment.ts';
import { brandName, drawName, drawSurname } from '../names.ts';
import { dayText } from '../people.ts';
import { createRandom, weightedPicker } from '../random.ts';
import { type Theme, listed } from './delivery.ts';
import { buildingsWhere, siteNear, stemOf } from './sites.ts';

/** Trades of the self-employed with the ends of their names: shares in streets of shops, and in workshops. */
const TRADES: readonly [code: string, street: number, workshop: number, ends: readonly string[]][] = [
  ['F5212', 14, 3, ['便利店', '百货店', '商店']],
  ['F5227', 9, 1, ['水果店', '蔬菜档', '鲜肉档', '水产档']],
  ['F5232', 8, 6, ['服装店', '内衣店', '童装店']],
  ['F5283', 5, 12, ['陶瓷店', '建材店', '五金店']],
  ['F5274', 4, 1, ['手机店', '电脑经营部']],
  ['F5292', 6, 4, ['网店', '电子商务商行']],
  ['F5251', 2, 0.5, ['药店', '日用品店']],
  ['H6210', 19, 5, ['饮食店', '肠粉店', '茶餐厅', '粥粉面店', '烧腊店']],
  ['H6233', 4, 0.5, ['茶饮店', '糖水店', '咖啡店']],
  ['O8051', 8, 1, ['美发店', '美容店', '沐足店']],
  ['O8111', 4, 5, ['汽车美容店', '摩托车维修店']],
  ['O8192', 3, 0.5, ['家政服务部', '洗衣店']],
  ['C1761', 1, 18, ['针织加工场', '织布厂']],
  ['C3311', 1, 16, ['五金加工场', '不锈钢加工店']],
  ['C3072', 0.5, 6, ['陶艺坊', '陶瓷加工场']],
  ['G5431', 2, 6, ['货运部', '搬运服务部']],
  ['L7259', 2, 2, ['广告制作部', '图文店']],
  ['R8930', 1, 0.3, ['健身室', '棋牌室']],
];

function* selfEmployed(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'self-employed');
  const uses: Partial<Record<LandUse, number>> = {
    old_town: 1.7,
    village: 1.5,
    mixed: 1.5,
    commerce: 1.1,
    estate: 0.8,
    office: 0.3,
    factory: 0.75,
  };
  const { list, weights } = buildingsWhere(context, (b) => {
    const weight = uses[context.blockOf(b).use] ?? 0;
    return weight * (b.businesses + 0.0022 * b.dwellings);
  });
  const pick = weightedPicker(weights);
  const inStreet = weightedPicker(TRADES.map(([, street]) => street));
  const inWorkshop = weightedPicker(TRADES.map(([, , workshop]) => workshop));
  const total = Math.round(165_000 * context.scale);
  for (let n = 1; n <= total; n++) {
    const building = list[pick(random)] as Building;
    const isWorkshop = building.usage === 'industrial' || building.usage === 'warehouse';
    const [code, , , ends] = TRADES[(isWorkshop ? inWorkshop : inStreet)(random)] as (typeof TRADES)[number];
    const draw = random.next();
    const age = 24 * random.next() ** 2.4;
    const surname = drawSurname(random);
    yield row(
      {
        uscc: makeUscc(n, '92'),
        name: `佛山市禅城区${random.chance(0.25) ? `${surname}记` : brandName(random)}${random.pick(ends)}`,
        operator_name: drawName(random.chance(0.58), random),
        industry_code: code,
        industry_section: code.charAt(0),
        premises: isWorkshop
          ? 'workshop'
          : building.usage === 'residential'
            ? random.pick(['shop', 'shop', 'home'])
            : building.usage === 'commercial' && random.chance(0.4)
              ? 'market'
              : 'shop',
        established_on: dayText(TODAY - Math.floor(age * 365.25)),
        status: draw < 0.81 ? 'active' : draw < 0.84 ? 'suspended' : draw < 0.87 ? 'revoked' : 'cancelled',
        address: `${context.addressOf(building)}${building.floors > 2 && random.chance(0.3) ? '二层' : '首层'}`,
      },
      pointShape(doorstep(building, random)),
    );
  }
}

const GOODS: Record<string, readonly string[]> = {
  ceramics: ['陶瓷城', '建材市场', '卫浴城'],
  textile: ['针织城', '布匹市场', '童装城'],
  hardware: ['不锈钢市场', '五金城', '金属交易中心'],
  furniture: ['家居城', '灯饰城'],
  produce: ['农副产品批发市场', '水产批发市场', '果蔬批发市场'],
  vehicle: ['汽车城', '汽配城'],
  sundry: ['小商品城', '玩具精品城'],
};
/** What each town trades in. */
const TOWN_GOODS: Record<string, readonly string[]> = {
  祖庙街道: ['textile', 'sundry', 'furniture', 'produce', 'hardware'],
  石湾镇街道: ['ceramics', 'ceramics', 'ceramics', 'furniture', 'produce'],
  张槎街道: ['textile', 'textile', 'textile', 'hardware', 'vehicle'],
  南庄镇: ['ceramics', 'ceramics', 'ceramics', 'produce', 'vehicle'],
};

function markets(context: Context): Row[] {
  const random = createRandom(context.seed, 'specialised markets');
  const sites = siteNear(
    context,
    86,
    (block) => ['commerce', 'mixed', 'factory'].includes(block.use) && block.area > 5000,
    random,
  );
  return sites.map(({ at, block }, i) => {
    const goods = random.pick(TOWN_GOODS[context.district.towns[block.town]?.name ?? ''] ?? ['sundry']);
    const stalls = Math.max(40, Math.round((block.area / 26) * random.between(0.5, 1.1)));
    return row(
      {
        market_no: `SC${pad(i + 1, 3)}`,
        name: `${stemOf(context, block)}${random.pick(GOODS[goods] ?? ['市场'])}`,
        goods,
        stalls: Math.min(4000, stalls),
        area_m2: Math.round(block.area * random.between(0.7, 1.6)),
        opened_year: random.int(1985, 2022),
      },
      pointShape(at),
    );
  });
}

/** Small traders, and the markets that the district is known for. */
export const marketShops: Theme = {
  self_employed: (context) => ({ expected: 165_000 * context.scale, rows: selfEmployed(context) }),
  specialized_market: (context) => listed(markets(context)),
};
