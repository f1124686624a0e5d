import { type CollectiveAsset, collectiveAssetsOf, collectivesOf } from '../collectives.ts';
import { type Context, pad, pointShape, polygonShape, row } from '../context.ts';
import type { Row } from '../files/row.ts';
import { brandName, drawName } from '../names.ts';
import { dayText } from '../people.ts';
import { type Random, createRandom } from '../random.ts';
import { tenth, townOf } from './block-choice.ts';
import { type Theme, listed } from './delivery.ts';

const TODAY = 20_758;
/** Yuan per square metre and month, and ten thousand yuan of book value per square metre. */
const RENT: Record<CollectiveAsset['kind'], { rent: [number, number]; book: number }> = {
  factory: { rent: [9, 20], book: 0.11 },
  warehouse: { rent: [8, 15], book: 0.08 },
  shop: { rent: [28, 95], book: 0.32 },
  office: { rent: [18, 38], book: 0.24 },
  land: { rent: [0.15, 0.4], book: 0.006 },
  pond: { rent: [0.25, 0.6], book: 0.009 },
  public: { rent: [0, 1], book: 0.2 },
  other: { rent: [8, 22], book: 0.14 },
};
/** Rents fall with the distance from the centre. */
const LEVEL: Record<string, number> = { 祖庙街道: 1.5, 石湾镇街道: 1.2, 张槎街道: 1.1, 南庄镇: 0.8 };

function organisations(context: Context): Row[] {
  const random = createRandom(context.seed, 'collective accounts');
  const { communities } = context.district;
  return collectivesOf(context).map(({ uscc, name, level, community, at, members }) => {
    const income = level === 'town' ? random.int(4000, 22_000) : members * random.between(0.35, 1.7);
    return row(
      {
        uscc,
        name: `佛山市禅城区${name}`,
        level,
        village_code: communities[community]?.code ?? null,
        members: Math.max(1, members),
        shareholders: Math.round(members * random.between(0.86, 1)),
        annual_income_10k: tenth(income),
        dividend_yuan: members > 0 ? Math.round(((income * 10_000) / members) * random.between(0.4, 0.65)) : null,
      },
      pointShape(at),
    );
  });
}

/** What tenants make or sell there: ceramics in the west and south, knitwear in the north. */
function usageOf({ kind, block }: CollectiveAsset, context: Context, random: Random): string {
  const town = townOf(context, block);
  if (kind === 'factory')
    return random.pick(
      town === '张槎街道'
        ? ['针织织造', '针织织造', '制衣', '机械加工']
        : ['陶瓷生产', '陶瓷仓储展示', '不锈钢加工', '卫浴五金'],
    );
  const usages: Record<Exclude<CollectiveAsset['kind'], 'factory'>, string[]> = {
    warehouse: ['仓储物流', '陶瓷仓库'],
    shop: ['餐饮', '零售', '便利店', '建材店'],
    office: ['办公', '村级物业办公'],
    land: ['蔬菜种植', '花卉苗木', '果树种植'],
    pond: ['水产养殖'],
    public: ['祠堂', '党群服务中心', '文化活动室', '老人活动中心'],
    other: ['员工宿舍', '出租公寓', '停车场'],
  };
  return random.pick(usages[kind]);
}

function* assets(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'asset register');
  for (const asset of collectiveAssetsOf(context)) {
    yield row(
      {
        asset_no: asset.no,
        org_uscc: asset.owner.uscc,
        kind: asset.kind,
        area_m2: tenth(asset.area),
        book_value_10k: tenth(asset.area * RENT[asset.kind].book * random.between(0.6, 1.5)),
        usage: usageOf(asset, context, random),
        state: asset.state,
      },
      polygonShape(asset.ring),
    );
  }
}

function tenant(asset: CollectiveAsset, context: Context, random: Random): string {
  if (asset.kind === 'land' || asset.kind === 'pond' || random.chance(0.35))
    return drawName(random.chance(0.7), random);
  const ending =
    asset.kind === 'factory'
      ? townOf(context, asset.block) === '张槎街道'
        ? ['针织有限公司', '制衣厂']
        : ['陶瓷有限公司', '金属制品厂']
      : ['商贸有限公司', '餐饮店', '物流有限公司'];
  return `佛山市${brandName(random)}${random.pick(ending)}`;
}

/** A running contract for every leased asset, and the ended ones before it: their terms never overlap. */
function* contracts(context: Context): Generator<Row> {
  const random = createRandom(context.seed, 'asset contracts');
  let n = 0;
  for (const asset of collectiveAssetsOf(context)) {
    if (asset.state === 'self_used') continue;
    const [low, high] = RENT[asset.kind].rent;
    const level = LEVEL[townOf(context, asset.block)] ?? 1;
    const rate = random.between(low, high) * level;
    let ends = TODAY + random.int(1, 2400);
    const isOverdue = asset.state === 'leased' && random.chance(0.03);
    if (asset.state !== 'leased') ends = TODAY - random.int(20, 900);
    else if (isOverdue) ends = TODAY - random.int(1, 240);
    for (let back = 0; back < 4; back++) {
      const starts = Math.min(ends - 300, (back === 0 ? Math.min(ends, TODAY) : ends) - random.int(365, 3000));
      const isEnded = back > 0 || asset.state !== 'leased';
      const state = isEnded ? 'ended' : isOverdue ? 'overdue' : ends - TODAY <= 180 ? 'expiring' : 'active';
      // Rents rise from one contract to the next.
      const rent = Math.round(asset.area * rate * 0.86 ** back);
      const months = state === 'overdue' ? random.int(1, 8) : random.chance(0.06) ? random.int(1, 5) : 0;
      n += 1;
      yield row({
        contract_no: `HT${pad(n, 7)}`,
        asset_no: asset.no,
        lessee_name: tenant(asset, context, random),
        rent_month_yuan: Math.min(rent, 10_000_000),
        start_on: dayText(starts),
        end_on: dayText(ends),
        arrears_yuan: isEnded ? 0 : Math.min(rent, 10_000_000) * months,
        state,
      });
      if (!random.chance(0.68)) break;
      ends = starts - random.int(1, 120);
    }
  }
}

/** What villages own in common, who owns it and who rents it. */
export const ruralCollective: Theme = {
  collective_org: (context) => listed(organisations(context)),
  collective_asset: (context) => ({ expected: collectiveAssetsOf(context).length, rows: assets(context) }),
  collective_contract: (context) => ({
    expected: collectiveAssetsOf(context).filter(({ state }) => state !== 'self_used').length * 2.2,
    rows: contracts(context),
  }),
};
