import { pad, type Context } from './context.ts';
import type { Enterprise } from './enterprises.ts';
import { oncePerDistrict } from './once.ts';
import { createRandom } from './random.ts';
import { middling } from './themes/sites.ts';

export interface Polluter {
  no: string;
  firm: Enterprise;
  kind: 'air' | 'water' | 'solid' | 'noise';
  risk: 'major' | 'considerable' | 'general';
  /** Index of the micro-grid. */
  grid: number;
}

/** What a trade gives off: kilns and furnaces smoke, dye works and kitchens drain, presses are loud. */
const KINDS: Record<string, readonly Polluter['kind'][]> = {
  C3071: ['air', 'air', 'air', 'solid'],
  C3072: ['air', 'air', 'water', 'solid'],
  C1761: ['water', 'water', 'water', 'air'],
  C1821: ['water', 'noise', 'air'],
  C3311: ['solid', 'water', 'air', 'noise'],
  C3820: ['air', 'solid', 'noise'],
  C3525: ['noise', 'solid', 'noise'],
  O8111: ['solid', 'air', 'noise'],
};
const SMALL: readonly Polluter['kind'][] = ['water', 'air', 'noise'];

/** Firms of the trade register that give off something: factories, kitchens, garages and depots. */
export const pollutersOf = oncePerDistrict((context: Context): Polluter[] => {
  const random = createRandom(context.seed, 'pollution');
  const share = middling(6400, context.scale) / (280_000 * context.scale * 0.325);
  const list: Polluter[] = [];
  for (const firm of context.enterprises()) {
    if (!['C', 'H', 'G', 'O'].includes(firm.section) || !random.chance(share)) continue;
    const isFactory = firm.section === 'C';
    const draw = random.next();
    list.push({
      no: `WR${pad(list.length + 1, 6)}`,
      firm,
      kind: random.pick(KINDS[firm.industryCode] ?? SMALL),
      risk: draw < (isFactory ? 0.06 : 0.003) ? 'major' : draw < (isFactory ? 0.34 : 0.09) ? 'considerable' : 'general',
      grid: context.blockOf(firm.building).grid,
    });
  }
  return list;
});

/** Those with a high risk first, each once: who is on the list of key polluters and has its outlets measured. */
export const keyPolluters = oncePerDistrict((context: Context): Polluter[] => {
  const rank = { major: 0, considerable: 1, general: 2 };
  const isCeramicsOrTextile = (polluter: Polluter): number => (/^C(30|17)/.test(polluter.firm.industryCode) ? 0 : 1);
  return pollutersOf(context)
    .filter(({ firm }) => firm.section === 'C' && firm.status === 'active')
    .toSorted((a, b) => rank[a.risk] - rank[b.risk] || isCeramicsOrTextile(a) - isCeramicsOrTextile(b))
    .slice(0, 186);
});
