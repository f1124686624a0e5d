import type { Building } from '../buildings.ts';
import type { Context } from '../context.ts';
import type { Block } from '../district.ts';
import type { Point } from '../plane.ts';
import type { Random } from '../random.ts';

/** Layers of a few thousand rows shrink with the root of the scale: a small district still shows them. */
export function middling(full: number, scale: number): number {
  return Math.round(full * Math.sqrt(scale));
}

/** 祖庙 of 祖庙社区. */
export function stemOf(context: Context, block: Block): string {
  return (context.district.communities[block.community]?.name ?? '').replace(/(社区|村)$/, '');
}

/**
 * Places for public facilities: blocks of fitting use, spread by people rather than by ground, far from each other.
 * Each is near the middle of its block.
 */
export function siteNear(
  context: Context,
  count: number,
  test: (block: Block) => boolean,
  random: Random,
): { at: Point; block: Block }[] {
  const found = context.district.blocks.filter((block) => block.use !== 'water' && test(block));
  const chosen: Block[] = [];
  const pull = (block: Block): number =>
    ({ 祖庙街道: 2.4, 石湾镇街道: 1.6, 张槎街道: 1.3 })[context.district.towns[block.town]?.name ?? ''] ?? 0.75;
  while (chosen.length < Math.min(count, found.length)) {
    let best: Block | undefined;
    let distance = -1;
    for (let attempt = 0; attempt < 14; attempt++) {
      const block = random.pick(found);
      if (chosen.includes(block)) continue;
      let near = Infinity;
      for (const other of chosen)
        near = Math.min(near, Math.hypot(other.inner[0] - block.inner[0], other.inner[1] - block.inner[1]));
      const score = Math.min(near, 9000) * pull(block);
      if (score > distance) {
        distance = score;
        best = block;
      }
    }
    if (best) chosen.push(best);
  }
  return chosen.map((block) => {
    const at: Point = [block.inner[0] + random.between(-6, 6), block.inner[1] + random.between(-6, 6)];
    // A narrow block at the border may have less than that around its middle.
    return { block, at: context.isInDistrict(at) ? at : block.inner };
  });
}

/** Buildings drawn with a weight, again and again. */
export function buildingsWhere(
  context: Context,
  weight: (building: Building) => number,
): { list: Building[]; weights: number[] } {
  const list = context.buildings.filter((building) => weight(building) > 0);
  return { list, weights: list.map(weight) };
}
