import type { Duties } from '../duty/duties.ts';
import { followReadings } from '../sensors/follow-readings.ts';
import { followPositions } from './follow-positions.ts';
import { LiveRules, type LiveRulesOptions } from './live-rules.ts';

/** Name of the duty that gives rules the live log. */
export const RULES_FOLLOWER = 'rules';

/** How often rules look whether something falls due, ms. */
const TICK_MS = 1000;
const DAY_MS = 86_400_000;

export interface RulesOptions extends Omit<LiveRulesOptions, 'follower'> {
  /** Told when the rules were away for so long that part of what happened is lost to them. */
  onGap(of: 'log' | 'readings' | 'positions'): void;
}

/** Lets the rules that are on take what happens, and lets their time pass. */
export async function takeOnRules(duties: Duties, { onGap, ...options }: RulesOptions): Promise<void> {
  const rules = new LiveRules({ ...options, follower: RULES_FOLLOWER });
  await duties.follow({
    name: RULES_FOLLOWER,
    handle: (tx, events) => rules.takeLog(tx, events),
    onGap: async () => onGap('log'),
  });
  await followReadings(duties, {
    name: 'rules.readings',
    handle: (tx, readings) => rules.takeReadings(tx, readings),
    onGap: async () => onGap('readings'),
  });
  await followPositions(duties, {
    name: 'rules.positions',
    handle: (tx, positions) => rules.takePositions(tx, positions),
    onGap: () => onGap('positions'),
  });
  await duties.every({ name: 'rules.log-clock', everyMs: TICK_MS, run: (tx) => rules.tickLog(tx) });
  await duties.every({ name: 'rules.feed-clock', everyMs: TICK_MS, run: (tx) => rules.tickFeeds(tx) });
  await duties.every({
    name: 'rules.prune',
    everyMs: DAY_MS,
    run: async (tx) =>
      void (await tx`delete from app.rule_late where at < (extract(epoch from now()) - 31 * 86400) * 1000`),
  });
}
