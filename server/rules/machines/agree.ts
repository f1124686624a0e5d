import type { Detail } from '../event.ts';
import type { Machine } from './machine.ts';

export interface AgreeOptions {
  /** Sensor -> the group it belongs to: a cell, or `all`. */
  groups: ReadonlyMap<string, string>;
  metric: string;
  isBeyond(value: number): boolean;
  isBack(value: number): boolean;
  sensors: number;
  /** ms. */
  within: number;
}

export interface AgreeState {
  /** Sensors beyond the limit, with their last reading. */
  beyond: Readonly<Record<string, readonly [at: number, value: number]>>;
  on: boolean;
}

/** Readings that are told as evidence, at most. */
const TOLD = 20;

/** Several sensors of a group beyond the limit at the same time. */
export function agreeMachine(options: AgreeOptions): Machine<AgreeState> {
  const { groups, metric, isBeyond, isBack, sensors, within } = options;
  const none: AgreeState = { beyond: {}, on: false };

  function detailOf({ beyond }: AgreeState): Detail {
    const newest = Object.entries(beyond)
      .toSorted(([a, [x]], [b, [y]]) => y - x || (a < b ? -1 : 1))
      .slice(0, TOLD);
    const value = newest[0]?.[1][1];
    return {
      ...(value === undefined ? {} : { value }),
      evidence: { readings: newest.map(([sensor, [at, value]]) => ({ sensor, metric, at, value })) },
    };
  }

  return {
    initial: [],
    partOf: (input) =>
      input.kind === 'reading' && input.metric === metric ? (groups.get(input.sensor) ?? null) : null,
    fresh: () => none,
    take(state, group, input, say) {
      if (input.kind !== 'reading') return state;
      const { at, sensor, value } = input;
      const wasBeyond = Object.hasOwn(state.beyond, sensor);
      if (!isBeyond(value) && !wasBeyond) return state;
      const { [sensor]: _, ...others } = state.beyond;
      const beyond = isBack(value) && !isBeyond(value) ? others : { ...others, [sensor]: [at, value] as const };
      const next = { beyond, on: state.on };
      const isEnough = Object.keys(beyond).length >= sensors;
      if (isEnough && !state.on) {
        say('on', at, group, detailOf(next));
        next.on = true;
      } else if (state.on && !isEnough) {
        say('off', at, group, detailOf(next));
        next.on = false;
      } else if (state.on && !wasBeyond) say('again', at, group, detailOf(next));
      return next;
    },
    due({ beyond }) {
      let oldest = Infinity;
      for (const [at] of Object.values(beyond)) oldest = Math.min(oldest, at);
      return oldest === Infinity ? null : oldest + within;
    },
    elapse(state, group, at, say) {
      const beyond = Object.fromEntries(Object.entries(state.beyond).filter(([, [time]]) => time + within > at));
      const next = { beyond, on: state.on };
      if (state.on && Object.keys(beyond).length < sensors) {
        say('off', at, group, detailOf(next));
        next.on = false;
      }
      return next;
    },
    isIdle: ({ beyond, on }) => !on && Object.keys(beyond).length === 0,
  };
}
