import type { ColumnTable } from './column-table.ts';

/** Where the rows of each H3 cell of one resolution begin: rows stand in the order of their cells. */
export interface HexagonIndex {
  /** `starts[cell]` to `starts[cell + 1]` are the rows of a cell. */
  starts: Uint32Array;
  /** Upper and lower half of each cell's id. */
  high: Uint32Array;
  low: Uint32Array;
  /** Lower-case hexadecimal ids, made when first asked for. */
  names(): readonly string[];
}

const known = new WeakMap<ColumnTable, Map<number, HexagonIndex>>();

/** The index of a resolution 5-12, kept as long as the table. It costs 12 bytes per cell, with names some 60. */
export function hexagonIndex(table: ColumnTable, res: number): HexagonIndex {
  let ofTable = known.get(table);
  if (ofTable === undefined) known.set(table, (ofTable = new Map()));
  let index = ofTable.get(res);
  if (index === undefined) ofTable.set(res, (index = makeIndex(table, res)));
  return index;
}

function makeIndex({ cellLow, cellHigh, located }: ColumnTable, res: number): HexagonIndex {
  const shift = 3 * (12 - res);
  const starts: number[] = [];
  const halves: number[] = [];
  let lastLow = -1;
  let lastHigh = -1;
  for (let row = 0; row < located; row++) {
    const low = (cellLow[row] as number) >>> shift;
    const high = typeof cellHigh === 'number' ? cellHigh : (cellHigh[row] as number);
    if (low === lastLow && high === lastHigh) continue;
    starts.push(row);
    halves.push(...cellId(high, (low << shift) >>> 0, res));
    lastLow = low;
    lastHigh = high;
  }
  const cells = starts.length;
  starts.push(located);
  let names: string[] | null = null;
  const high = Uint32Array.from({ length: cells }, (_, cell) => halves[2 * cell] as number);
  const low = Uint32Array.from({ length: cells }, (_, cell) => halves[2 * cell + 1] as number);
  return {
    starts: Uint32Array.from(starts),
    high,
    low,
    names: () => (names ??= Array.from(high, (upper, cell) => nameOf(upper, low[cell] as number))),
  };
}

/** Both halves of the H3 id at `res` from the upper 11 and lower 32 bits of a row's 43-bit key. */
function cellId(high: number, low: number, res: number): [number, number] {
  const unused = 3 * (15 - res);
  const upper = 0x08000000 | (res << 20) | (high << 9) | (low >>> 23);
  const lower = ((low << 9) | 0x1ff) >>> 0;
  return unused >= 32
    ? [(upper | (2 ** (unused - 32) - 1)) >>> 0, 0xffffffff]
    : [upper >>> 0, (lower | (2 ** unused - 1)) >>> 0];
}

function nameOf(high: number, low: number): string {
  return high.toString(16) + low.toString(16).padStart(8, '0');
}

/** Lower-case hexadecimal H3 id at `res` from the upper 11 and lower 32 bits of a row's 43-bit key. */
export function cellName(high: number, low: number, res: number): string {
  return nameOf(...cellId(high, low, res));
}
