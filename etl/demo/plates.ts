import type { Random } from './random.ts';

/** A number plate nobody has: the letters I and O are never given out. */
export function makePlate(random: Random): string {
  return `粤E${random.pick(['I', 'O'])}${String(random.int(0, 9999)).padStart(4, '0')}`;
}
