import type { Random } from './random.ts';

/**
 * Division of every made-up number. GB/T 2260 has no 440699, so that no number can be a real person's or company's,
 * while all check digits are right.
 */
export const SYNTHETIC_DIVISION = '440699';

const USCC_ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY';
const ORGANISATION_WEIGHTS = [3, 7, 9, 10, 5, 8, 4, 2];
const ID_WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/** Check character of a unified social credit code (GB 32100-2015) from its first 17 characters. */
export function usccCheck(first17: string): string {
  let sum = 0;
  let weight = 1;
  for (const character of first17) {
    sum += USCC_ALPHABET.indexOf(character) * weight;
    weight = (weight * 3) % 31;
  }
  return USCC_ALPHABET[(31 - (sum % 31)) % 31] as string;
}

/** Check character of an organisation code (GB 11714) from its first 8 characters. */
export function organisationCheck(first8: string): string {
  let sum = 0;
  for (let i = 0; i < 8; i++) sum += Number.parseInt(first8[i] as string, 36) * (ORGANISATION_WEIGHTS[i] as number);
  const check = 11 - (sum % 11);
  return check === 10 ? 'X' : check === 11 ? '0' : String(check);
}

/** Check character of a resident identity number (GB 11643-1999) from its first 17 digits. */
export function idCheck(first17: string): string {
  let sum = 0;
  for (let i = 0; i < 17; i++) sum += Number(first17[i]) * (ID_WEIGHTS[i] as number);
  return '10X98765432'[sum % 11] as string;
}

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
