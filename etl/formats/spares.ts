/** New memory comes in multiples of this, bytes: so that what one piece of a file needed fits the next. */
const STEP = 1 << 16;
/** How much larger than what is needed memory may be. */
const LARGEST = 4;

/**
 * Memory of arrays that nobody needs any more. Pieces of a file are alike: those that were dealt with give the next theirs. New memory for
 * each would have to be cleared, and be found again by the garbage collector, which goes over everything else for it.
 */
export class Spares {
  private readonly buffers: ArrayBuffer[] = [];

  /** Memory of at least as many bytes, whatever is in it. */
  take(bytes: number): ArrayBuffer {
    if (bytes === 0) return new ArrayBuffer(0);
    const { buffers } = this;
    let best = -1;
    for (let i = 0; i < buffers.length; i += 1) {
      const { byteLength } = buffers[i] as ArrayBuffer;
      if (byteLength < bytes || byteLength > Math.max(bytes, STEP) * LARGEST) continue;
      if (best < 0 || byteLength < (buffers[best] as ArrayBuffer).byteLength) best = i;
    }
    if (best < 0) return new ArrayBuffer(Math.ceil(bytes / STEP) * STEP);
    return buffers.splice(best, 1)[0] as ArrayBuffer;
  }

  /** Numbers that are whatever was there before. */
  words(count: number): Uint32Array<ArrayBuffer> {
    return new Uint32Array(this.take(count * 4), 0, count);
  }

  give(buffer: ArrayBuffer): void {
    if (buffer.byteLength > 0) this.buffers.push(buffer);
  }
}
