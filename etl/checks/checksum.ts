import type { NumberFormat } from '../../layers/define.ts';

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

/** True when the check digits of a number fit. The division in it is not looked at: made-up numbers have one that does not exist. */
export function hasRightChecksum(format: NumberFormat, text: string): boolean {
  if (text.length !== 18) return false;
  if (format === 'resident_id') {
    return /^\d{17}[\dX]$/.test(text) && idCheck(text.slice(0, 17)) === text[17] && isBirthDate(text.slice(6, 14));
  }
  return (
    /^[0-9A-HJ-NPQRTUWXY]{18}$/.test(text) &&
    organisationCheck(text.slice(8, 16)) === text[16] &&
    usccCheck(text.slice(0, 17)) === text[17]
  );
}

function isBirthDate(text: string): boolean {
  const [year, month, day] = [Number(text.slice(0, 4)), Number(text.slice(4, 6)), Number(text.slice(6))];
  const date = new Date(Date.UTC(year, month - 1, day));
  return year > 1800 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}
