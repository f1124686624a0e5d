import { idCheck, organisationCheck, usccCheck } from '../checks/checksum.ts';
import type { Random } from './random.ts';

export { idCheck, organisationCheck, usccCheck };

/**
 * Division of every made-up number. GB/T 2260 has no 440699, so that no number can be a real person's or company's,
 * while all check digits are right.
 */
export const SYNTHETIC_DIVISION = '440699';

/**
 * The `n`-th made-up unified social credit code, n below 2 x 10^8.
 * @param kind who registers it and what it is: `91` an enterprise, `92` somebody self-employed, `51` an association, `52` a private
 *   non-enterprise unit, `53` a foundation, `N1` to `N3` a rural collective
 */
export function makeUscc(n: number, kind = '91'): string {
  const high = Math.floor(n / 1_000_000);
  const letters = `${'MABCDEFGHJKLNPQRTUWX'[high % 20]}${'ABCDEFGHJK'[Math.floor(high / 20)]}`;
  const organisation = letters + String(n % 1_000_000).padStart(6, '0');
  const first17 = `${kind}${SYNTHETIC_DIVISION}${organisation}${organisationCheck(organisation)}`;
  return first17 + usccCheck(first17);
}

/**
 * A made-up identity number.
 * @param birth `yyyymmdd`
 * @param sequence 0 to 499; odd numbers are made for men, even ones for women
 */
export function makeIdNumber(birth: string, sequence: number, isMale: boolean): string {
  const first17 = `${SYNTHETIC_DIVISION}${birth}${String(sequence * 2 + (isMale ? 1 : 0)).padStart(3, '0')}`;
  return first17 + idCheck(first17);
}

/** A mobile number nobody can have: prefixes 101 to 109 were never given out. */
export function makePhone(random: Random): string {
  return `10${random.int(1, 9)}${String(random.int(0, 99_999_999)).padStart(8, '0')}`;
}

/** A number plate nobody can have: no plate has the letters I and O. */
export function makePlate(random: Random, isElectric = false): string {
  const tail = `${random.pick(['I', 'O'])}${String(random.int(0, isElectric ? 99_999 : 9999)).padStart(isElectric ? 5 : 4, '0')}`;
  return `粤E${tail}`;
}
