/** Bits that are set in a word. */
function ones(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** Bits that are set of rows `[from, to)`. */
export function countBits(bits: Int32Array, from: number, to: number): number {
  if (from >= to) return 0;
  const [first, last] = [from >>> 5, (to - 1) >>> 5];
  const [head, tail] = [-1 << (from & 31), -1 >>> (31 - ((to - 1) & 31))];
  if (first === last) return ones((bits[first] as number) & head & tail);
  let count = ones((bits[first] as number) & head) + ones((bits[last] as number) & tail);
  for (let word = first + 1; word < last; word++) count += ones(bits[word] as number);
  return count;
}
