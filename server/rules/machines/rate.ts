import { readingDetail, type Machine } from './machine.ts';

export interface RateOptions {
  sensors: ReadonlySet<string>;
  metric: string;
  /** 1: rise, -1: fall. */
  sign: 1 | -1;
  by: number;
  /** The alarm ends when the change is less. */
  clear: number;
  /** ms. */
  within: number;
}

export interface RateState {
  /** Readings of the window that may still be its lowest (of a fall: highest), the oldest first and each beyond the one before. */
  lows: readonly (readonly [at: number, value: number])[];
  last: readonly [at: number, value: number] | null;
  on: boolean;
  /** The last reading was `by` beyond the lowest. */
  beyond: boolean;
}

/** A value that rises or falls by so much within a time, against the lowest (highest) of that time. */
export function rateMachine({ sensors, metric, sign, by, clear, within }: RateOptions): Machine<RateState> {
  const none: RateState = { lows: [], last: null, on: false, beyond: false };
  return {
    initial: [],
    partOf: (input) =>
      input.kind === 'reading' && input.metric === metric && sensors.has(input.sensor) ? input.sensor : null,
    fresh: () => none,
    take(state, sensor, input, say) {
      if (input.kind !== 'reading') return state;
      const { at, value } = input;
      const kept = state.lows.filter(([time, low]) => time >= at - within && (low - value) * sign < 0);
      const lows = [...kept, [at, value] as const];
      const first = lows[0] ?? ([at, value] as const);
      const change = (value - first[1]) * sign;
      const beyond = change >= by;
      const detail = readingDetail(sensor, metric, [first, [at, value]]);
      let { on } = state;
      if (beyond && !on) {
        say('on', at, sensor, detail);
        on = true;
      } else if (beyond && !state.beyond) say('again', at, sensor, detail);
      else if (on && change < clear) {
        say('off', at, sensor, detail);
        on = false;
      }
      return { lows, last: [at, value], on, beyond };
    },
    // Nothing is left to compare with.
    due: ({ last }) => (last === null ? null : last[0] + within),
    elapse(state, sensor, at, say) {
      if (state.on && state.last) say('off', at, sensor, readingDetail(sensor, metric, [state.last]));
      return none;
    },
    isIdle: ({ last }) => last === null,
  };
}
