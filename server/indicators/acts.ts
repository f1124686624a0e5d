/** What the acts are that indicators count, and what is noted of each. Plain data. */
import type { Text } from '../../layers/define.ts';

export interface ActDefinition {
  title: Text;
  /** What `ok` and `flag` say of it, where they say anything. */
  ok?: Text;
  flag?: Text;
}

export const acts = {
  report: {
    title: { zh: '上报', en: 'Reported' },
    ok: { zh: '未并入其他案件', en: 'not merged into another' },
    flag: { zh: '30 天内 50 米内有同类案件', en: 'another of its kind within 50 m in the 30 days before' },
  },
  accept: { title: { zh: '受理', en: 'Taken up' } },
  verify: { title: { zh: '核实', en: 'Verified' } },
  register: {
    title: { zh: '立案', en: 'Registered' },
    flag: { zh: '公众先于采集员上报', en: 'reported by the public before any collector' },
  },
  dispatch: { title: { zh: '派遣', en: 'Dispatched' } },
  return: { title: { zh: '退回', en: 'Returned' } },
  extension: { title: { zh: '申请延期', en: 'Extension asked for' } },
  suspend: { title: { zh: '挂账', en: 'Suspended' } },
  dispose: { title: { zh: '处置', en: 'Dealt with' } },
  check: { title: { zh: '核查', en: 'Checked' } },
  archive: { title: { zh: '结案', en: 'Closed' } },
  due: {
    title: { zh: '应处置', en: 'Due to be dealt with' },
    ok: { zh: '已处置', en: 'dealt with' },
    flag: { zh: '曾返工', en: 'reworked at least once' },
  },
  archive_due: {
    title: { zh: '应结案', en: 'Due to be closed' },
    ok: { zh: '已结案', en: 'closed' },
  },
  rate: { title: { zh: '评价', en: 'Rated' }, ok: { zh: '满意或非常满意', en: 'satisfied or very satisfied' } },
} as const satisfies Record<string, ActDefinition>;

export type ActId = keyof typeof acts;

/** Sources by which the public reports. */
export const PUBLIC_SOURCES: ReadonlySet<string> = new Set(['citizen', '12345', 'hotline', 'open311', 'public']);

export interface Act {
  act: ActId;
  /** ISO 8601. */
  at: string;
  inTime: boolean | null;
  ok: boolean | null;
  flag: boolean | null;
  minutes: number | null;
  department: string | null;
  person: string | null;
}
