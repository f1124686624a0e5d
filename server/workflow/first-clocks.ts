import { limitMs, type TimeLimit, type TimeUnit } from '../incidents/deadline.ts';
import { clockFrom, startClock } from './clock.ts';
import { escalatesAt } from './escalation.ts';
import { stageLimit } from './limits.ts';
import { FIRST_STAGE } from './machine.ts';

/** The clocks that run from the receipt of an incident on. Times are ms since 1970. */
export interface FirstClocks {
  limitAmount: number;
  limitUnit: TimeUnit;
  warnAt: number;
  stageWarnAt: number | null;
  stageDueAt: number | null;
  escalateAt: number | null;
}

export function firstClocks(incident: {
  category: { code: string; limit: TimeLimit };
  severity: number;
  receivedAt: number;
}): FirstClocks {
  const { category, severity, receivedAt } = incident;
  const { amount, unit } = category.limit;
  const limit = stageLimit(FIRST_STAGE, { category: category.code, severity });
  const stage = limit === null || limit === 'matter' ? null : startClock(receivedAt, limit);
  const total = limitMs(category.limit);
  return {
    limitAmount: amount,
    limitUnit: unit,
    warnAt: clockFrom(receivedAt, total, total, unit).warnAt,
    stageWarnAt: stage?.warnAt ?? null,
    stageDueAt: stage?.dueAt ?? null,
    escalateAt: escalatesAt(receivedAt, 0, category.code),
  };
}
