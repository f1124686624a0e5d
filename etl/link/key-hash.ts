/** Three 32-bit hashes of a text, filled by `hashKey`. One object is reused: millions of keys are hashed per load. */
export const keyHash = { a: 0, b: 0, c: 0 };

/** A text whose hash is begun, to be gone on with by what follows it. */
export interface HashBegun {
  a: number;
  b: number;
  c: number;
}

const NOTHING: HashBegun = { a: 0xdeadbeef, b: 0x41c6ce57, c: 0x9e3779b9 };

/** Hashes a text into `keyHash`: three multiplicative mixes of its UTF-16 units with different primes (as cyrb53 does). */
export function hashKey(text: string): void {
  hashRest(NOTHING, text);
}

/** Begins the hash of texts that begin alike. */
export function beginHash(text: string): HashBegun {
  const begun = { ...NOTHING };
  mix(begun, text);
  return begun;
}

/** Hashes what was begun and goes on with a text into `keyHash`: what `hashKey` makes of both together. */
export function hashRest(begun: HashBegun, rest: string): void {
  let { a, b, c } = begun;
  for (let i = 0; i < rest.length; i += 1) {
    const unit = rest.charCodeAt(i);
    a = Math.imul(a ^ unit, 2654435761);
    b = Math.imul(b ^ unit, 1597334677);
    c = Math.imul(c ^ unit, 2246822519);
  }
  finish(a, b, c);
}

function mix(hash: HashBegun, text: string): void {
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    hash.a = Math.imul(hash.a ^ unit, 2654435761);
    hash.b = Math.imul(hash.b ^ unit, 1597334677);
    hash.c = Math.imul(hash.c ^ unit, 2246822519);
  }
}

/** What `hashKey` makes of a text that stands in bytes. Only for ASCII: what is not hashes differently. */
export function hashAscii(bytes: Uint8Array, start: number, end: number): void {
  hashAsciiRest(NOTHING, bytes, start, end);
}

/** The same as `hashRest` for what stands in bytes. Only for ASCII. */
export function hashAsciiRest(begun: HashBegun, bytes: Uint8Array, start: number, end: number): void {
  let { a, b, c } = begun;
  for (let i = start; i < end; i += 1) {
    const unit = bytes[i] as number;
    a = Math.imul(a ^ unit, 2654435761);
    b = Math.imul(b ^ unit, 1597334677);
    c = Math.imul(c ^ unit, 2246822519);
  }
  finish(a, b, c);
}

function finish(first: number, second: number, third: number): void {
  const a = Math.imul(first ^ (first >>> 16), 2246822507) ^ Math.imul(second ^ (second >>> 13), 3266489909);
  const b = Math.imul(second ^ (second >>> 16), 2246822507) ^ Math.imul(third ^ (third >>> 13), 3266489909);
  const c = Math.imul(third ^ (third >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  keyHash.a = a >>> 0;
  keyHash.b = b >>> 0;
  keyHash.c = c >>> 0;
}

/** A feature id from the hash of its source id: 1 .. 2^52-1, exact in a double, the same in every load. */
export function hashedFid(): number {
  return (keyHash.a & 0xfffff) * 0x1_0000_0000 + keyHash.b || 1;
}
