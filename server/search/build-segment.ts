import { normalText } from './normal-text.ts';
import { DEGREE, NOWHERE, type SearchRow, type Segment, SEPARATOR } from './segment.ts';
import { pairTokens, readingTokens, startToken } from './tokens.ts';

/** Numbers in a typed array that grows. */
class Numbers {
  private values = new Uint32Array(1 << 16);
  length = 0;

  push(value: number): void {
    if (this.length === this.values.length) {
      const larger = new Uint32Array(this.length * 2);
      larger.set(this.values);
      this.values = larger;
    }
    this.values[this.length++] = value;
  }

  at(index: number): number {
    return this.values[index] as number;
  }
}

function bytesNeeded(gap: number): number {
  return gap < 0x80 ? 1 : gap < 0x4000 ? 2 : gap < 0x200000 ? 3 : gap < 0x10000000 ? 4 : 5;
}

/** Makes the index of rows. Takes about a microsecond for each key; call it in a thread of its own. */
export function buildSegment(
  about: Pick<Segment, 'layer' | 'load' | 'fields' | 'isPoint'>,
  unsorted: readonly SearchRow[],
): Segment {
  const rows = unsorted.toSorted((a, b) => (a.texts[0]?.length ?? 0) - (b.texts[0]?.length ?? 0) || a.fid - b.fid);
  const ids = new Map<number, number>();
  /** Of each key: the last entry that has it, and the bytes of its list. */
  const lasts: number[] = [];
  const bytes: number[] = [];
  /** Keys of entry after entry; `ends` says where those of each end. */
  const all = new Numbers();
  const ends = new Uint32Array(rows.length);
  const counts: number[] = [];

  rows.forEach(({ texts }, entry) => {
    texts.forEach((raw, index) => {
      const text = normalText(raw);
      if (text === '') return;
      const keys = pairTokens(text);
      keys.push(startToken(text));
      // How it is read matters for names; codes are typed as they are.
      if (index === 0) keys.push(...readingTokens(text));
      for (const key of keys) {
        let id = ids.get(key);
        if (id === undefined) {
          id = ids.size;
          ids.set(key, id);
          counts.push(0);
          lasts.push(-1);
          bytes.push(0);
        }
        const last = lasts[id] as number;
        if (last === entry) continue;
        all.push(id);
        counts[id] = (counts[id] as number) + 1;
        bytes[id] = (bytes[id] as number) + bytesNeeded(entry - Math.max(last, 0));
        lasts[id] = entry;
      }
    });
    ends[entry] = all.length;
  });

  const sorted = [...ids].toSorted(([a], [b]) => a - b);
  const starts = new Uint32Array(sorted.length + 1);
  const cursors = new Float64Array(sorted.length);
  let total = 0;
  sorted.forEach(([, id], index) => {
    starts[index] = total;
    cursors[id] = total;
    total += bytes[id] as number;
  });
  starts[sorted.length] = total;
  const lists = new Uint8Array(total);
  lasts.fill(0);
  let position = 0;
  for (let entry = 0; entry < rows.length; entry++) {
    for (const end = ends[entry] as number; position < end; position++) {
      const id = all.at(position);
      let gap = entry - (lasts[id] as number);
      lasts[id] = entry;
      let at = cursors[id] as number;
      while (gap >= 0x80) {
        lists[at++] = (gap & 0x7f) | 0x80;
        gap >>>= 7;
      }
      lists[at++] = gap;
      cursors[id] = at;
    }
  }

  const stride = about.isPoint ? 2 : 4;
  const places = new Int32Array(rows.length * stride).fill(NOWHERE);
  const encoded: Uint8Array[] = [];
  const textStarts = new Uint32Array(rows.length + 1);
  let length = 0;
  rows.forEach(({ texts, place }, entry) => {
    place?.forEach((degrees, index) => (places[entry * stride + index] = Math.round(degrees * DEGREE)));
    const buffer = Buffer.from(texts.join(SEPARATOR));
    encoded.push(buffer);
    length += buffer.length;
    textStarts[entry + 1] = length;
  });
  const text = new Uint8Array(length);
  encoded.forEach((buffer, entry) => text.set(buffer, textStarts[entry]));
  return {
    ...about,
    entries: rows.length,
    keys: Float64Array.from(sorted, ([key]) => key),
    sizes: Uint32Array.from(sorted, ([, id]) => counts[id] as number),
    starts,
    lists,
    text,
    textStarts,
    fids: Float64Array.from(rows, ({ fid }) => fid),
    places,
  };
}
