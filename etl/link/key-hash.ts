/** Three 32-bit hashes of a text, filled by `hashKey`. One object is reused: millions of keys are hashed per load. */
export const keyHash = { a: 0, b: 0, c: 0 };

/** Hashes a text into `keyHash`: three multiplicative mixes of its UTF-16 units with different primes (as cyrb53 does). */
export function hashKey(text: string): void {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  let c = 0x9e3779b9;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 2654435761);
    b = Math.imul(b ^ unit, 1597334677);
    c = Math.imul(c ^ unit, 2246822519);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(c ^ (c >>> 13), 3266489909);
  c = Math.imul(c ^ (c >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  keyHash.a = a >>> 0;
  keyHash.b = b >>> 0;
  keyHash.c = c >>> 0;
}

/** A feature id from the hash of its source id: 1 .. 2^52-1, exact in a double, the same in every load. */
export function hashedFid(): number {
  return (keyHash.a & 0xfffff) * 0x1_0000_0000 + keyHash.b || 1;
}
