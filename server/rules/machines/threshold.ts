import { readingDetail, type Machine } from './machine.ts';

export interface ThresholdOptions {
  sensors: ReadonlySet<string>;
  metric: string;
  isBeyond(value: number): boolean;
  /** Back at the value at which the alarm ends: between it and the limit nothing changes. */
  isBack(value: number): boolean;
  /** ms. */
  hold: number;
  clearHold: number;
}

type Reading = readonly [at: number, value: number];

export interface ThresholdState {
  /** `rising` and `falling` wait for the hold time from `since` on. */
  is: 'off' | 'rising' | 'on' | 'falling';
  since: number;
  /** The last reading was beyond the limit. */
  beyond: boolean;
  /** The reading that began it, and the last one. */
  seen: readonly Reading[];
}

const OFF: ThresholdState = { is: 'off', since: 0, beyond: false, seen: [] };

/** A value beyond a limit for some time; it ends when the value is back for some time. */
export function thresholdMachine(options: ThresholdOptions): Machine<ThresholdState> {
  const { sensors, metric, isBeyond, isBack, hold, clearHold } = options;
  return {
    initial: [],
    partOf: (input) =>
      input.kind === 'reading' && input.metric === metric && sensors.has(input.sensor) ? input.sensor : null,
    fresh: () => OFF,
    take(state, sensor, input, say) {
      if (input.kind !== 'reading') return state;
      const { at, value } = input;
      const beyond = isBeyond(value);
      const now: Reading = [at, value];
      const seen = state.seen[0] === undefined ? [now] : [state.seen[0], now];
      switch (state.is) {
        case 'off':
          if (!beyond) return state;
          if (hold > 0) return { is: 'rising', since: at, beyond, seen: [now] };
          say('on', at, sensor, readingDetail(sensor, metric, [now]));
          return { is: 'on', since: at, beyond, seen: [now] };
        case 'rising':
          return beyond ? { ...state, seen } : OFF;
        case 'on':
        case 'falling':
          if (isBack(value)) {
            if (state.is === 'falling') return { ...state, beyond, seen };
            if (clearHold > 0) return { is: 'falling', since: at, beyond, seen };
            say('off', at, sensor, readingDetail(sensor, metric, [now]));
            return OFF;
          }
          if (beyond && !state.beyond) say('again', at, sensor, readingDetail(sensor, metric, seen));
          return { is: 'on', since: state.is === 'on' ? state.since : at, beyond, seen };
      }
    },
    due({ is, since }) {
      if (is === 'rising') return since + hold;
      return is === 'falling' ? since + clearHold : null;
    },
    elapse(state, sensor, at, say) {
      if (state.is === 'rising') {
        say('on', at, sensor, readingDetail(sensor, metric, state.seen));
        return { ...state, is: 'on' };
      }
      say('off', at, sensor, readingDetail(sensor, metric, state.seen.slice(-1)));
      return OFF;
    },
    isIdle: ({ is }) => is === 'off',
  };
}
