import type { Context } from './context.ts';
import { oncePerDistrict } from './once.ts';
import type { Point } from './plane.ts';
import { createRandom } from './random.ts';
import { type Reach, alongReaches, onBank, reachesOf } from './reaches.ts';

export interface Sluice {
  name: string;
  at: Point;
  reach: Reach;
  /** Closes a creek against its river. */
  isMouth: boolean;
  builtYear: number;
}

export interface PumpStation {
  no: string;
  name: string;
  at: Point;
  reach: Reach;
  isMouth: boolean;
  units: number;
  /** m³/s */
  flow: number;
  builtYear: number;
}

/** The bank on the district's side of a great river is the one nearer to the district's middle. */
function landSide(reach: Reach, share: number): 'left' | 'right' {
  const [left, right] = [onBank(reach, share, 'left', 0), onBank(reach, share, 'right', 0)];
  return Math.hypot(left[0], left[1]) < Math.hypot(right[0], right[1]) ? 'left' : 'right';
}

/** A name nobody else has yet. */
function distinct(taken: Set<string>, name: string): string {
  let free = name;
  for (let n = 2; taken.has(free); n++) free = name.replace(/(水闸|泵站|节制闸|排水闸)$/, `第${n}$1`);
  taken.add(free);
  return free;
}

export const sluices = oncePerDistrict((context: Context): Sluice[] => {
  const random = createRandom(440604, 'sluices');
  const taken = new Set<string>();
  const list: Sluice[] = [];
  for (const reach of reachesOf(context)) {
    for (const at of reach.mouths) {
      list.push({
        name: distinct(taken, `${reach.river}口水闸`),
        at,
        reach,
        isMouth: true,
        builtYear: random.int(1974, 2012),
      });
    }
  }
  for (const { reach, share } of alongReaches(context, 112 - list.length, (r) => r.kind === 'creek')) {
    const at = reach.line[Math.floor(share * (reach.line.length - 1))] as Point;
    const name = distinct(taken, `${reach.stem}${random.pick(['水闸', '节制闸', '排水闸'])}`);
    list.push({ name, at, reach, isMouth: false, builtYear: random.int(1982, 2022) });
  }
  return list;
});

/** Beside the sluice of each creek mouth, where the creek is pumped over into the river, and along the creeks and dikes. */
export const pumpStations = oncePerDistrict((context: Context): PumpStation[] => {
  const random = createRandom(440604, 'pump stations');
  const taken = new Set<string>();
  const list: PumpStation[] = [];
  const add = (name: string, at: Point, reach: Reach, isMouth: boolean): void => {
    const units = isMouth ? random.int(4, 9) : random.int(2, 5);
    list.push({
      no: `BZ${String(list.length + 1).padStart(3, '0')}`,
      name: distinct(taken, name),
      at,
      reach,
      isMouth,
      units,
      flow: Math.round(units * (isMouth ? random.between(4.5, 11) : random.between(0.8, 3.2)) * 10) / 10,
      builtYear: random.int(1986, 2024),
    });
  };
  for (const reach of reachesOf(context)) {
    for (const mouth of reach.mouths) {
      const share = mouth === reach.line[0] ? 0.02 : 0.98;
      add(`${reach.river}口泵站`, onBank(reach, share, 'left', 14), reach, true);
    }
  }
  for (const { reach, share } of alongReaches(context, 86 - list.length, (r) => r.kind === 'creek' || r.width > 100)) {
    add(
      `${reach.stem}${reach.kind === 'river' ? '电排' : ''}泵站`,
      onBank(reach, share, landSide(reach, share), 12),
      reach,
      false,
    );
  }
  return list;
});
