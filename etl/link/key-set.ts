import { type HashBegun, hashKey, hashRest, keyHash } from './key-hash.ts';

/** Bits of `a` that go into a feature id, see `hashedFid`. */
const FID_BITS = 0xfffff;
/** Words of a slot: the three hashes of a key and its number + 1; a number of 0 is an empty slot. */
const WORDS = 4;

/**
 * A set of texts that keeps 96 bits of hash of each instead of the text: no string is held, and a look-up touches one
 * cache line. Two different keys among 10 million are taken for one with a chance below 10^-15.
 */
export class KeySet {
  /** Keys in the set; the next one gets this number. */
  size = 0;
  /** True when the key looked up or added last has the feature id of another key. */
  collided = false;
  private slots: Uint32Array;
  private mask: number;
  private lastSlot = 0;
  /** Most keys before the table grows. */
  private limit: number;

  constructor(expected = 1024) {
    const slots = tableSize(expected);
    this.slots = new Uint32Array(slots * WORDS);
    this.mask = slots - 1;
    this.limit = Math.floor(slots * 0.7);
  }

  /** Adds a key. Returns its number from 0, or -1 when it was there already. */
  add(key: string): number {
    hashKey(key);
    return this.addHash(keyHash.a, keyHash.b, keyHash.c);
  }

  /** The same for a key of which only the hashes are at hand. */
  addHash(a: number, b: number, c: number): number {
    if (this.size >= this.limit) this.grow();
    const at = this.find(a, b, c);
    const { slots } = this;
    if (slots[at + 3] !== 0) return -1;
    slots[at] = a;
    slots[at + 1] = b;
    slots[at + 2] = c;
    this.size += 1;
    slots[at + 3] = this.size;
    this.lastSlot = at;
    return this.size - 1;
  }

  /** Number of a key, which is added when it is not there. */
  numberOf(key: string): number {
    hashKey(key);
    return this.numberOfHash(keyHash.a, keyHash.b, keyHash.c);
  }

  /** The same for a key in two parts, of which the first was hashed before. */
  numberOfRest(begun: HashBegun, rest: string): number {
    hashRest(begun, rest);
    return this.numberOfHash(keyHash.a, keyHash.b, keyHash.c);
  }

  /** The same for a key of which only the hashes are at hand. */
  numberOfHash(a: number, b: number, c: number): number {
    const added = this.addHash(a, b, c);
    return added < 0 ? this.indexOfHash(a, b, c) : added;
  }

  /** Takes back the key added last. */
  undo(): void {
    this.slots.fill(0, this.lastSlot, this.lastSlot + WORDS);
    this.size -= 1;
  }

  /** Number of a key, or -1. */
  indexOf(key: string): number {
    hashKey(key);
    return this.indexOfHash(keyHash.a, keyHash.b, keyHash.c);
  }

  /** The same for a key in two parts, of which the first was hashed before. */
  indexOfRest(begun: HashBegun, rest: string): number {
    hashRest(begun, rest);
    return this.indexOfHash(keyHash.a, keyHash.b, keyHash.c);
  }

  /** The same for a key of which only the hashes are at hand. */
  indexOfHash(a: number, b: number, c: number): number {
    return (this.slots[this.find(a, b, c) + 3] as number) - 1;
  }

  has(key: string): boolean {
    return this.indexOf(key) !== -1;
  }

  /**
   * Looks at the slots where some hashes belong, so that they are at hand when these are added or looked up one after the other:
   * the processor waits for memory once for many of them instead of once for each.
   * @param hashes words `a`, `b`, `c` of each at `from`, `from + step`, … below `to`
   * @returns nothing of use
   */
  touch(hashes: Uint32Array, from: number, to: number, step: number): number {
    const { slots, mask } = this;
    let seen = 0;
    for (let at = from + 1; at < to; at += step) seen |= slots[((hashes[at] as number) & mask) * WORDS] as number;
    return seen;
  }

  /** First word of the slot that holds the hashes, or of the empty one where they belong. */
  private find(a: number, b: number, c: number): number {
    const { slots, mask } = this;
    this.collided = false;
    // By `b`, which is part of the feature id: keys with the same id meet on the way.
    for (let slot = b & mask; ; slot = (slot + 1) & mask) {
      const at = slot * WORDS;
      if (slots[at + 3] === 0) return at;
      if (slots[at + 1] !== b) continue;
      const other = slots[at] as number;
      if (other === a && slots[at + 2] === c) return at;
      if ((other & FID_BITS) === (a & FID_BITS)) this.collided = true;
    }
  }

  private grow(): void {
    const old = this.slots;
    const slots = (this.mask + 1) * 2;
    this.slots = new Uint32Array(slots * WORDS);
    this.mask = slots - 1;
    this.limit = Math.floor(slots * 0.7);
    const larger = this.slots;
    for (let from = 0; from < old.length; from += WORDS) {
      if (old[from + 3] === 0) continue;
      // All keys differ: the first empty slot is theirs.
      let slot = (old[from + 1] as number) & this.mask;
      while (larger[slot * WORDS + 3] !== 0) slot = (slot + 1) & this.mask;
      const at = slot * WORDS;
      for (let word = 0; word < WORDS; word += 1) larger[at + word] = old[from + word] as number;
    }
  }
}

function tableSize(expected: number): number {
  let size = 1024;
  while (size * 0.65 < expected) size *= 2;
  return size;
}
