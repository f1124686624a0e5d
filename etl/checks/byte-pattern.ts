/** Tests a field that stands in bytes. */
export type ByteTest = (bytes: Uint8Array, start: number, end: number) => boolean;

/** Some bytes of a class, `least` to `most` times. */
interface Item {
  /** 1 for each of the 128 ASCII characters that belong to the class. */
  members: Uint8Array;
  least: number;
  most: number;
}

/**
 * The test for whole texts that a regular expression describes, without the expression: `^P\d{9}$`, `[A-T]\d{2,4}` and what
 * else is a row of ASCII characters and classes with counts. A text beyond ASCII never passes.
 * @returns null for expressions of another form, and where a class could take what belongs to the next
 */
export function compileBytePattern(pattern: string): ByteTest | null {
  const items = parse(pattern.replace(/^\^/, '').replace(/(?<!\\)\$$/, ''));
  if (!items) return null;
  for (const [index, item] of items.entries()) {
    if (item.least === item.most) continue;
    // Taking as much as there is, is right only where what follows cannot begin with the same character.
    for (const next of items.slice(index + 1)) {
      if (next.members.some((member, code) => member === 1 && item.members[code] === 1)) return null;
      if (next.least > 0) break;
    }
  }
  return positionTest(items) ?? itemTest(items);
}

/** Longest text that is tested position by position. */
const LONGEST = 64;
/** Classes that a byte of the table has bits for. */
const CLASSES = 8;

/**
 * The test where every position has one class, whatever the text: nothing but the last item varies in its count. Null for other
 * patterns.
 */
function positionTest(items: readonly Item[]): ByteTest | null {
  const last = items.at(-1);
  if (!last || items.slice(0, -1).some(({ least, most }) => least !== most)) return null;
  const most = items.reduce((sum, item) => sum + item.most, 0);
  if (most > LONGEST) return null;
  const least = most - last.most + last.least;
  /** Classes by their members, one bit each. */
  const bits = new Map<string, number>();
  /** Bits of the classes to which each byte belongs. */
  const classes = new Uint8Array(256);
  /** Bit of the class that each position wants. */
  const wanted = new Uint8Array(LONGEST);
  let length = 0;
  for (const { members, most: count } of items) {
    const name = String(members);
    const bit = bits.get(name) ?? 1 << bits.size;
    if (!bits.has(name)) {
      if (bits.size === CLASSES) return null;
      bits.set(name, bit);
      for (let byte = 0; byte < 256; byte += 1)
        if (members[byte] === 1) classes[byte] = (classes[byte] as number) | bit;
    }
    wanted.fill(bit, length, length + count);
    length += count;
  }
  return (bytes, start, end) => {
    const size = end - start;
    if (size < least || size > most) return false;
    for (let i = 0; i < size; i += 1) {
      if (((classes[bytes[start + i] as number] as number) & (wanted[i] as number)) === 0) return false;
    }
    return true;
  };
}

/** The test of any pattern. */
function itemTest(items: readonly Item[]): ByteTest {
  return (bytes, start, end) => {
    let at = start;
    for (let i = 0; i < items.length; i += 1) {
      const { members, least, most } = items[i] as Item;
      const from = at;
      const stop = Math.min(end, from + most);
      while (at < stop && members[bytes[at] as number] === 1) at += 1;
      if (at - from < least) return false;
    }
    return at === end;
  };
}

function parse(pattern: string): Item[] | null {
  const items: Item[] = [];
  for (let at = 0; at < pattern.length;) {
    // `members` has 256 places so that a byte beyond ASCII reads 0 instead of undefined.
    const members = new Uint8Array(256);
    const char = pattern[at] as string;
    if (char === '[') {
      const close = pattern.indexOf(']', at + 1);
      const inner = pattern.slice(at + 1, close);
      if (close < 0 || !addClass(inner, members)) return null;
      at = close + 1;
    } else if (char === '\\') {
      const escaped = pattern[at + 1];
      if (escaped === 'd') addRange(members, 48, 57);
      else if (escaped !== undefined && /[.\-/\\[\]()+*?^$|{}]/.test(escaped)) members[escaped.charCodeAt(0)] = 1;
      else return null;
      at += 2;
    } else if (/[A-Za-z0-9_ \-/:#,;@%&=~]/.test(char)) {
      members[char.charCodeAt(0)] = 1;
      at += 1;
    } else {
      return null;
    }
    const count = /^(?:\{(\d+)(?:(,)(\d*))?\}|([?+*]))(\??)/.exec(pattern.slice(at));
    let [least, most] = [1, 1];
    if (count) {
      if (count[5] === '?') return null;
      const sign = count[4];
      if (sign) [least, most] = sign === '?' ? [0, 1] : [sign === '+' ? 1 : 0, Number.MAX_SAFE_INTEGER];
      else {
        least = Number(count[1]);
        most = count[2] === undefined ? least : count[3] === '' ? Number.MAX_SAFE_INTEGER : Number(count[3]);
      }
      at += count[0].length;
    }
    items.push({ members, least, most });
  }
  return items;
}

function addClass(inner: string, members: Uint8Array): boolean {
  if (inner === '' || inner.startsWith('^')) return false;
  for (let i = 0; i < inner.length; i += 1) {
    const char = inner[i] as string;
    if (char === '\\') {
      if (inner[i + 1] !== 'd') return false;
      addRange(members, 48, 57);
      i += 1;
    } else if (inner[i + 1] === '-' && i + 2 < inner.length) {
      const [from, to] = [char.charCodeAt(0), inner.charCodeAt(i + 2)];
      if (from > 127 || to > 127 || inner[i + 2] === '\\') return false;
      addRange(members, from, to);
      i += 2;
    } else {
      if (char.charCodeAt(0) > 127) return false;
      members[char.charCodeAt(0)] = 1;
    }
  }
  return true;
}

function addRange(members: Uint8Array, from: number, to: number): void {
  members.fill(1, from, to + 1);
}
