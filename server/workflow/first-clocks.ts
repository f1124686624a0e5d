import { limitMs, type TimeLimit } from '../incidents/deadline.ts';
import { isoTime } from '../iso-time.ts';
import { clockFrom, startClock } from './clock.ts';
import { escalatesAt } from './escalation.ts';
import { stageLimit } from './limits.ts';
import { FIRST_STAGE } from './machine.ts';

/** The clocks that run from the receipt of an incident on, as columns of `app.incident`. */
export function firstClocks(incident: {
  category: { code: string; limit: TimeLimit };
  severity: number;
  receivedAt: number;
}): Record<string, string | number | null> {
  const { category, severity, receivedAt } = incident;
  const { amount, unit } = category.limit;
  const limit = stageLimit(FIRST_STAGE, { category: category.code, severity });
  const stage = limit === null || limit === 'matter' ? null : startClock(receivedAt, limit);
  const total = limitMs(category.limit);
  return {
    limit_amount: amount,
    limit_unit: unit,
    warn_at: iso(clockFrom(receivedAt, total, total, unit).warnAt),
    stage_warn_at: iso(stage?.warnAt ?? null),
    stage_due_at: iso(stage?.dueAt ?? null),
    escalate_at: iso(escalatesAt(receivedAt, 0, category.code)),
  };
}

function iso(ms: number | null): string | null {
  return ms === null ? null : isoTime(ms);
}
