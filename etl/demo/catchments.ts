import type { Context } from './context.ts';
import type { Block } from './district.ts';
import type { Row } from './files/row.ts';
import { nearestSource } from './nearest-source.ts';
import { type Point, separation, toBoard } from './plane.ts';
import { blockNeighbours } from './regions.ts';

export type Stage = 'primary' | 'junior';

export interface CatchmentSchool {
  code: string;
  name: string;
  stage: Stage;
  at: Point;
  /** Children it takes in a year. */
  intake: number;
}

export interface Catchments {
  schools: CatchmentSchool[];
  /** Index of the school of each block. */
  ofBlock: Int32Array;
  /** Share of the district's homes in each school's catchment. */
  share: number[];
}

/** Share of a year's seats that is planned in summer: the rest is for children who move in later. */
const PLANNED: Record<Stage, number> = { primary: 0.8, junior: 0.68 };
/** Rounds in which crowded catchments shrink. */
const ROUNDS = 10;

/**
 * Gives every block of the district to one public school: the nearest on the ground, rivers and all, moved towards
 * an even filling of the seats. Catchments are connected and leave no gap.
 * @param rows of the schools' delivery
 */
export function drawCatchments(context: Context, stage: Stage, rows: readonly Row[]): Catchments {
  const { blocks } = context.district;
  const homes = new Float64Array(blocks.length);
  for (const { block, dwellings } of context.buildings) homes[block] = (homes[block] as number) + dwellings;
  const total = homes.reduce((sum, n) => sum + n, 0);
  const years = stage === 'primary' ? 6 : 3;
  const schools: CatchmentSchool[] = [];
  const nodes: number[] = [];
  for (const { values, shape } of rows) {
    if (values.kind !== 'public' || values.stage === 'senior' || shape?.type !== 'Point') continue;
    const at = toBoard(shape.at[0], shape.at[1]);
    let node = -1;
    let nearest = Infinity;
    blocks.forEach((block, i) => {
      const away = separation(block.inner, at);
      if (away >= nearest || block.use === 'water' || nodes.includes(i)) return;
      nearest = away;
      node = i;
    });
    nodes.push(node);
    const own = values.stage === 'complete' ? 0.5 : 1;
    schools.push({
      code: String(values.school_code),
      name: String(values.name),
      stage,
      at,
      intake: Math.round((Number(values.seats) * own * PLANNED[stage]) / years),
    });
  }
  const seats = schools.reduce((sum, school) => sum + school.intake, 0);
  const neighbours = blockNeighbours(context).map((set) => [...set]);
  const cost = (from: number, to: number): number => {
    const [p, q] = [blocks[from] as Block, blocks[to] as Block];
    return separation(p.inner, q.inner) * (q.use === 'water' ? 5 : p.town === q.town ? 1 : 1.6);
  };
  const start = schools.map(() => 0);
  let ofBlock: Int32Array = new Int32Array(blocks.length);
  const share = schools.map(() => 0);
  for (let round = 0; round < ROUNDS; round++) {
    ofBlock = nearestSource(
      neighbours,
      nodes.map((node, i) => ({ node, start: start[i] as number })),
      cost,
    );
    share.fill(0);
    blocks.forEach((_, i) => {
      const school = ofBlock[i] as number;
      share[school] = (share[school] as number) + (homes[i] as number) / total;
    });
    schools.forEach(({ intake }, i) => {
      const crowding = (share[i] as number) / (intake / seats);
      start[i] = (start[i] as number) + 200 * Math.max(-1, Math.min(1, Math.log(crowding + 0.05)));
    });
  }
  return { schools, ofBlock, share };
}
