import type { Point } from '../plane.ts';
import { createRandom } from '../random.ts';

/** Kilometres east and north of a corner of the district, from degrees. */
export function kilometres([lon, lat]: Point): [number, number] {
  return [(lon - 112.97) * 102.4, (lat - 22.93) * 110.75];
}

interface Storm {
  /** Minutes after the beginning of the week at which it enters from the west. */
  start: number;
  /** Kilometres from the south at which it crosses. */
  north: number;
  /** Kilometres an hour to the east, and to the north. */
  east: number;
  drift: number;
  radius: number;
  /** mm/h in its middle. */
  peak: number;
}

/** Rain of a week: storms that move across the district from the south-west, as those of the monsoon do. */
export class Rain {
  private readonly storms: Storm[];

  constructor(seed: number, minutes: number) {
    const random = createRandom(seed, 'storms');
    this.storms = [0.18, 0.42, 0.71].map((share) => ({
      // The last one is over hours before the week ends.
      start: Math.round(minutes * (share + random.between(-0.05, 0.05))),
      north: random.between(3, 10),
      east: random.between(8, 16),
      drift: random.between(-1, 3),
      radius: random.between(3.5, 6),
      peak: random.between(25, 70),
    }));
  }

  /** Millimetres an hour at a place. */
  at(minute: number, at: Point): number {
    const [x, y] = kilometres(at);
    let sum = 0;
    for (const { start, north, east, drift, radius, peak } of this.storms) {
      const hours = (minute - start) / 60;
      if (hours < -2 || hours > 8) continue;
      const away = Math.hypot(x - (east * hours - 4), y - (north + drift * hours)) / radius;
      if (away < 3) sum += peak * Math.exp(-away * away);
    }
    return sum < 0.2 ? 0 : sum;
  }

  /** Millimetres that fell at a place in the `window` minutes before each step. */
  fallen(steps: readonly number[], window: number, at: Point): number[] {
    return steps.map((minute) => {
      let sum = 0;
      for (let m = minute - window; m < minute; m += 5) sum += this.at(m, at) / 12;
      return Math.round(sum * 10) / 10;
    });
  }

  /**
   * Millimetres that still stand, run or seep where the rain of the surroundings collects, at each step: it comes with a
   * delay and leaves slowly.
   */
  stored(steps: readonly number[], at: Point, delay: number, hours: number): number[] {
    const stored: number[] = [];
    let water = 0;
    let last = (steps[0] as number) - 240;
    for (const minute of steps) {
      for (; last < minute; last += 5) water = water * Math.exp(-5 / 60 / hours) + this.at(last - delay, at) / 12;
      stored.push(water);
    }
    return stored;
  }
}
