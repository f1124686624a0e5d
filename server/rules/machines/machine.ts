import type { Detail, IncidentFacts, ObservedInput } from '../event.ts';
import type { Signal } from '../gate.ts';

/** Tells that the condition of an originator begins to hold, is met again, or ends. */
export type Say = (signal: Signal, at: number, originator: string, detail: Detail) => void;

/**
 * The condition of a kind of rule, as a machine of independent parts: one for each sensor, cell, vehicle or incident. All
 * time comes in as an argument. States are plain JSON and are never changed in place.
 */
export interface Machine<S> {
  /** Parts that are there before anything happens: what must come is missed from the start. */
  initial: readonly string[];
  /** The part that an input concerns; null: the rule does not look at it. */
  partOf(input: ObservedInput): string | null;
  /** The part that an originator is told of by; without it originators are named as their parts. */
  partOfOriginator?(originator: string): string;
  /** A part that nothing is known of since `at`. */
  fresh(at: number): S;
  take(state: S, part: string, input: ObservedInput, say: Say): S;
  /** When time alone changes the part; null: never. */
  due(state: S): number | null;
  /** To be called when `due` has come. */
  elapse(state: S, part: string, at: number, say: Say): S;
  /** True when the part is as fresh, whatever was before. */
  isIdle(state: S): boolean;
}

/** A part of a machine whose state nobody outside needs to know. */
export type AnyMachine = Machine<unknown>;

/** Evidence of readings of one sensor. */
export function readingDetail(
  sensor: string,
  metric: string,
  readings: readonly (readonly [at: number, value: number])[],
): Detail {
  const value = readings.at(-1)?.[1];
  return {
    ...(value === undefined ? {} : { value }),
    evidence: { readings: readings.map(([at, value]) => ({ sensor, metric, at, value })) },
  };
}

export function incidentDetail({ id, lon, lat, grid }: IncidentFacts): Detail {
  return { lon, lat, grid, evidence: { incidents: [id] } };
}
