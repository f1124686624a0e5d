const LINE = 2;
const MULTI_LINE = 5;
const BYTES_PER_POSITION = 16;

/** Where lines begin in a buffer, and the boxes around them. */
export interface LineBounds {
  offsets: Int32Array;
  /** West, south, east and north of each, one after another. */
  boxes: Float64Array;
}

/** Looks through `count` lines or multi-lines: little-endian WKB, one after another. */
export function lineBounds(wkb: Buffer, count: number): LineBounds {
  const view = new DataView(wkb.buffer, wkb.byteOffset, wkb.byteLength);
  const offsets = new Int32Array(count);
  const boxes = new Float64Array(count * 4);
  let at = 0;
  for (let line = 0; line < count; line += 1) {
    offsets[line] = at;
    const type = view.getUint32(at + 1, true);
    if (view.getUint8(at) !== 1 || (type !== LINE && type !== MULTI_LINE))
      throw new Error(`WKB of type ${type} among lines`);
    let parts = 1;
    if (type === MULTI_LINE) {
      parts = view.getUint32(at + 5, true);
      at += 9;
    }
    let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
    for (; parts > 0; parts -= 1) {
      const positions = view.getUint32(at + 5, true);
      at += 9;
      for (const end = at + positions * BYTES_PER_POSITION; at < end; at += BYTES_PER_POSITION) {
        const x = view.getFloat64(at, true);
        const y = view.getFloat64(at + 8, true);
        if (x < west) west = x;
        if (x > east) east = x;
        if (y < south) south = y;
        if (y > north) north = y;
      }
    }
    boxes[line * 4] = west;
    boxes[line * 4 + 1] = south;
    boxes[line * 4 + 2] = east;
    boxes[line * 4 + 3] = north;
  }
  return { offsets, boxes };
}
