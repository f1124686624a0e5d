/**
 * MP4 without place and owner. Boxes keep their sizes, since samples are addressed by their position in the file: what has
 * to go becomes free space, filled with zeros.
 */
interface Box {
  type: string;
  start: number;
  /** Where its content begins, and where it ends. */
  body: number;
  end: number;
}

/** Boxes whose content says something of the maker or the place: `udta` has `©xyz`, `meta` Apple's location, `uuid` XMP. */
const SAYS_MORE = new Set(['udta', 'meta', 'uuid', 'loci']);
/** Boxes of boxes on the way to those. */
const CONTAINERS = new Set(['moov', 'trak', 'mdia', 'minf', 'stbl', 'moof', 'traf', 'edts', 'dinf']);
/** Pictures and sound; other tracks carry what the device measured while it filmed. */
const HANDLERS = new Set(['vide', 'soun']);

/** @throws RangeError when a box is larger than what holds it */
export function stripMp4(source: Uint8Array): Uint8Array {
  const bytes = Uint8Array.from(source);
  const view = new DataView(bytes.buffer);
  clean(view, boxesOf(view, 0, bytes.length));
  return bytes;
}

function boxesOf(view: DataView, from: number, to: number): Box[] {
  const boxes: Box[] = [];
  for (let at = from; at + 8 <= to;) {
    let size = view.getUint32(at);
    let body = at + 8;
    if (size === 1) {
      size = Number(view.getBigUint64(at + 8));
      body = at + 16;
    } else if (size === 0) size = to - at;
    const end = at + size;
    if (size < body - at || end > to) throw new RangeError('a box is larger than what holds it');
    boxes.push({ type: typeAt(view, at + 4), start: at, body, end });
    at = end;
  }
  return boxes;
}

function typeAt(view: DataView, at: number): string {
  return String.fromCharCode(view.getUint8(at), view.getUint8(at + 1), view.getUint8(at + 2), view.getUint8(at + 3));
}

function clean(view: DataView, boxes: readonly Box[]): void {
  for (const box of boxes) {
    if (SAYS_MORE.has(box.type)) empty(view, box);
    else if (box.type === 'trak' && !HANDLERS.has(handlerOf(view, box) ?? '')) {
      eraseSamples(view, box);
      empty(view, box);
    } else if (CONTAINERS.has(box.type)) clean(view, boxesOf(view, box.body, box.end));
  }
}

/** Makes a box free space. */
function empty(view: DataView, { start, body, end }: Box): void {
  [...'free'].forEach((letter, i) => view.setUint8(start + 4 + i, letter.charCodeAt(0)));
  zero(view, body, end);
}

function zero(view: DataView, from: number, to: number): void {
  new Uint8Array(view.buffer, from, Math.max(0, to - from)).fill(0);
}

function find(view: DataView, box: Box, ...path: string[]): Box | undefined {
  let found: Box | undefined = box;
  for (const type of path) found = found && boxesOf(view, found.body, found.end).find((each) => each.type === type);
  return found;
}

function handlerOf(view: DataView, track: Box): string | undefined {
  const handler = find(view, track, 'mdia', 'hdlr');
  return handler && typeAt(view, handler.body + 8);
}

/** Overwrites what a track has in the file: its place is in its tables of chunks. */
function eraseSamples(view: DataView, track: Box): void {
  const table = find(view, track, 'mdia', 'minf', 'stbl');
  if (!table) return;
  const chunks = chunkOffsets(view, table);
  const sizes = find(view, table, 'stsz');
  const runs = find(view, table, 'stsc');
  if (!sizes || !runs) return;
  const same = view.getUint32(sizes.body + 4);
  const sizeOf = (sample: number): number => (same > 0 ? same : view.getUint32(sizes.body + 12 + 4 * sample));
  const runCount = view.getUint32(runs.body + 4);
  let sample = 0;
  let run = 0;
  chunks.forEach((offset, index) => {
    // Runs say from which chunk on how many samples are in each.
    while (run + 1 < runCount && view.getUint32(runs.body + 8 + 12 * (run + 1)) <= index + 1) run += 1;
    const inChunk = view.getUint32(runs.body + 8 + 12 * run + 4);
    let length = 0;
    for (let i = 0; i < inChunk && sample < view.getUint32(sizes.body + 8); i++) length += sizeOf(sample++);
    if (offset + length > view.byteLength) throw new RangeError('a sample lies behind the end');
    zero(view, offset, offset + length);
  });
}

function chunkOffsets(view: DataView, table: Box): number[] {
  const short = find(view, table, 'stco');
  const long = find(view, table, 'co64');
  const box = short ?? long;
  if (!box) return [];
  const count = view.getUint32(box.body + 4);
  return Array.from({ length: count }, (_, i) =>
    short ? view.getUint32(box.body + 8 + 4 * i) : Number(view.getBigUint64(box.body + 8 + 8 * i)),
  );
}
