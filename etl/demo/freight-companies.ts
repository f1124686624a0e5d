import { pad, type Context } from './context.ts';
import type { Enterprise } from './enterprises.ts';
import { oncePerDistrict } from './once.ts';
import { createRandom } from './random.ts';
import { middling } from './themes/sites.ts';

export interface FreightCompany {
  licence: string;
  firm: Enterprise;
  scope: 'general' | 'container' | 'cold' | 'hazmat';
  vehicles: number;
}

/** Of all firms about one in eighty is an active haulier. */
const HAULIERS = 3970;

/** Firms of the trade register that carry goods on the road. */
export const freightCompanies = oncePerDistrict((context: Context): FreightCompany[] => {
  const random = createRandom(context.seed, 'freight companies');
  const share = middling(1240, context.scale) / (HAULIERS * context.scale);
  const list: FreightCompany[] = [];
  for (const firm of context.enterprises()) {
    if (!['G5431', 'G5822'].includes(firm.industryCode) || firm.status !== 'active' || !random.chance(share)) continue;
    const n = list.length + 1;
    // Dangerous goods need a licence that few have; the district always has some.
    const scope =
      n % 16 === 1 ? 'hazmat' : random.pick(['general', 'general', 'general', 'general', 'container', 'cold'] as const);
    list.push({
      licence: `440699${pad(n, 6)}`,
      firm,
      scope,
      vehicles: scope === 'hazmat' ? random.int(8, 60) : 1 + Math.floor(80 * random.next() ** 3),
    });
  }
  return list;
});
