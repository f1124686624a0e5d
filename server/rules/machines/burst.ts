import type { Detail, IncidentFacts } from '../event.ts';
import { cellOf, type Per } from '../cell-of.ts';
import type { Machine } from './machine.ts';

export interface BurstOptions {
  matches(incident: IncidentFacts): boolean;
  count: number;
  /** ms. */
  within: number;
  per: Per;
}

export type Seen = readonly [at: number, id: number, lon: number, lat: number, grid: string];

export interface BurstState {
  /** The newest incidents, as many as make a burst, the oldest first. */
  newest: readonly Seen[];
  on: boolean;
}

/** Incidents that are told as evidence, at most. */
export const TOLD_INCIDENTS = 20;

export function seenOf(at: number, { id, lon, lat, grid }: IncidentFacts): Seen {
  return [at, id, lon, lat, grid];
}

export function burstDetail(incidents: readonly Seen[]): Detail {
  const last = incidents.at(-1);
  return {
    ...(last === undefined ? {} : { value: incidents.length, lon: last[2], lat: last[3], grid: last[4] }),
    evidence: { incidents: incidents.slice(-TOLD_INCIDENTS).map(([, id]) => id) },
  };
}

/** So many incidents in a cell within a time. */
export function burstMachine({ matches, count, within, per }: BurstOptions): Machine<BurstState> {
  const none: BurstState = { newest: [], on: false };
  return {
    initial: [],
    partOf: (input) =>
      input.kind === 'incident' && input.move === 'created' && matches(input.incident)
        ? cellOf(per, input.incident.grid)
        : null,
    fresh: () => none,
    take(state, cell, input, say) {
      if (input.kind !== 'incident') return state;
      const { at, incident } = input;
      const newest = [...state.newest.filter(([time]) => time + within > at), seenOf(at, incident)].slice(-count);
      if (newest.length < count) return { newest, on: state.on };
      say(state.on ? 'again' : 'on', at, cell, burstDetail(newest));
      return { newest, on: true };
    },
    due({ newest, on }) {
      // While it lasts: when the oldest of as many leaves the window; otherwise when none is left.
      const [at] = (on ? newest[0] : newest.at(-1)) ?? [null];
      return at === null ? null : at + within;
    },
    elapse(state, cell, at, say) {
      const newest = state.newest.filter(([time]) => time + within > at);
      if (state.on) say('off', at, cell, burstDetail(newest));
      return { newest, on: false };
    },
    isIdle: ({ newest, on }) => !on && newest.length === 0,
  };
}
