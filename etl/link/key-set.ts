import { hashKey, keyHash } from './key-hash.ts';

/** Bits of `a` that go into a feature id, see `hashedFid`. */
const FID_BITS = 0xfffff;

/**
 * A set of texts that keeps 96 bits of hash of each instead of the text: 20 bytes a key, and no string is held. Two
 * different keys among 10 million are taken for one with a chance below 10^-15.
 */
export class KeySet {
  /** Keys in the set; the next one gets this number. */
  size = 0;
  /** True when the key added last has the feature id of another key. */
  collided = false;
  private slots: Int32Array;
  private hashes: Uint32Array;

  constructor(expected = 1024) {
    this.slots = new Int32Array(tableSize(expected)).fill(-1);
    this.hashes = new Uint32Array(Math.max(16, expected) * 3);
  }

  /** Adds a key. Returns its number from 0, or -1 when it was there already. */
  add(key: string): number {
    if ((this.size + 1) * 2 > this.slots.length) this.grow();
    hashKey(key);
    const { a, b, c } = keyHash;
    const slot = this.find(a, b, c);
    if (this.slots[slot] !== -1) return -1;
    if ((this.size + 1) * 3 > this.hashes.length) {
      const larger = new Uint32Array(this.hashes.length * 2);
      larger.set(this.hashes);
      this.hashes = larger;
    }
    this.hashes[this.size * 3] = a;
    this.hashes[this.size * 3 + 1] = b;
    this.hashes[this.size * 3 + 2] = c;
    this.slots[slot] = this.size;
    this.size += 1;
    return this.size - 1;
  }

  /** Number of a key, or -1. */
  indexOf(key: string): number {
    hashKey(key);
    return this.slots[this.find(keyHash.a, keyHash.b, keyHash.c)] as number;
  }

  has(key: string): boolean {
    return this.indexOf(key) !== -1;
  }

  private find(a: number, b: number, c: number): number {
    const mask = this.slots.length - 1;
    // By `b`, which is part of the feature id: keys with the same id then meet on the way.
    let slot = b & mask;
    this.collided = false;
    for (;;) {
      const index = this.slots[slot] as number;
      if (index === -1) return slot;
      if (this.hashes[index * 3 + 1] === b) {
        const other = this.hashes[index * 3] as number;
        if (other === a && this.hashes[index * 3 + 2] === c) return slot;
        if ((other & FID_BITS) === (a & FID_BITS)) this.collided = true;
      }
      slot = (slot + 1) & mask;
    }
  }

  private grow(): void {
    this.slots = new Int32Array(this.slots.length * 2).fill(-1);
    const mask = this.slots.length - 1;
    for (let index = 0; index < this.size; index += 1) {
      let slot = (this.hashes[index * 3 + 1] as number) & mask;
      while (this.slots[slot] !== -1) slot = (slot + 1) & mask;
      this.slots[slot] = index;
    }
  }
}

function tableSize(expected: number): number {
  let size = 1024;
  while (size < expected * 2) size *= 2;
  return size;
}
