/** The indicators, one definition each: what every table, chart and export computes and what the documents say. Plain data. */
import type { Text } from '../../layers/define.ts';
import type { ActId } from './acts.ts';

/** Acts that are counted: all of one kind, or those of which something holds. */
export interface Counted {
  act: ActId;
  where?: 'in_time' | 'ok' | 'flag' | 'not ok';
  /** Acts whose number is taken away. */
  less?: ActId;
}

export type Measure =
  | { count: Counted }
  /** One number as a share of another. */
  | { share: readonly [Counted, Counted] }
  /** Mean of the working minutes that the act took. */
  | { mean: ActId }
  /** The three most frequent categories as a share of all acts. */
  | { top3: ActId }
  /** Other indicators, weighted; `rest` counts what is missing to 1. */
  | { score: readonly { key: string; weight: number; rest?: true }[] };

export interface Indicator {
  title: Text;
  measure: Measure;
  /** Whether more of it is better, worse, or neither. */
  better: 'more' | 'less' | null;
}

const due: Counted = { act: 'due' };
const archiveDue: Counted = { act: 'archive_due' };
const dispatched: Counted = { act: 'dispatch' };

export const indicators = {
  report: { title: { zh: '上报数', en: 'Reported' }, measure: { count: { act: 'report' } }, better: null },
  accept: { title: { zh: '受理数', en: 'Taken up' }, measure: { count: { act: 'accept' } }, better: null },
  register: { title: { zh: '立案数', en: 'Registered' }, measure: { count: { act: 'register' } }, better: null },
  dispatch: { title: { zh: '派遣数', en: 'Dispatched' }, measure: { count: dispatched }, better: null },
  dispose: { title: { zh: '处置数', en: 'Dealt with' }, measure: { count: { act: 'dispose' } }, better: null },
  archive: { title: { zh: '结案数', en: 'Closed' }, measure: { count: { act: 'archive' } }, better: null },
  needArchiveNum: { title: { zh: '应结案数', en: 'Due to be closed' }, measure: { count: archiveDue }, better: null },
  registerRate: {
    title: { zh: '立案率', en: 'Registration rate' },
    measure: { share: [{ act: 'register' }, { act: 'report', where: 'ok' }] },
    better: null,
  },
  inTimeRegisterRate: {
    title: { zh: '按时立案率', en: 'Registered in time' },
    measure: { share: [{ act: 'register', where: 'in_time' }, { act: 'register' }] },
    better: 'more',
  },
  accurDispatchRate: {
    title: { zh: '准确派遣率', en: 'Rightly dispatched' },
    measure: { share: [{ act: 'dispatch', less: 'return' }, dispatched] },
    better: 'more',
  },
  disposeRate: {
    title: { zh: '处置率', en: 'Dealt with, of those due' },
    measure: { share: [{ act: 'due', where: 'ok' }, due] },
    better: 'more',
  },
  inTimeDisposeRate: {
    title: { zh: '按期处置率', en: 'Dealt with in time' },
    measure: { share: [{ act: 'due', where: 'in_time' }, due] },
    better: 'more',
  },
  archiveRate: {
    title: { zh: '结案率', en: 'Closed, of those due' },
    measure: { share: [{ act: 'archive_due', where: 'ok' }, archiveDue] },
    better: 'more',
  },
  inTimeArchiveRate: {
    title: { zh: '按期结案率', en: 'Closed in time' },
    measure: { share: [{ act: 'archive_due', where: 'in_time' }, archiveDue] },
    better: 'more',
  },
  reworkRate: {
    title: { zh: '返工率', en: 'Reworked' },
    measure: { share: [{ act: 'due', where: 'flag' }, due] },
    better: 'less',
  },
  returnRate: {
    title: { zh: '退回率', en: 'Returned' },
    measure: { share: [{ act: 'return' }, dispatched] },
    better: 'less',
  },
  extensionRate: {
    title: { zh: '延期率', en: 'Extensions' },
    measure: { share: [{ act: 'extension' }, dispatched] },
    better: 'less',
  },
  suspendRate: {
    title: { zh: '挂账率', en: 'Suspended' },
    measure: { share: [{ act: 'suspend' }, dispatched] },
    better: 'less',
  },
  missRate: {
    title: { zh: '漏报率', en: 'Missed by collectors' },
    measure: { share: [{ act: 'register', where: 'flag' }, { act: 'register' }] },
    better: 'less',
  },
  verifyInTimeRate: {
    title: { zh: '按时核实率', en: 'Verified in time' },
    measure: { share: [{ act: 'verify', where: 'in_time' }, { act: 'verify' }] },
    better: 'more',
  },
  checkInTimeRate: {
    title: { zh: '按时核查率', en: 'Checked in time' },
    measure: { share: [{ act: 'check', where: 'in_time' }, { act: 'check' }] },
    better: 'more',
  },
  avgAcceptTime: {
    title: { zh: '平均受理时长', en: 'Mean time to take up' },
    measure: { mean: 'accept' },
    better: 'less',
  },
  avgHandleTime: {
    title: { zh: '平均处置时长', en: 'Mean time to deal with' },
    measure: { mean: 'dispose' },
    better: 'less',
  },
  repeatRate: {
    title: { zh: '重复率', en: 'Repeated' },
    measure: { share: [{ act: 'report', where: 'flag' }, { act: 'report' }] },
    better: 'less',
  },
  hotRate: { title: { zh: '高发占比', en: 'Three most frequent kinds' }, measure: { top3: 'report' }, better: null },
  satisfactionRate: {
    title: { zh: '满意率', en: 'Satisfied' },
    measure: { share: [{ act: 'rate', where: 'ok' }, { act: 'rate' }] },
    better: 'more',
  },
  score: {
    title: { zh: '综合得分', en: 'Score' },
    measure: {
      score: [
        { key: 'inTimeArchiveRate', weight: 40 },
        { key: 'archiveRate', weight: 20 },
        { key: 'reworkRate', weight: 15, rest: true },
        { key: 'inTimeDisposeRate', weight: 15 },
        { key: 'satisfactionRate', weight: 10 },
      ],
    },
    better: 'more',
  },
} as const satisfies Record<string, Indicator>;

export type IndicatorId = keyof typeof indicators;
export const indicatorIds = Object.keys(indicators) as IndicatorId[];

/** An indicator as the interface tells it, whichever it is. */
export function indicatorOf(id: string): Indicator {
  const found = (indicators as Record<string, Indicator>)[id];
  if (!found) throw new Error(`there is no indicator ${id}`);
  return found;
}

/** `share`: 0 to 1; `minutes`: working minutes; `score`: 0 to 100. */
export function unitOf({ measure }: Indicator): 'count' | 'share' | 'minutes' | 'score' {
  if ('count' in measure) return 'count';
  if ('mean' in measure) return 'minutes';
  return 'score' in measure ? 'score' : 'share';
}
