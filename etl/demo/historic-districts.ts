import type { Context } from './context.ts';
import type { Block } from './district.ts';
import { type Point, separation, toBoard } from './plane.ts';
import { type Piece, mergeBlocks } from './regions.ts';

export interface HistoricDistrict extends Piece {
  name: string;
  announcedOn: string;
}

/** Streets of the old town and the pottery town, about where they lie, and how many square metres they cover. */
const QUARTERS: { name: string; at: Point; size: number; announcedOn: string }[] = [
  { name: '祖庙-东华里历史文化街区', at: toBoard(113.1135, 23.0285), size: 210_000, announcedOn: '2003-11-18' },
  { name: '梁园历史文化街区', at: toBoard(113.1125, 23.0378), size: 95_000, announcedOn: '2010-06-22' },
  { name: '新安街历史文化街区', at: toBoard(113.1205, 23.0318), size: 62_000, announcedOn: '2012-09-05' },
  { name: '品字街历史文化街区', at: toBoard(113.1163, 23.0345), size: 88_000, announcedOn: '2012-09-05' },
  { name: '任围历史文化街区', at: toBoard(113.1092, 23.0342), size: 54_000, announcedOn: '2012-09-05' },
  { name: '福贤路历史文化街区', at: toBoard(113.1195, 23.0275), size: 76_000, announcedOn: '2016-03-30' },
  { name: '南风古灶历史文化街区', at: toBoard(113.0862, 23.0015), size: 150_000, announcedOn: '2003-11-18' },
  { name: '石湾霍氏古祠历史文化街区', at: toBoard(113.0825, 23.0068), size: 70_000, announcedOn: '2016-03-30' },
];

/** The eight protected quarters: blocks taken one by one outwards from their middles. No block belongs to two. */
export function historicDistricts(context: Context): HistoricDistrict[] {
  const { blocks } = context.district;
  const member = new Map<number, number>();
  QUARTERS.forEach(({ at, size }, number) => {
    const near = blocks
      .flatMap((block, index) => (block.use === 'water' ? [] : [{ index, away: separation(block.inner, at) }]))
      .toSorted((p, q) => p.away - q.away);
    let area = 0;
    for (const { index } of near) {
      if (area >= size) break;
      if (member.has(index)) continue;
      member.set(index, number);
      area += (blocks[index] as Block).area;
    }
  });
  const pieces = mergeBlocks(context, (index) => member.get(index) ?? -1, QUARTERS.length);
  return QUARTERS.map(({ name, announcedOn }, number) => {
    // Blocks across a creek or at a corner would be pieces of their own: the largest is the quarter.
    const own = pieces.filter(({ region }) => region === number).toSorted((p, q) => q.area - p.area);
    return { ...(own[0] as Piece), name, announcedOn };
  });
}
