import type { Duties } from '../duty/duties.ts';
import { LiveRules, type LiveRulesOptions } from './live-rules.ts';

/** Name of the duty that gives rules the live log. */
export const RULES_FOLLOWER = 'rules';

/** How often rules look whether something falls due, ms. */
const TICK_MS = 1000;

/** Lets the rules that are on take the live log, and lets their time pass. */
export async function takeOnRules(duties: Duties, options: Omit<LiveRulesOptions, 'follower'>): Promise<void> {
  const rules = new LiveRules({ ...options, follower: RULES_FOLLOWER });
  await duties.follow({ name: RULES_FOLLOWER, handle: (tx, events) => rules.takeLog(tx, events) });
  await duties.every({ name: 'rules.clock', everyMs: TICK_MS, run: (tx) => rules.tick(tx) });
}
