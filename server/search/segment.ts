/**
 * The searchable rows of one load of one layer: an inverted index in typed arrays, which are handed from thread to thread
 * without a copy. Entries stand in the order of the length of their titles: of many hits the shortest come first.
 */
export interface Segment {
  layer: string;
  load: number;
  /** Names of the fields, the title first. */
  fields: readonly string[];
  entries: number;
  /** Keys of `tokens.ts`, ascending. */
  keys: Float64Array;
  /** Entries with each key. */
  sizes: Uint32Array;
  /** Where the list of each key begins in `lists`, and the end. */
  starts: Uint32Array;
  /** Numbers of the entries, each as the difference to the one before, seven bits a byte. */
  lists: Uint8Array;
  /** Texts of the fields in UTF-8, `SEPARATOR` between them. */
  text: Uint8Array;
  textStarts: Uint32Array;
  fids: Float64Array;
  /** West, south, east, north of each entry in 1e-7 degrees; `NOWHERE` without a place. Two a point: longitude, latitude. */
  places: Int32Array;
  isPoint: boolean;
}

export const SEPARATOR = '\u0001';
export const NOWHERE = -(2 ** 31);
export const DEGREE = 1e7;

/** A row as it is read. */
export interface SearchRow {
  fid: number;
  texts: string[];
  /** Two or four degrees, or null. */
  place: number[] | null;
}

export function buffersOf(segment: Segment): ArrayBuffer[] {
  const { keys, sizes, starts, lists, text, textStarts, fids, places } = segment;
  return [keys, sizes, starts, lists, text, textStarts, fids, places].map((array) => array.buffer as ArrayBuffer);
}

export function bytesOf(segment: Segment): number {
  return buffersOf(segment).reduce((sum, { byteLength }) => sum + byteLength, 0);
}

/** The list of a key, ascending; empty where no entry has it. */
export function listOf(
  { keys, sizes, starts, lists }: Segment,
  key: number,
): { size: number; read: () => Uint32Array } {
  let low = 0;
  let high = keys.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const at = keys[middle] as number;
    if (at === key) {
      const size = sizes[middle] as number;
      return { size, read: () => decode(lists, starts[middle] as number, size) };
    }
    if (at < key) low = middle + 1;
    else high = middle - 1;
  }
  return { size: 0, read: () => new Uint32Array(0) };
}

function decode(lists: Uint8Array, start: number, size: number): Uint32Array {
  const entries = new Uint32Array(size);
  let at = start;
  let entry = 0;
  for (let index = 0; index < size; index++) {
    let byte = lists[at++] as number;
    let gap = byte & 0x7f;
    for (let shift = 7; byte >= 0x80; shift += 7) {
      byte = lists[at++] as number;
      gap |= (byte & 0x7f) << shift;
    }
    entry += gap;
    entries[index] = entry;
  }
  return entries;
}

const decoder = new TextDecoder();

/** The texts of an entry, raw. */
export function textsOf({ text, textStarts }: Segment, entry: number): string[] {
  return decoder.decode(text.subarray(textStarts[entry], textStarts[entry + 1])).split(SEPARATOR);
}
