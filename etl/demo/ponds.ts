import type { Block, District } from './district.ts';
import { extentAlong } from './land.ts';
import { type Point, isInside, segmentDistance } from './plane.ts';
import { createRandom } from './random.ts';

/** Water inside a block: a fish pond or a park lake. */
export interface Pond {
  block: number;
  kind: 'fish' | 'lake' | 'village';
  outline: Point[];
}

/** Rectangular fish ponds side by side with dikes between, lakes in parks, and a pond in front of some villages. */
export function drawPonds(district: District): Pond[] {
  return district.blocks.flatMap((block, index): Pond[] => {
    const random = createRandom(440604, `ponds ${index}`);
    if (block.use === 'pond') return fishPonds(block, index, random);
    if (block.use === 'park' && block.area > 9000) {
      const lake = blob(block, Math.sqrt(block.area) * random.between(0.24, 0.34), random);
      return lake ? [{ block: index, kind: 'lake', outline: lake }] : [];
    }
    if (block.use === 'village' && block.area > 5000 && random.chance(0.16)) {
      const pond = blob(block, Math.sqrt(block.area) * random.between(0.14, 0.22), random);
      return pond ? [{ block: index, kind: 'village', outline: pond }] : [];
    }
    return [];
  });
}

const SIZES = [
  [1, 1],
  [0.6, 1],
  [0.5, 0.55],
] as const;

/** A rectangle along the grain of a block, from its corner `u`, `v`. */
function corners(block: Block, u: number, v: number, length: number, depth: number): Point[] {
  const cos = Math.cos(block.angle);
  const sin = Math.sin(block.angle);
  return [
    [u, v],
    [u + length, v],
    [u + length, v + depth],
    [u, v + depth],
  ].map(([p = 0, q = 0]): Point => [p * cos - q * sin, p * sin + q * cos]);
}

function fishPonds(block: Block, index: number, random: ReturnType<typeof createRandom>): Pond[] {
  const out: Pond[] = [];
  const [minU, minV, maxU, maxV] = extentAlong(block.ring, block.angle);
  const long = random.between(85, 140);
  const wide = random.between(44, 72);
  const dike = random.between(5, 8);
  for (let v = minV + dike; v < maxV;) {
    let stood = 0;
    for (let u = minU + dike; u < maxU;) {
      // Ponds at the block's edge are cut short rather than left out.
      const size = SIZES.find(([l, w]) => keepsClear(corners(block, u, v, l * long, w * wide), block, 3));
      if (!size) {
        u += 6;
        continue;
      }
      const length = size[0] * long;
      const depth = size[1] * wide;
      if (!random.chance(0.04)) {
        const outline = corners(block, u, v, length, depth).map(([x, y]): Point => [
          x + random.between(-1.5, 1.5),
          y + random.between(-1.5, 1.5),
        ]);
        out.push({ block: index, kind: 'fish', outline });
      }
      stood = Math.max(stood, depth);
      u += length + dike;
    }
    v += stood > 0 ? stood + dike : 6;
  }
  return out;
}

function blob(block: Block, radius: number, random: ReturnType<typeof createRandom>): Point[] | null {
  const phases = [random.between(0, 6.28), random.between(0, 6.28), random.between(0, 6.28)] as const;
  const stretch = random.between(0.65, 1);
  for (let r = radius; r > 12; r *= 0.8) {
    const outline = Array.from({ length: 28 }, (_, i): Point => {
      const a = (i / 28) * 2 * Math.PI;
      const swing =
        1 +
        0.16 * Math.sin(2 * a + phases[0]) +
        0.12 * Math.sin(3 * a + phases[1]) +
        0.06 * Math.sin(5 * a + phases[2]);
      const x = r * swing * Math.cos(a);
      const y = r * swing * Math.sin(a) * stretch;
      return [
        block.inner[0] + x * Math.cos(block.angle) - y * Math.sin(block.angle),
        block.inner[1] + x * Math.sin(block.angle) + y * Math.cos(block.angle),
      ];
    });
    if (keepsClear(outline, block, 8)) return outline;
  }
  return null;
}

function keepsClear(outline: readonly Point[], block: Block, margin: number): boolean {
  return outline.every(([x, y], i) => {
    if (!isInside(block.ring, x, y)) return false;
    const b = outline[(i + 1) % outline.length] as Point;
    for (let k = 0; k < block.ring.length; k++) {
      const p = block.ring[k] as Point;
      const q = block.ring[(k + 1) % block.ring.length] as Point;
      if (segmentDistance(x, y, p, q) < (block.setback[k] as number) + margin) return false;
      if (segmentDistance(p[0], p[1], [x, y], b) < margin) return false;
    }
    return true;
  });
}
