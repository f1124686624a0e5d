import type { KeySet } from './key-set.ts';

/** Where a feature lies, in the form in which it is stored. */
export interface Position {
  /** WGS 84 degrees. */
  lon: number;
  lat: number;
  /** H3 cell at resolution 12, as two unsigned 32-bit halves. */
  h3High: number;
  h3Low: number;
  /** Index of the grid cell in the mesh, or -1. */
  cell: number;
}

/** Places of a layer's features by their key, for rows that are placed by link. Some 36 bytes a feature, and its key. */
export class PlaceIndex {
  readonly keys: KeySet;
  private numbers: Float64Array;
  private cells: Int32Array;

  /** @param keys the keys of the features: those of the load that fills the index, or a set of its own */
  constructor(keys: KeySet, expected = 1024) {
    this.keys = keys;
    this.numbers = new Float64Array(Math.max(16, expected) * 4);
    this.cells = new Int32Array(Math.max(16, expected));
  }

  get size(): number {
    return this.keys.size;
  }

  /** Adds a feature; `position` is null for one that is itself unlocated. A known key is left as it is. */
  add(key: string, position: Position | null): void {
    const index = this.keys.add(key);
    if (index >= 0) this.set(index, position);
  }

  /** Changes the place of a known feature. */
  move(key: string, position: Position | null): void {
    const index = this.keys.indexOf(key);
    if (index >= 0) this.set(index, position);
  }

  /** Sets the place of the feature whose key has this number in `keys`. */
  set(index: number, position: Position | null): void {
    if (index >= this.cells.length) {
      const cells = new Int32Array(this.cells.length * 2);
      cells.set(this.cells);
      this.cells = cells;
      const numbers = new Float64Array(this.numbers.length * 2);
      numbers.set(this.numbers);
      this.numbers = numbers;
    }
    this.numbers[index * 4] = position ? position.lon : Number.NaN;
    if (!position) return;
    this.numbers[index * 4 + 1] = position.lat;
    this.numbers[index * 4 + 2] = position.h3High;
    this.numbers[index * 4 + 3] = position.h3Low;
    this.cells[index] = position.cell;
  }

  /** Writes the place of `key` into `target`. False when the key is unknown or its feature unlocated. */
  find(key: string, target: Position): boolean {
    return this.read(this.keys.indexOf(key), target);
  }

  /** The same for a key of which only the hashes are at hand. */
  findHash(a: number, b: number, c: number, target: Position): boolean {
    return this.read(this.keys.indexOfHash(a, b, c), target);
  }

  private read(index: number, target: Position): boolean {
    if (index < 0 || index >= this.cells.length) return false;
    const lon = this.numbers[index * 4] as number;
    if (Number.isNaN(lon)) return false;
    target.lon = lon;
    target.lat = this.numbers[index * 4 + 1] as number;
    target.h3High = this.numbers[index * 4 + 2] as number;
    target.h3Low = this.numbers[index * 4 + 3] as number;
    target.cell = this.cells[index] as number;
    return true;
  }
}
