/** What lists say of an incident, the same in each of them. */
import type { TFunction } from 'i18next';
import type { Incident, Workflow } from '../server/app.ts';
import { pick } from './i18n/i18n.ts';
import { duration } from './time.ts';
import type { Language } from './url-state.ts';

/** How long there is until its limit, or since: `left` in ms, null where no limit runs. */
export function dueText(t: TFunction, left: number | null, lang: Language, isPaused = false): string {
  if (left === null) return t(isPaused ? 'queue.paused' : 'queue.noLimit');
  return left < 0
    ? t('queue.overdue', { time: duration(-left, lang) })
    : t('queue.due', { time: duration(left, lang) });
}

/** Department and person that have it, or that nobody has. */
export function whoText(
  t: TFunction,
  { department, assignee }: Pick<Incident, 'department' | 'assignee'>,
  workflow: Workflow | undefined,
  lang: Language,
): string {
  const title = workflow?.departments.find(({ id }) => id === department)?.title;
  return [pick(title, lang), assignee].filter(Boolean).join(' · ') || t('queue.nobody');
}
