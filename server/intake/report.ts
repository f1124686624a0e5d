import type { ReportInput } from '../contract/reports.ts';
import { settleCategory } from '../incidents/aliases.ts';
import type { IncidentDraft } from '../incidents/validate.ts';

/** Days after an incident was closed in which it is kept who reported it, and its token leads to it. */
export const REPORT_DAYS = 180;

/**
 * The incident that a form reports. Clocks of phones are not ours to mend: a time ahead of `now` (ms since 1970) counts as
 * none. Free text stays out of the title, which every screen shows.
 */
export function readReport(
  { id, category, at, reporter, severity = 0, ...rest }: ReportInput,
  { role, token, now }: { role: 'public' | 'staff'; token: string; now: number },
): IncidentDraft {
  const isStaff = role === 'staff';
  return {
    ...rest,
    key: `${isStaff ? 'collect' : 'report'}/${id}`,
    source: isStaff ? 'collector' : 'citizen',
    category,
    title: settleCategory(category)?.title.zh ?? category,
    // How grave it is, is for those to say who have learnt it.
    severity: isStaff ? severity : 0,
    ...(at !== undefined && Date.parse(at) <= now ? { occurredAt: at } : {}),
    ...(reporter === undefined || Object.keys(reporter).length === 0 ? {} : { reporter }),
    token,
  };
}
