const EMPTY = -1;

/** A set of whole numbers up to 2^53 that costs 8 to 16 bytes each. */
export class NumberSet {
  private slots = new Float64Array(1024).fill(EMPTY);
  private count = 0;

  /** True when it was not in the set. */
  add(value: number): boolean {
    let slot = this.slotOf(value);
    for (; this.slots[slot] !== EMPTY; slot = (slot + 1) & (this.slots.length - 1)) {
      if (this.slots[slot] === value) return false;
    }
    this.slots[slot] = value;
    this.count++;
    if (this.count * 2 > this.slots.length) this.grow();
    return true;
  }

  private slotOf(value: number): number {
    const high = Math.floor(value / 4_294_967_296);
    let hash = Math.imul((value >>> 0) ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b);
    hash ^= hash >>> 15;
    return hash & (this.slots.length - 1);
  }

  private grow(): void {
    const values = this.slots;
    this.slots = new Float64Array(values.length * 2).fill(EMPTY);
    for (const value of values) {
      if (value === EMPTY) continue;
      let slot = this.slotOf(value);
      while (this.slots[slot] !== EMPTY) slot = (slot + 1) & (this.slots.length - 1);
      this.slots[slot] = value;
    }
  }
}
