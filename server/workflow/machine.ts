/**
 * The workflow of an incident as one declared machine: seven steps, their states, and the moves between them. Plain data:
 * `moveIncident` obeys it, `GET /api/workflow` hands it out, the dashboard draws its buttons from it, `docs/workflow.md`
 * is held to it by a test.
 */
import type { Text } from '../../layers/define.ts';
import type { Post } from '../auth/posts.ts';

/** The seven steps, in order. */
export const steps = [
  { zh: '信息收集', en: 'Collection' },
  { zh: '案件建立', en: 'Registration' },
  { zh: '任务派遣', en: 'Dispatch' },
  { zh: '任务处理', en: 'Handling' },
  { zh: '处理反馈', en: 'Feedback' },
  { zh: '核查结案', en: 'Check and closing' },
  { zh: '综合评价', en: 'Evaluation' },
] as const satisfies readonly Text[];

export interface StageDefinition {
  title: Text;
  /** 1 to 7. */
  step: number;
  /** Open: the matter is on the screens. Closed: it is over, though it may be taken up again. */
  state: 'open' | 'closed';
  /** Nothing more has to happen: the stage has no limit. */
  isFinal?: true;
  /** The clock of the matter stands; the stage still has a limit of its own, for looking at it again. */
  stopsClock?: true;
}

export const stages = {
  collected: { title: { zh: '待立案', en: 'To be registered' }, step: 1, state: 'open' },
  verifying: { title: { zh: '核实中', en: 'Being verified' }, step: 1, state: 'open' },
  registered: { title: { zh: '待派遣', en: 'To be dispatched' }, step: 2, state: 'open' },
  dispatched: { title: { zh: '待接单', en: 'To be accepted' }, step: 3, state: 'open' },
  handling: { title: { zh: '处理中', en: 'Being handled' }, step: 4, state: 'open' },
  extending: { title: { zh: '延期待批', en: 'Extension being decided' }, step: 4, state: 'open', stopsClock: true },
  suspended: { title: { zh: '缓办挂账', en: 'Suspended' }, step: 4, state: 'open', stopsClock: true },
  feedback: { title: { zh: '已反馈', en: 'Reported done' }, step: 5, state: 'open' },
  checking: { title: { zh: '核查中', en: 'Being checked' }, step: 6, state: 'open' },
  checked: { title: { zh: '待结案', en: 'To be closed' }, step: 6, state: 'open' },
  closed: { title: { zh: '已结案', en: 'Closed' }, step: 7, state: 'closed' },
  evaluated: { title: { zh: '已评价', en: 'Evaluated' }, step: 7, state: 'closed', isFinal: true },
  rejected: { title: { zh: '不予立案', en: 'Not registered' }, step: 1, state: 'closed', isFinal: true },
  duplicate: { title: { zh: '已并案', en: 'Merged' }, step: 1, state: 'closed', isFinal: true },
  self_handled: { title: { zh: '自处置', en: 'Solved on the spot' }, step: 1, state: 'closed', isFinal: true },
} as const satisfies Record<string, StageDefinition>;

export type StageId = keyof typeof stages;
export const stageIds = Object.keys(stages) as StageId[];
/** Where every incident begins. */
export const FIRST_STAGE: StageId = 'collected';
const openStages = stageIds.filter((id) => stages[id].state === 'open');

/**
 * What a move does to the clock of the matter: begins the limit anew, stops it, lets it go on with what is left, or leaves
 * it as it is.
 */
export type ClockEffect = 'start' | 'stop' | 'resume' | 'keep';

/** What must be so, beyond stage and post. */
export const conditions = {
  return_window: { zh: '在派遣后 30 分钟内', en: 'it is within 30 minutes after dispatch' },
  first_extension: { zh: '未申请过延期（每案一次）', en: 'no extension was asked for before' },
  tasks_done: { zh: '协办任务全部完成', en: 'all sub-tasks are done' },
  within_7_days: { zh: '在结案后 7 天内', en: 'it is within 7 days after closing' },
} as const satisfies Record<string, Text>;
export type ConditionId = keyof typeof conditions;

/** What a move must be told: the lead department, the incident this one repeats, by how much the limit grows. */
export type MoveInput = 'department' | 'parent' | 'amount';

export interface MoveDefinition {
  title: Text;
  from: readonly StageId[];
  /** The stage entered; null: the incident stays where it is. */
  to: StageId | null;
  posts: readonly Post[];
  needsReason?: true;
  needs?: readonly MoveInput[];
  condition?: ConditionId;
  /** `keep` when left out. */
  clock?: ClockEffect;
}

export const moves = {
  // 1 信息收集
  verify: {
    title: { zh: '派核实', en: 'Have it verified' },
    from: ['collected'],
    to: 'verifying',
    posts: ['acceptor', 'shift_lead'],
  },
  confirm: { title: { zh: '核实属实', en: 'Confirm' }, from: ['verifying'], to: 'collected', posts: ['collector'] },
  register: {
    title: { zh: '立案', en: 'Register' },
    from: ['collected'],
    to: 'registered',
    posts: ['acceptor', 'shift_lead'],
    clock: 'start',
  },
  reject: {
    title: { zh: '不予立案', en: 'Do not register' },
    from: ['collected', 'verifying'],
    to: 'rejected',
    posts: ['acceptor', 'shift_lead'],
    needsReason: true,
  },
  self_handle: {
    title: { zh: '自处置', en: 'Solve on the spot' },
    from: ['collected', 'verifying'],
    to: 'self_handled',
    posts: ['collector'],
  },
  merge: {
    title: { zh: '并案', en: 'Merge' },
    from: ['collected', 'verifying', 'registered', 'dispatched'],
    to: 'duplicate',
    posts: ['acceptor', 'shift_lead', 'system'],
    needs: ['parent'],
  },
  unlink: {
    title: { zh: '撤销并案', en: 'Undo the merging' },
    from: ['duplicate'],
    to: 'collected',
    posts: ['acceptor', 'shift_lead', 'system'],
    needsReason: true,
    clock: 'start',
  },
  reconsider: {
    title: { zh: '复议立案', en: 'Reconsider' },
    from: ['rejected', 'self_handled'],
    to: 'collected',
    posts: ['acceptor', 'shift_lead'],
    needsReason: true,
    condition: 'within_7_days',
    clock: 'start',
  },
  // 2, 3 案件建立, 任务派遣
  dispatch: {
    title: { zh: '派遣', en: 'Dispatch' },
    from: ['registered'],
    to: 'dispatched',
    posts: ['dispatcher', 'system'],
    needs: ['department'],
    clock: 'start',
  },
  accept: { title: { zh: '接单', en: 'Accept' }, from: ['dispatched'], to: 'handling', posts: ['department'] },
  return: {
    title: { zh: '退回', en: 'Return' },
    from: ['dispatched'],
    to: 'registered',
    posts: ['department'],
    needsReason: true,
    condition: 'return_window',
  },
  transfer: {
    title: { zh: '转办', en: 'Transfer' },
    from: ['dispatched', 'handling'],
    to: 'dispatched',
    posts: ['dispatcher'],
    needsReason: true,
    needs: ['department'],
    clock: 'start',
  },
  // 4 任务处理
  request_extension: {
    title: { zh: '申请延期', en: 'Ask for an extension' },
    from: ['handling'],
    to: 'extending',
    posts: ['department'],
    needsReason: true,
    needs: ['amount'],
    condition: 'first_extension',
    clock: 'stop',
  },
  grant_extension: {
    title: { zh: '同意延期', en: 'Grant the extension' },
    from: ['extending'],
    to: 'handling',
    posts: ['dispatcher', 'shift_lead'],
    clock: 'resume',
  },
  refuse_extension: {
    title: { zh: '不同意延期', en: 'Refuse the extension' },
    from: ['extending'],
    to: 'handling',
    posts: ['dispatcher', 'shift_lead'],
    needsReason: true,
    clock: 'resume',
  },
  suspend: {
    title: { zh: '缓办（挂账）', en: 'Suspend' },
    from: ['handling'],
    to: 'suspended',
    posts: ['dispatcher', 'leader'],
    needsReason: true,
    clock: 'stop',
  },
  prolong: {
    title: { zh: '续挂', en: 'Keep suspended' },
    from: ['suspended'],
    to: 'suspended',
    posts: ['dispatcher', 'leader'],
    needsReason: true,
  },
  resume: {
    title: { zh: '恢复办理', en: 'Resume' },
    from: ['suspended'],
    to: 'handling',
    posts: ['dispatcher', 'department', 'leader'],
    clock: 'resume',
  },
  report_done: {
    title: { zh: '反馈处置结果', en: 'Report it done' },
    from: ['handling'],
    to: 'feedback',
    posts: ['department'],
    condition: 'tasks_done',
  },
  // 5, 6 处理反馈, 核查结案
  send_back: {
    title: { zh: '退回续办', en: 'Send back' },
    from: ['feedback'],
    to: 'handling',
    posts: ['dispatcher'],
    needsReason: true,
  },
  request_check: {
    title: { zh: '派核查', en: 'Have it checked' },
    from: ['feedback'],
    to: 'checking',
    posts: ['dispatcher', 'acceptor', 'shift_lead'],
  },
  pass: { title: { zh: '核查通过', en: 'Pass the check' }, from: ['checking'], to: 'checked', posts: ['collector'] },
  rework: {
    title: { zh: '返工', en: 'Rework' },
    from: ['checking', 'checked'],
    to: 'handling',
    posts: ['collector', 'shift_lead'],
    needsReason: true,
    clock: 'start',
  },
  close: {
    title: { zh: '结案', en: 'Close' },
    from: ['checked'],
    to: 'closed',
    posts: ['shift_lead', 'system'],
  },
  close_now: {
    title: { zh: '直接结案', en: 'Close at once' },
    from: openStages.filter((id) => id !== 'checked'),
    to: 'closed',
    // The service where the system that reported it says that it is over (`server/intake/feed-changes.ts`).
    posts: ['shift_lead', 'leader', 'system'],
  },
  // 7 综合评价
  evaluate: {
    title: { zh: '综合评价', en: 'Evaluate' },
    from: ['closed'],
    to: 'evaluated',
    posts: ['shift_lead', 'leader', 'system'],
  },
  reopen: {
    title: { zh: '重新办理', en: 'Reopen' },
    from: ['closed', 'evaluated'],
    to: 'registered',
    posts: ['shift_lead', 'leader'],
    needsReason: true,
    condition: 'within_7_days',
    clock: 'start',
  },
  // At any time while it is open
  escalate: {
    title: { zh: '吹哨上报', en: 'Blow the whistle' },
    from: openStages,
    to: null,
    posts: ['collector', 'department', 'dispatcher', 'system'],
    needsReason: true,
  },
  supervise: {
    title: { zh: '督办', en: 'Supervise' },
    from: openStages,
    to: null,
    posts: ['shift_lead', 'leader', 'system'],
    needsReason: true,
  },
} as const satisfies Record<string, MoveDefinition>;

export type MoveId = keyof typeof moves;
export const moveIds = Object.keys(moves) as MoveId[];

/** What the history holds beside moves: it leaves the stage as it is. */
export const notes = {
  comment: { zh: '留言', en: 'Comment' },
  assign: { zh: '指定人员', en: 'Assign a person' },
  task_add: { zh: '增派协办', en: 'Add a sub-task' },
  task_acknowledge: { zh: '协办签收', en: 'Sub-task acknowledged' },
  task_arrive: { zh: '协办到场', en: 'Sub-task: on the scene' },
  task_finish: { zh: '协办完成', en: 'Sub-task done' },
  task_cancel: { zh: '撤销协办', en: 'Sub-task withdrawn' },
  media_add: { zh: '上传影像', en: 'Photo or video added' },
  media_remove: { zh: '撤下影像', en: 'Photo or video taken out' },
  milestone: { zh: '完成节点', en: 'Milestone reached' },
  rate: { zh: '满意度评价', en: 'Satisfaction rated' },
  // Requests to deal with it (`server/dispatch/`).
  dispatch_ask: { zh: '请求到场', en: 'Asked to deal with it' },
  dispatch_acknowledge: { zh: '确认接收', en: 'Request acknowledged' },
  dispatch_decline: { zh: '不能接收', en: 'Request declined' },
  dispatch_escalate: { zh: '超时未确认', en: 'Request not answered' },
  dispatch_withdraw: { zh: '撤回请求', en: 'Request withdrawn' },
  dispatch_exhaust: { zh: '已无人可请', en: 'Nobody left to ask' },
  // Of the moves of another incident: this one is the one that is kept.
  report_linked: { zh: '并入一件上报', en: 'Another report merged' },
  report_unlinked: { zh: '撤出一件上报', en: 'A report taken out again' },
  // Of reports of the same thing that stay open (`server/duplicates/`).
  linked: { zh: '关联为重复上报', en: 'Linked as a report of another one' },
  unlinked: { zh: '解除重复关联', en: 'No longer a report of another one' },
  severity_raised: { zh: '因上报增多提级', en: 'Made graver by its reports' },
  severity_lowered: { zh: '因上报减少恢复等级', en: 'Less grave again without its reports' },
  end_with_parent: { zh: '随主事件结束', en: 'Ended with the incident it is a report of' },
  reopen_with_parent: { zh: '随主事件重启', en: 'Opened again with the incident it is a report of' },
  // What a polled feed says of an incident after it has reported it.
  source_changed: { zh: '来源信息变更', en: 'Changed in the source' },
  source_closed: { zh: '来源已办结', en: 'Closed in the source' },
} as const satisfies Record<string, Text>;
export type NoteId = keyof typeof notes;

export function isStage(id: string): id is StageId {
  return Object.hasOwn(stages, id);
}

export function isMove(id: string): id is MoveId {
  return Object.hasOwn(moves, id);
}

/** A move as the interface tells it, whichever it is. */
export function moveOf(id: MoveId): MoveDefinition {
  return moves[id];
}

export function stageOf(id: StageId): StageDefinition {
  return stages[id];
}

/** The moves that lead on from a stage, conditions and posts aside. */
export function movesFrom(stage: StageId): MoveId[] {
  return moveIds.filter((id) => moveOf(id).from.includes(stage));
}
