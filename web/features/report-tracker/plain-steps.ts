import type { ReportProgress } from '../../../server/app.ts';

/** The workflow as somebody sees it who only wants it mended. */
export const PLAIN_STEPS = ['received', 'assigned', 'working', 'checking', 'done'] as const;
export type PlainStep = (typeof PLAIN_STEPS)[number];

/** The stages behind each step; those that are none of these end the matter in another way. */
const STEP_OF: Readonly<Record<string, PlainStep>> = {
  collected: 'received',
  verifying: 'received',
  registered: 'assigned',
  dispatched: 'assigned',
  handling: 'working',
  extending: 'working',
  suspended: 'working',
  feedback: 'checking',
  checking: 'checking',
  checked: 'checking',
  closed: 'done',
  evaluated: 'done',
  self_handled: 'done',
  rejected: 'done',
};

export interface Told {
  step: PlainStep;
  state: 'past' | 'present' | 'coming';
  /** When it was last entered, ISO 8601. */
  at: string | null;
}

type Standing = Pick<ReportProgress, 'stage' | 'state' | 'merged'>;

/** Whether it goes the way of another report: while it is open, or when it was merged. What was closed itself is over. */
export function followsOther({ stage, state, merged }: Standing): boolean {
  return merged !== null && (state === 'open' || stage === 'duplicate');
}

/** The stage that tells how the matter stands: its own, or that of the one it is another report of. */
export function stageOf(report: Standing): string {
  return followsOther(report) ? (report.merged?.stage ?? report.stage) : report.stage;
}

/** Each step with its time. Steps that the matter went back from are still to come. */
export function tellSteps(progress: Standing & Pick<ReportProgress, 'stages' | 'receivedAt'>): Told[] {
  const present = PLAIN_STEPS.indexOf(STEP_OF[stageOf(progress)] ?? 'received');
  return PLAIN_STEPS.map((step, index) => {
    const entered = progress.stages.findLast(({ stage }) => STEP_OF[stage] === step)?.at ?? null;
    const at = index === 0 ? progress.receivedAt : entered;
    const isOver = present === PLAIN_STEPS.length - 1;
    const state = index < present || (isOver && index === present) ? 'past' : index === present ? 'present' : 'coming';
    return { step, state, at: state === 'coming' ? null : at };
  });
}
