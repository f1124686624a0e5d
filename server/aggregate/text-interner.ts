import { shared } from './shared-table.ts';

const START_OF_TABLE = 1024;

/** Gives equal byte strings equal numbers, from 1 in the order of first sight. Reads them where they lie. */
export class TextInterner {
  private slots = new Int32Array(START_OF_TABLE);
  private readonly hashes: number[] = [0];
  private readonly texts: Buffer[] = [Buffer.alloc(0)];

  /** Number of the text in `buffer[from, to)`. */
  codeOf(buffer: Buffer, from: number, to: number): number {
    // FNV-1a
    let hash = 0x811c9dc5;
    for (let i = from; i < to; i++) hash = Math.imul(hash ^ (buffer[i] as number), 0x01000193);
    hash ^= hash >>> 15;
    const mask = this.slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const code = this.slots[slot] as number;
      if (code === 0) {
        const added = this.texts.push(Buffer.from(buffer.subarray(from, to))) - 1;
        this.hashes.push(hash);
        this.slots[slot] = added;
        if (added * 2 > this.slots.length) this.grow();
        return added;
      }
      if (this.hashes[code] === hash && this.equals(this.texts[code] as Buffer, buffer, from, to)) return code;
    }
  }

  private equals(text: Buffer, buffer: Buffer, from: number, to: number): boolean {
    if (text.length !== to - from) return false;
    for (let i = 0; i < text.length; i++) if (text[i] !== buffer[from + i]) return false;
    return true;
  }

  private grow(): void {
    this.slots = new Int32Array(this.slots.length * 2);
    const mask = this.slots.length - 1;
    for (let code = 1; code < this.texts.length; code++) {
      let slot = (this.hashes[code] as number) & mask;
      while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
      this.slots[slot] = code;
    }
  }

  /** The texts in code point order as one run of bytes with their ends, and the place of each code in that order, from 1. */
  finish(): { texts: Uint8Array; ends: Uint32Array; rank: Uint32Array } {
    const order = this.texts.map((_, code) => code).slice(1);
    order.sort((a, b) => Buffer.compare(this.texts[a] as Buffer, this.texts[b] as Buffer));
    const rank = new Uint32Array(this.texts.length);
    const ends = shared(Uint32Array, order.length);
    let size = 0;
    order.forEach((code, index) => {
      rank[code] = index + 1;
      size += (this.texts[code] as Buffer).length;
      ends[index] = size;
    });
    const texts = shared(Uint8Array, size);
    order.forEach((code, index) => texts.set(this.texts[code] as Buffer, index === 0 ? 0 : ends[index - 1]));
    return { texts, ends, rank };
  }
}
