import { idCheck, organisationCheck, usccCheck } from '../checks/checksum.ts';
import type { Random } from './random.ts';

/**
 * Division of every made-up number. GB/T 2260 has no 440699, so that no number can be a real person's or company's,
 * while all check digits are right.
 */
export const SYNTHETIC_DIVISION = '440699';

/** The `n`-th made-up enterprise's unified social credit code, n below 2 x 10^8. */
export function makeUscc(n: number): string {
  const high = Math.floor(n / 1_000_000);
  const letters = `${'MABCDEFGHJKLNPQRTUWX'[high % 20]}${'ABCDEFGHJK'[Math.floor(high / 20)]}`;
  const organisation = letters + String(n % 1_000_000).padStart(6, '0');
  const first17 = `91${SYNTHETIC_DIVISION}${organisation}${organisationCheck(organisation)}`;
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
