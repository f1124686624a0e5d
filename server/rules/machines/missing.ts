import type { Detail, ObservedInput } from '../event.ts';
import type { Machine } from './machine.ts';

export interface MissingOptions {
  /** Who or where something must come from, again and again. */
  expected: readonly string[];
  /** The one that an input comes from; null: none. */
  from(input: ObservedInput): string | null;
  /** ms. */
  after: number;
}

export interface MissingState {
  /** When it came last; while it never came, since when it is waited for. */
  last: number;
  on: boolean;
  detail: Detail;
}

function detailOf(input: ObservedInput): Detail {
  switch (input.kind) {
    case 'reading': {
      const { sensor, metric, at, value } = input;
      return { value, evidence: { readings: [{ sensor, metric, at, value }] } };
    }
    case 'position': {
      const { at, lon, lat } = input;
      return { evidence: { positions: [{ at, lon, lat }] } };
    }
    case 'incident':
      return { evidence: { incidents: [input.incident.id] } };
  }
}

/** Something does not come for too long: readings of a sensor, reports of a system, a patrol in a cell. */
export function missingMachine({ expected, from, after }: MissingOptions): Machine<MissingState> {
  const known = new Set(expected);
  return {
    initial: expected,
    partOf(input) {
      const part = from(input);
      return part !== null && known.has(part) ? part : null;
    },
    fresh: (at) => ({ last: at, on: false, detail: { evidence: {} } }),
    take(state, part, input, say) {
      const detail = detailOf(input);
      if (state.on) say('off', input.at, part, detail);
      return { last: input.at, on: false, detail };
    },
    due: ({ last, on }) => (on ? null : last + after),
    elapse(state, part, at, say) {
      say('on', at, part, state.detail);
      return { ...state, on: true };
    },
    isIdle: () => false,
  };
}
