import type { Context } from '../context.ts';
import type { Block } from '../district.ts';
import { type Point, boundsOf, isInside } from '../plane.ts';
import type { Random } from '../random.ts';

/** Division code of the community a block lies in. */
export function communityCode(context: Context, block: Block): string {
  return context.district.communities[block.community]?.code ?? '';
}

export function townOf(context: Context, block: Block): string {
  return context.district.towns[block.town]?.name ?? '';
}

/** One decimal. */
export function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Every so many blocks of a use, spread evenly over the district. */
export function everyFew(
  context: Context,
  wanted: number,
  test: (block: Block) => boolean,
): { block: Block; index: number }[] {
  const found = context.district.blocks.flatMap((block, index) => (test(block) ? [{ block, index }] : []));
  if (found.length <= wanted) return found;
  return Array.from(
    { length: wanted },
    (_, i) => found[Math.floor(((i + 0.5) * found.length) / wanted)] as { block: Block; index: number },
  );
}

/** A point somewhere in a block. */
export function pointIn(block: Block, random: Random): Point {
  const [minX, minY, maxX, maxY] = boundsOf(block.ring);
  for (let attempt = 0; attempt < 20; attempt++) {
    const at: Point = [random.between(minX, maxX), random.between(minY, maxY)];
    if (isInside(block.ring, at[0], at[1])) return at;
  }
  return block.inner;
}
