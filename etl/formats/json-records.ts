/**
 * Cuts the objects out of arrays in a JSON byte stream, without holding the document in memory. An array is known by
 * its path: the member names from the outermost value to it, joined by dots; '' is an outermost array, and also what
 * stands one after the other at the outermost level (one object per line).
 */
export class RecordCutter {
  /** Objects met, by the path of their array. */
  readonly counts = new Map<string, number>();
  /** Values other than objects in arrays, by path: numbers, texts, arrays. */
  readonly others = new Map<string, number>();
  /** Objects at the outermost level. */
  roots = 0;

  private readonly containers: Container[] = [];
  private inString = false;
  private escaped = false;
  private text = '';
  private keepsText = false;
  private pieces: Buffer[] = [];
  private pieceBytes = 0;
  private isInside = false;
  private readonly wanted: string | null;
  private readonly onRecord: (json: Buffer) => void;
  private readonly maxRecord: number;

  /** @param wanted path of the array whose objects are handed over; null only counts */
  constructor(wanted: string | null, onRecord: (json: Buffer) => void, maxRecord: number) {
    this.wanted = wanted;
    this.onRecord = onRecord;
    this.maxRecord = maxRecord;
  }

  /** True when the text ended inside an object, an array or a string. */
  get isUnfinished(): boolean {
    return this.containers.length > 0 || this.inString;
  }

  /** Takes the next bytes. Throws RangeError when one record is larger than allowed. */
  push(bytes: Buffer): void {
    let start = this.isInside ? 0 : -1;
    let stringStart = 0;
    for (let i = 0; i < bytes.length; i += 1) {
      const byte = bytes[i] as number;
      if (this.inString) {
        if (this.escaped) this.escaped = false;
        else if (byte === 0x5c) this.escaped = true;
        else if (byte === 0x22) {
          this.inString = false;
          if (this.keepsText) this.text += bytes.toString('latin1', stringStart, i);
        }
        continue;
      }
      switch (byte) {
        case 0x22:
          this.inString = true;
          stringStart = i + 1;
          this.text = '';
          // Names of members matter only outside of records, where paths are made of them.
          this.keepsText = start < 0;
          this.noteValue();
          break;
        case 0x3a: {
          const top = this.containers.at(-1);
          if (top && start < 0) top.key = Buffer.from(this.text, 'latin1').toString('utf8');
          break;
        }
        case 0x7b:
          if (this.open(false) && start < 0) {
            start = i;
            this.isInside = true;
          }
          break;
        case 0x5b:
          this.open(true);
          break;
        case 0x7d:
        case 0x5d: {
          const closed = this.containers.pop();
          if (closed?.isRecord) {
            this.finish(bytes.subarray(start, i + 1));
            start = -1;
            this.isInside = false;
          }
          break;
        }
        case 0x2c: {
          const top = this.containers.at(-1);
          if (top) top.hasValue = false;
          break;
        }
        default:
          if (byte > 0x20) this.noteValue();
      }
    }
    if (this.inString && this.keepsText) this.text += bytes.toString('latin1', stringStart);
    if (start >= 0) this.carry(bytes.subarray(start));
  }

  /** Enters an object or array. True when it is a record that is wanted. */
  private open(isArray: boolean): boolean {
    const parent = this.containers.at(-1);
    const isElement = parent?.isArray === true;
    let isRecord = false;
    if (!isArray && !this.isInside) {
      if (parent === undefined) this.roots += 1;
      if ((isElement && parent.path !== null) || parent === undefined) {
        const path = parent?.path ?? '';
        if (isElement) this.counts.set(path, (this.counts.get(path) ?? 0) + 1);
        isRecord = this.wanted === path && (isElement || this.wanted === '');
      }
    } else if (isElement) this.noteValue();
    if (parent) parent.hasValue = true;
    this.containers.push({ isArray, path: this.pathOf(parent, isArray), key: '', hasValue: false, isRecord });
    return isRecord;
  }

  private pathOf(parent: Container | undefined, isArray: boolean): string | null {
    if (parent === undefined) return '';
    // What lies inside an array belongs to its records.
    if (parent.isArray || parent.path === null) return null;
    const path = parent.path === '' ? parent.key : `${parent.path}.${parent.key}`;
    return isArray || path.split('.').length < 6 ? path : null;
  }

  private noteValue(): void {
    const top = this.containers.at(-1);
    if (!top?.isArray || top.hasValue || top.path === null) return;
    top.hasValue = true;
    this.others.set(top.path, (this.others.get(top.path) ?? 0) + 1);
  }

  private finish(last: Buffer): void {
    if (this.pieces.length === 0) {
      this.onRecord(last);
      return;
    }
    const whole = Buffer.concat([...this.pieces, last]);
    this.pieces = [];
    this.pieceBytes = 0;
    this.onRecord(whole);
  }

  private carry(piece: Buffer): void {
    this.pieceBytes += piece.length;
    if (this.pieceBytes > this.maxRecord) throw new RangeError('record too large');
    this.pieces.push(Buffer.from(piece));
  }
}

interface Container {
  isArray: boolean;
  /** Null inside of arrays: no path leads there. */
  path: string | null;
  /** Name of the member that is being read. */
  key: string;
  /** An array: the current element was counted. */
  hasValue: boolean;
  isRecord: boolean;
}
