import type { NumberFormat } from '../../layers/define.ts';
import { daysInMonth } from '../../server/db/copy-binary.ts';
import type { ByteTest } from './byte-pattern.ts';

const ID_WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const ID_CHECKS = Buffer.from('10X98765432');

/** The check digits of a number that stands in bytes: true only when they are right. */
export function byteChecksum(format: NumberFormat): ByteTest {
  return format === 'resident_id' ? isResidentId : isUscc;
}

function isResidentId(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start !== 18) return false;
  let sum = 0;
  for (let i = 0; i < 17; i += 1) {
    const digit = (bytes[start + i] as number) - 48;
    if (digit < 0 || digit > 9) return false;
    sum += digit * (ID_WEIGHTS[i] as number);
  }
  if (bytes[start + 17] !== ID_CHECKS[sum % 11]) return false;
  const year = pair(bytes, start + 6) * 100 + pair(bytes, start + 8);
  const month = pair(bytes, start + 10);
  const day = pair(bytes, start + 12);
  return year > 1800 && month >= 1 && month <= 12 && day >= 1 && (day <= 28 || day <= daysInMonth(year, month));
}

function pair(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) - 48) * 10 + (bytes[at + 1] as number) - 48;
}

/** Values of the 31 characters of a credit code, and of the 36 of an organisation code; 255 for others. */
const USCC_VALUES = values('0123456789ABCDEFGHJKLMNPQRTUWXY');
const ORGANISATION_VALUES = values('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ');
const USCC_CHARACTERS = Buffer.from('0123456789ABCDEFGHJKLMNPQRTUWXY');
const USCC_WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
const ORGANISATION_WEIGHTS = [3, 7, 9, 10, 5, 8, 4, 2];

function isUscc(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start !== 18) return false;
  let sum = 0;
  for (let i = 0; i < 17; i += 1) {
    const value = USCC_VALUES[bytes[start + i] as number] as number;
    if (value === 255) return false;
    sum += value * (USCC_WEIGHTS[i] as number);
  }
  if (bytes[start + 17] !== USCC_CHARACTERS[(31 - (sum % 31)) % 31]) return false;
  let organisation = 0;
  for (let i = 0; i < 8; i += 1) {
    organisation +=
      (ORGANISATION_VALUES[bytes[start + 8 + i] as number] as number) * (ORGANISATION_WEIGHTS[i] as number);
  }
  const check = 11 - (organisation % 11);
  // 10 is X, 11 is 0.
  return bytes[start + 16] === (check === 10 ? 88 : check === 11 ? 48 : 48 + check);
}

function values(alphabet: string): Uint8Array {
  const table = new Uint8Array(256).fill(255);
  for (let i = 0; i < alphabet.length; i += 1) table[alphabet.charCodeAt(i)] = i;
  return table;
}
