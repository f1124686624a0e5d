/**
 * How candidates are ranked: points for what speaks for each, a hundred at most, told with the facts behind them. The same
 * table is in `docs/dispatch.md`, which a test holds to it.
 */
export const POINTS = {
  /** Who the rule of the category asks first, and the others. */
  fit: { first: 20, other: 5 },
  staff: {
    /** Falls evenly from all at once to none from half an hour on. */
    arrival: { most: 30, noneAt: 1800 },
    shift: 30,
    /** Falls evenly with every open task, to none from ten on. */
    load: { most: 8, noneAt: 10 },
    grid: 8,
    skill: 4,
  },
  department: {
    /** In charge: by a rule of the area, as owner of what is broken, or by the category. Helping: by the category. */
    duty: { area: 72, owner: 72, lead: 72, help: 30 },
    load: { most: 8, noneAt: 500 },
  },
} as const;

/** Speed as the crow flies where no road is known, m/s: on foot, and a third more way than that. */
export const UNKNOWN_WAY = 4.8 / 3.6 / 1.3;

export type Duty = keyof typeof POINTS.department.duty;

export interface StaffFacts {
  kind: 'staff';
  id: string;
  isFirst: boolean;
  /** Seconds until they are there. */
  arrival: number;
  onShift: boolean;
  load: number;
  sameGrid: boolean;
  skilled: boolean;
}

export interface DepartmentFacts {
  kind: 'department';
  id: string;
  isFirst: boolean;
  duty: Duty;
  load: number;
}

export type CandidateFacts = StaffFacts | DepartmentFacts;
export const PARTS = ['fit', 'arrival', 'shift', 'duty', 'load', 'grid', 'skill'] as const;
export interface ScorePart {
  part: (typeof PARTS)[number];
  points: number;
  most: number;
}
export interface Scored {
  score: number;
  parts: ScorePart[];
}

function falling(value: number, { most, noneAt }: { most: number; noneAt: number }): number {
  return most * Math.min(1, Math.max(0, 1 - value / noneAt));
}

function part(name: ScorePart['part'], points: number, most: number): ScorePart {
  return { part: name, points: Math.round(points * 10) / 10, most };
}

/** Points with one decimal, and their sum. */
export function scoreOf(facts: CandidateFacts): Scored {
  const { fit, staff, department } = POINTS;
  const common = part('fit', facts.isFirst ? fit.first : fit.other, fit.first);
  const parts =
    facts.kind === 'staff'
      ? [
          common,
          part('arrival', falling(facts.arrival, staff.arrival), staff.arrival.most),
          part('shift', facts.onShift ? staff.shift : 0, staff.shift),
          part('load', falling(facts.load, staff.load), staff.load.most),
          part('grid', facts.sameGrid ? staff.grid : 0, staff.grid),
          part('skill', facts.skilled ? staff.skill : 0, staff.skill),
        ]
      : [
          common,
          part('duty', department.duty[facts.duty], department.duty.lead),
          part('load', falling(facts.load, department.load), department.load.most),
        ];
  return { parts, score: Math.round(parts.reduce((sum, { points }) => sum + points, 0) * 10) / 10 };
}

/** What tells apart candidates of the same score: the lower, the better, the first that differs counts. */
function keysOf(facts: CandidateFacts): (number | string)[] {
  return facts.kind === 'department'
    ? [0, -POINTS.department.duty[facts.duty], facts.load, facts.id]
    : [1, Number(!facts.onShift), facts.arrival, facts.load, Number(!facts.sameGrid), Number(!facts.skilled), facts.id];
}

/** The candidates with their scores, the best first. One that is better in every respect never comes after the other. */
export function rank<F extends CandidateFacts>(candidates: readonly F[]): (Scored & { facts: F })[] {
  return candidates
    .map((facts) => ({ facts, ...scoreOf(facts), keys: keysOf(facts) }))
    .toSorted((a, b) => b.score - a.score || compareKeys(a.keys, b.keys))
    .map(({ facts, score, parts }) => ({ facts, score, parts }));
}

function compareKeys(a: readonly (number | string)[], b: readonly (number | string)[]): number {
  for (const [index, key] of a.entries()) {
    const other = b[index]!;
    if (key !== other) return key < other ? -1 : 1;
  }
  return 0;
}
