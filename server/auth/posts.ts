import type { Text } from '../../layers/define.ts';

/** What somebody is to a matter: the supervision centre finds and judges, the command centre sends, departments do. */
export const posts = {
  collector: { zh: '采集员（网格员）', en: 'Collector (grid worker)' },
  acceptor: { zh: '受理员', en: 'Acceptor' },
  shift_lead: { zh: '值班长', en: 'Shift leader' },
  dispatcher: { zh: '派遣员', en: 'Dispatcher' },
  department: { zh: '处置部门', en: 'Department' },
  leader: { zh: '督办领导', en: 'Supervising leader' },
  /** Whoever reported the matter. */
  reporter: { zh: '上报人', en: 'Reporter' },
  /** The service itself: timers and rules. */
  system: { zh: '系统', en: 'System' },
} as const satisfies Record<string, Text>;

export type Post = keyof typeof posts;

/** The posts that people of the government network hold. */
export const STAFF_POSTS = ['collector', 'acceptor', 'shift_lead', 'dispatcher', 'department', 'leader'] as const;
