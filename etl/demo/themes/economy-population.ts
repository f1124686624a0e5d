import { type Context, pad, polygonShape, row } from '../context.ts';
import { firmSize } from '../firm-figures.ts';
import type { Row } from '../files/row.ts';
import { lastReport } from '../moment.ts';
import { blockAt } from '../places.ts';
import { type Point, boundsOf } from '../plane.ts';
import { createRandom } from '../random.ts';
import { type Theme, listed } from './delivery.ts';

const SIZE = 100;
/** Cells are counted from a corner south-west of the district, so that their numbers are positive. */
const ORIGIN = 200;

interface Cell {
  column: number;
  line: number;
  households: number;
  young: number;
  working: number;
  old: number;
}

interface Lattice {
  cells: Cell[];
  /** The cell a place counts to: its own or, at the district's edge, the nearest there is. */
  cellAt(at: Point): Cell;
}

const placeKey = (column: number, line: number): number => column * 10_000 + line;

/** Squares of 100 m whose middle lies in the district. */
function drawLattice(context: Context): Lattice {
  const byPlace = new Map<number, Cell>();
  const points = context.district.blocks.flatMap((block) => block.ring);
  const [minX, minY, maxX, maxY] = boundsOf(points);
  const cells: Cell[] = [];
  for (let line = Math.floor(minY / SIZE); line <= maxY / SIZE; line++) {
    for (let column = Math.floor(minX / SIZE); column <= maxX / SIZE; column++) {
      if (!blockAt(context, [(column + 0.5) * SIZE, (line + 0.5) * SIZE])) continue;
      const cell = { column, line, households: 0, young: 0, working: 0, old: 0 };
      cells.push(cell);
      byPlace.set(placeKey(column, line), cell);
    }
  }
  const cellAt = ([x, y]: Point): Cell => {
    const column = Math.floor(x / SIZE);
    const line = Math.floor(y / SIZE);
    const own = byPlace.get(placeKey(column, line));
    if (own) return own;
    for (let reach = 1; reach < 5; reach++) {
      for (let i = -reach; i <= reach; i++) {
        for (let j = -reach; j <= reach; j++) {
          const near = byPlace.get(placeKey(column + i, line + j));
          if (near) return near;
        }
      }
    }
    throw new Error(`no cell of the district near ${x}, ${y}`);
  };
  return { cells, cellAt };
}

const known = new WeakMap<Context, Lattice>();

/** The lattice with everybody counted where they live. Made once for a context. */
function latticeOf(context: Context): Lattice {
  const found = known.get(context);
  if (found) return found;
  const lattice = drawLattice(context);
  for (const { building, household } of context.dwellings()) {
    if (!household) continue;
    const cell = lattice.cellAt(building.at);
    cell.households += 1;
    for (const { age } of household.persons) {
      if (age < 15) cell.young += 1;
      else if (age < 60) cell.working += 1;
      else cell.old += 1;
    }
  }
  known.set(context, lattice);
  return lattice;
}

function idOf({ column, line }: Cell): string {
  return `RK${pad(column + ORIGIN, 4)}${pad(line + ORIGIN, 4)}`;
}

function square({ column, line }: Cell): Point[] {
  const [x, y] = [column * SIZE, line * SIZE];
  return [
    [x, y],
    [x + SIZE, y],
    [x + SIZE, y + SIZE],
    [x, y + SIZE],
  ];
}

function residents(context: Context): Row[] {
  return latticeOf(context).cells.map((cell) =>
    row(
      {
        cell_id: idOf(cell),
        population: cell.young + cell.working + cell.old,
        households: cell.households,
        age_0_14: cell.young,
        age_15_59: cell.working,
        age_60_up: cell.old,
      },
      polygonShape(square(cell)),
    ),
  );
}

/** At eight on a Sunday most people are still at home; shops and teahouses fill up. */
function heat(context: Context): Row[] {
  const random = createRandom(context.seed, 'population heat');
  const { cells, cellAt } = latticeOf(context);
  const jobs = new Map<Cell, number>();
  for (const firm of context.enterprises()) {
    const open = ({ H: 0.7, F: 0.45, O: 0.4, R: 0.4, Q: 0.7 }[firm.section] ?? 0.12) * firmSize(firm).employees;
    const cell = cellAt(firm.at);
    jobs.set(cell, (jobs.get(cell) ?? 0) + open);
  }
  return cells.map((cell) => {
    const home = cell.young + cell.working + cell.old;
    const work = jobs.get(cell) ?? 0;
    const outflow = Math.round(home * random.between(0.03, 0.09));
    const inflow = Math.round(work * random.between(0.15, 0.4) + home * random.between(0, 0.03));
    return row(
      {
        cell_id: idOf(cell),
        people: Math.max(
          0,
          Math.round(home * random.between(0.78, 0.92) + work * random.between(0.4, 0.7)) + inflow - outflow,
        ),
        inflow,
        outflow,
        observed_at: lastReport(random, 4),
      },
      polygonShape(square(cell)),
    );
  });
}

/** Where people live, and where they are now. */
export const economyPopulation: Theme = {
  population_grid: (context) => listed(residents(context)),
  population_heat: (context) => listed(heat(context)),
};
