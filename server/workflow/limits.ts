/** How long a matter may stay in each stage, and how long its handling may take, by type and level. Plain data. */
import type { Text } from '../../layers/define.ts';
import { findCategory } from '../incidents/categories.ts';
import type { TimeLimit } from '../incidents/deadline.ts';
import type { StageId } from './machine.ts';

const minutes = (amount: number): TimeLimit => ({ amount, unit: 'minute' });
const workMinutes = (amount: number): TimeLimit => ({ amount, unit: 'workminute' });
const days = (amount: number): TimeLimit => ({ amount: 24 * amount, unit: 'hour' });

/**
 * Limits of the stages. An urgent matter's clock runs day and night, another's in working time. `matter`: the limit of
 * the matter itself; null: nothing more has to happen.
 */
export const stageLimits: Readonly<Record<StageId, { urgent: TimeLimit; ordinary: TimeLimit } | 'matter' | null>> = {
  collected: { urgent: minutes(10), ordinary: workMinutes(10) },
  verifying: { urgent: minutes(30), ordinary: workMinutes(30) },
  registered: { urgent: minutes(15), ordinary: workMinutes(15) },
  dispatched: { urgent: minutes(30), ordinary: workMinutes(30) },
  handling: 'matter',
  extending: { urgent: minutes(30), ordinary: { amount: 1, unit: 'workday' } },
  suspended: { urgent: { amount: 1, unit: 'workday' }, ordinary: { amount: 10, unit: 'workday' } },
  feedback: { urgent: minutes(15), ordinary: workMinutes(15) },
  checking: { urgent: minutes(60), ordinary: workMinutes(60) },
  checked: { urgent: minutes(10), ordinary: workMinutes(10) },
  // Until then it may be reopened; the service evaluates it afterwards.
  closed: { urgent: days(7), ordinary: days(7) },
  evaluated: null,
  rejected: null,
  duplicate: null,
  self_handled: null,
};

/** Red and orange matters that are dealt with in hours, by severity: day and night. */
const URGENT_HOURS: Readonly<Record<number, number>> = { 1: 1, 2: 2 };

/** A category that the lists no longer have. */
const FALLBACK: TimeLimit = { amount: 3, unit: 'workday' };

export interface Kind {
  category: string;
  severity: number;
}

/** Whether clocks of the matter run day and night. */
export function isUrgent({ category, severity }: Kind): boolean {
  const { unit } = findCategory(category)?.limit ?? FALLBACK;
  return unit === 'hour' || (unit === 'workhour' && severity in URGENT_HOURS);
}

/** The limit of the handling: that of the category, or by level where the matter is urgent. */
export function matterLimit(kind: Kind): TimeLimit {
  const limit = findCategory(kind.category)?.limit ?? FALLBACK;
  const hours = URGENT_HOURS[kind.severity];
  if (hours === undefined || !isUrgent(kind)) return limit;
  return { amount: Math.min(hours, limit.amount), unit: 'hour' };
}

/** The limit of a stage; null where it has none, `matter` where it is that of the matter. */
export function stageLimit(stage: StageId, kind: Kind): TimeLimit | 'matter' | null {
  const limit = stageLimits[stage];
  if (limit === null || limit === 'matter') return limit;
  return isUrgent(kind) ? limit.urgent : limit.ordinary;
}

export interface Milestone {
  id: string;
  title: Text;
  /** From the dispatch on. */
  limit: TimeLimit;
}

const BUILDING: readonly Milestone[] = [
  { id: 'stop', title: { zh: '责令停工', en: 'Works stopped' }, limit: { amount: 4, unit: 'workhour' } },
  { id: 'penalty', title: { zh: '作出处罚', en: 'Penalty decided' }, limit: { amount: 7, unit: 'workday' } },
  { id: 'removal', title: { zh: '拆除完成', en: 'Structure removed' }, limit: { amount: 20, unit: 'workday' } },
];

/** Categories whose handling has several points in time. */
export const milestones: Readonly<Record<string, readonly Milestone[]>> = {
  '06001': BUILDING,
  '08016': BUILDING,
  '06032': [
    { id: 'closed', title: { zh: '封闭现场', en: 'Site closed off' }, limit: { amount: 1, unit: 'workday' } },
    { id: 'cleared', title: { zh: '清运完成', en: 'Waste removed' }, limit: { amount: 20, unit: 'workday' } },
  ],
};
