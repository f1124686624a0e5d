/** The two ways in which a matter that takes too long climbs: 吹哨报到 level by level, and 督办 by shares of its limit. */
import type { Text } from '../../layers/define.ts';
import { dueAfter, limitMs, type TimeLimit, type TimeUnit } from '../incidents/deadline.ts';

export interface EscalationLevel {
  title: Text;
  /** How long it stays here before it goes on to the next level; null: nobody stands above. */
  limit: TimeLimit | null;
}

/** Who has a matter of social governance: each level must solve it or it goes on. */
export const escalationLevels: readonly EscalationLevel[] = [
  { title: { zh: '网格', en: 'Grid' }, limit: { amount: 2, unit: 'hour' } },
  { title: { zh: '社区', en: 'Community' }, limit: { amount: 24, unit: 'hour' } },
  { title: { zh: '镇街', en: 'Town' }, limit: { amount: 48, unit: 'hour' } },
  { title: { zh: '区中心', en: 'District centre' }, limit: { amount: 72, unit: 'hour' } },
  { title: { zh: '领导督办', en: 'Leader' }, limit: null },
];

/** Per cent of the limit at which a matter is put under supervision, once more each time. */
export const SUPERVISE_AT = [100, 150, 200] as const;

/** Whether a matter of this category climbs the levels by itself: those of the social-governance list do. */
export function climbs(category: string): boolean {
  return category.startsWith('Z');
}

/** When a matter that comes to a level at `now` goes on to the next one; null: not by itself. */
export function escalatesAt(now: number, level: number, category: string): number | null {
  const limit = climbs(category) ? escalationLevels[level]?.limit : null;
  return limit ? now + limitMs(limit) : null;
}

/**
 * When a matter that was supervised `times` times already is supervised next; null: no more. `dueAt` is when `total` ms of
 * its unit are used up.
 */
export function supervisesAt(dueAt: number, times: number, total: number, unit: TimeUnit): number | null {
  const percent = SUPERVISE_AT[times];
  return percent === undefined ? null : dueAfter(dueAt, ((percent - 100) / 100) * total, unit);
}
