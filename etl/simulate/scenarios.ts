/** Days that a simulated district can have. Plain data. */
export interface Scenario {
  /** How many times as often as on a normal day; categories that are left out: once. */
  weights: Readonly<Record<string, number>>;
  /** Share of the incidents that fall into one place, and how wide it is, metres. */
  focus?: { share: number; metres: number };
  /**
   * Rate as a multiple of the one asked for, by seconds since the start; straight between the points, and again from the
   * beginning after the last.
   */
  course: readonly (readonly [second: number, factor: number])[];
  /** Steps towards red that grave incidents are graver. */
  graver: number;
  /** How long staff take, as a multiple of a normal day. */
  patience: number;
}

export const scenarios = {
  normal: { weights: {}, course: [[0, 1]], graver: 0, patience: 1 },
  // Water in the streets, trees and cables down, lights out; staff get through slowly.
  storm: {
    weights: {
      Z0902: 45,
      '01003': 12,
      '01004': 10,
      '04002': 14,
      '10002': 8,
      '02014': 6,
      Z0903: 6,
      Z0909: 8,
      Z0205: 4,
      '06013': 3,
      '09001': 0.1,
      '09005': 0.2,
      '06028': 0.2,
    },
    course: [
      [0, 0.6],
      [120, 1],
      [300, 3],
      [600, 3],
      [900, 1.2],
      [1200, 0.6],
    ],
    graver: 1,
    patience: 1.6,
  },
  // A crowd in the old town: stalls, parking, noise, rubbish, and the density itself.
  festival: {
    weights: {
      Z0908: 40,
      '09001': 5,
      '09005': 4,
      '09009': 3,
      '09010': 3,
      '09011': 3,
      '06028': 3,
      '06010': 3,
      '06042': 3,
      '09012': 3,
      Z0301: 4,
      Z0305: 2,
    },
    focus: { share: 0.6, metres: 900 },
    course: [
      [0, 1],
      [600, 2.5],
      [1200, 1],
    ],
    graver: 0,
    patience: 1.2,
  },
} as const satisfies Record<string, Scenario>;

export type ScenarioId = keyof typeof scenarios;

/** The scenario with this name. */
export function scenarioOf(id: ScenarioId): Scenario {
  return scenarios[id];
}

/** Rate at a time since the start, as a multiple of the one asked for. */
export function factorAt({ course }: Scenario, seconds: number): number {
  const last = course.at(-1);
  const [first] = course;
  if (!first || !last || last[0] === 0) return first?.[1] ?? 1;
  const at = seconds % last[0];
  const next = course.findIndex(([second]) => second > at);
  const [from, to] = [course[Math.max(0, next - 1)] ?? first, course[next] ?? last];
  return from[1] + ((to[1] - from[1]) * (at - from[0])) / Math.max(1, to[0] - from[0]);
}
