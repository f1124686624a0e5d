import { RESERVED_WORDS, SHARED_COLUMNS, SYSTEM_COLUMNS } from '../../layers/reserved-words.ts';

const LONGEST = 40;

/**
 * Field ids (snake_case ASCII, unique, no reserved word, no system column) for the columns of a file, in their order.
 * What cannot be spelt in ASCII becomes `field_<n>`; the title keeps the column's own name.
 */
export function fieldNames(columns: readonly string[]): string[] {
  const taken = new Set<string>();
  return columns.map((column, i) => {
    const base = snakeCase(column) || `field_${i + 1}`;
    const isReserved = RESERVED_WORDS.has(base) || SYSTEM_COLUMNS.has(base) || SHARED_COLUMNS.has(base);
    let name = isReserved ? `${base}_value` : base;
    for (let n = 2; taken.has(name); n += 1) name = `${base}_${n}`;
    taken.add(name);
    return name;
  });
}

/** Id of a user layer from a file name or title: `user_<slug>`. */
export function userLayerId(text: string): string {
  return `user_${snakeCase(text) || `layer_${hash(text)}`}`;
}

function snakeCase(text: string): string {
  const plain = text
    .normalize('NFKD')
    .replaceAll(/\p{Diacritic}/gu, '')
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .slice(0, LONGEST)
    .replaceAll(/^_+|_+$/g, '');
  // Too little of the name is left to tell it by.
  const isMostlyLost = plain.replaceAll('_', '').length < text.replaceAll(/[\s\p{P}]/gu, '').length / 3;
  if (plain === '' || isMostlyLost) return '';
  return /^[a-z]/.test(plain) ? plain : `f_${plain}`;
}

function hash(text: string): string {
  let value = 2_166_136_261;
  for (const char of text) value = Math.imul(value ^ (char.codePointAt(0) as number), 16_777_619);
  return (value >>> 0).toString(36);
}
