/** Entries of the history as sentences, in both languages and from one place: screens and programs get the same words. */
import { departments } from '../../layers/departments.ts';
import type { Text } from '../../layers/define.ts';
import { posts } from '../auth/posts.ts';
import type { TimeUnit } from '../incidents/deadline.ts';
import { escalationLevels } from './escalation.ts';
import type { IncidentEventRow } from './history.ts';
import { milestones } from './limits.ts';
import { isMove, isStage, moveOf, notes, stageOf, type MoveId, type NoteId } from './machine.ts';
import { ratings } from './rating.ts';

type Entry = Pick<IncidentEventRow, 'move' | 'from' | 'to' | 'actor' | 'post' | 'department' | 'reason' | 'detail'>;
type Detail = Readonly<Record<string, unknown>>;
/** What happened, told of the matter: in English a participle, behind which "by …" can stand. */
type Act = (detail: Detail, unit: TimeUnit | null) => Text;

const units: Record<TimeUnit, Text> = {
  minute: { zh: '分钟', en: 'minutes' },
  hour: { zh: '小时', en: 'hours' },
  workminute: { zh: '工作分钟', en: 'working minutes' },
  workhour: { zh: '工作小时', en: 'working hours' },
  workday: { zh: '个工作日', en: 'working days' },
};
const levels: readonly Text[] = [
  { zh: '一般', en: 'ordinary' },
  { zh: '红色', en: 'red' },
  { zh: '橙色', en: 'orange' },
  { zh: '黄色', en: 'yellow' },
  { zh: '蓝色', en: 'blue' },
];
const phases: Readonly<Record<string, Text>> = {
  report: { zh: '上报时', en: 'as reported' },
  before: { zh: '处置前', en: 'before the work' },
  after: { zh: '处置后', en: 'after the work' },
};

const always = (zh: string, en: string) => (): Text => ({ zh, en });
/** The fact where it is known, the bare act where not. */
const withFact =
  (bare: Text, find: (detail: Detail) => Text | undefined, told: (fact: Text) => Text): Act =>
  (detail) => {
    const fact = find(detail);
    return fact === undefined ? bare : told(fact);
  };

const plain = (value: unknown): Text | undefined =>
  typeof value === 'number' || (typeof value === 'string' && value !== '')
    ? { zh: String(value), en: String(value) }
    : undefined;
const named = (name: string) => (detail: Detail) => plain(detail[name]);
const department = (detail: Detail): Text | undefined =>
  Object.hasOwn(departments, String(detail['department']))
    ? departments[String(detail['department'])]?.title
    : undefined;
const textOf = (value: unknown): Text | undefined => {
  const { zh, en } = (value ?? {}) as Partial<Text>;
  return typeof zh === 'string' && typeof en === 'string' ? { zh, en } : undefined;
};
const candidate = (detail: Detail) => textOf(detail['title']);
const level = ({ level: at }: Detail) => (typeof at === 'number' ? escalationLevels[at]?.title : undefined);
const severity = ({ severity: at }: Detail) => (typeof at === 'number' ? levels[at] : undefined);
const rating = ({ score }: Detail) => (ratings as Readonly<Record<number, Text>>)[Number(score)];
const score = ({ evaluation }: Detail) => plain((evaluation as { score?: number } | undefined)?.score);
const phase = ({ phase: at }: Detail) => phases[String(at)];
const milestone = ({ milestone: wanted }: Detail) =>
  Object.values(milestones)
    .flat()
    .find(({ id }) => id === wanted)?.title;
/** What of an item of a feed is different. */
const sourceFieldTitles: Readonly<Record<string, Text>> = {
  title: { zh: '标题', en: 'title' },
  category: { zh: '类别', en: 'category' },
  severity: { zh: '等级', en: 'severity' },
  occurredAt: { zh: '发生时间', en: 'time' },
  lon: { zh: '经度', en: 'longitude' },
  lat: { zh: '纬度', en: 'latitude' },
  address: { zh: '地址', en: 'address' },
  description: { zh: '描述', en: 'description' },
  state: { zh: '状态', en: 'state' },
};
const sourceFields = ({ changes }: Detail): Text | undefined => {
  if (!Array.isArray(changes) || changes.length === 0) return undefined;
  const titles = (changes as { field?: unknown }[]).map(({ field }) => {
    const name = String(field);
    return sourceFieldTitles[name] ?? { zh: name, en: name };
  });
  return { zh: titles.map(({ zh }) => zh).join('、'), en: titles.map(({ en }) => en).join(', ') };
};
const count = ({ reports }: Detail) => (typeof reports === 'number' ? plain(Math.abs(reports)) : undefined);

/** The department that a move or a sub-task goes to. */
const toDepartment = (zh: string, en: string): Act =>
  withFact({ zh, en }, department, (to) => ({ zh: `${zh}至${to.zh}`, en: `${en} to ${to.en}` }));
const ofDepartment = (zh: string, en: string): Act =>
  withFact({ zh, en }, department, (of) => ({ zh: `${zh}（${of.zh}）`, en: `${en} (${of.en})` }));
const ofCandidate = (zh: string, en: string): Act =>
  withFact({ zh, en }, candidate, (of) => ({ zh: `${zh}：${of.zh}`, en: `${en}: ${of.en}` }));
const ofIncident = (name: string, zh: string, en: string): Act =>
  withFact({ zh, en }, named(name), (of) => ({ zh: `${zh}（事件 ${of.zh}）`, en: `${en} (incident ${of.en})` }));
/** By how much, where it is known. */
const extension =
  (zh: string, en: string): Act =>
  ({ amount }, unit) =>
    typeof amount === 'number' && unit !== null
      ? { zh: `${zh} ${amount} ${units[unit].zh}`, en: `Extension of ${amount} ${units[unit].en} ${en}` }
      : { zh, en: `Extension ${en}` };

export const acts: Readonly<Record<MoveId | NoteId, Act>> = {
  verify: always('派采集员核实', 'Sent to be verified'),
  confirm: always('核实属实', 'Found to be true'),
  register: always('立案', 'Registered'),
  reject: always('不予立案', 'Not registered'),
  self_handle: always('现场自行处置', 'Solved on the spot'),
  merge: ofIncident('parent', '并入另一事件', 'Merged into another incident'),
  unlink: always('撤销并案', 'Taken out of the incident it was merged into'),
  reconsider: always('复议后重新受理', 'Taken up again after another look'),
  dispatch: toDepartment('派遣', 'Dispatched'),
  accept: always('接单', 'Accepted'),
  return: always('退回派遣', 'Returned to the dispatcher'),
  transfer: toDepartment('转办', 'Transferred'),
  request_extension: extension('申请延期', 'asked for'),
  grant_extension: extension('同意延期', 'granted'),
  refuse_extension: always('不同意延期', 'Extension refused'),
  suspend: always('缓办挂账', 'Suspended'),
  prolong: always('继续挂账', 'Kept suspended'),
  resume: always('恢复办理', 'Work resumed'),
  report_done: always('反馈处置结果', 'Reported done'),
  send_back: always('退回续办', 'Sent back to be finished'),
  request_check: always('派采集员核查', 'Sent to be checked'),
  pass: always('核查通过', 'Check passed'),
  rework: always('要求返工', 'Sent back to be done again'),
  close: always('结案', 'Closed'),
  close_now: always('直接结案', 'Closed at once'),
  evaluate: withFact({ zh: '综合评价', en: 'Evaluated' }, score, (points) => ({
    zh: `综合评价 ${points.zh} 分`,
    en: `Evaluated with ${points.en} of 100 points`,
  })),
  reopen: always('重新办理', 'Opened again'),
  escalate: withFact({ zh: '吹哨上报', en: 'Escalated' }, level, (to) => ({
    zh: `吹哨上报至${to.zh}`,
    en: `Escalated to: ${to.en}`,
  })),
  supervise: withFact({ zh: '督办', en: 'Put under supervision' }, named('percent'), (of) => ({
    zh: `督办（已用时限的 ${of.zh}%）`,
    en: `Put under supervision at ${of.en} % of the limit`,
  })),
  comment: always('留言', 'Comment'),
  assign: withFact({ zh: '指定人员', en: 'Given to a person' }, named('assignee'), (to) => ({
    zh: `指定人员 ${to.zh}`,
    en: `Given to ${to.en}`,
  })),
  task_add: toDepartment('增派协办', 'Sub-task given'),
  task_acknowledge: ofDepartment('协办任务已签收', 'Sub-task acknowledged'),
  task_arrive: ofDepartment('协办人员已到场', 'Sub-task: arrived on the scene'),
  task_finish: ofDepartment('协办任务已完成', 'Sub-task done'),
  task_cancel: ofDepartment('撤销协办任务', 'Sub-task withdrawn'),
  media_add: withFact({ zh: '上传影像', en: 'Photo or video added' }, phase, (of) => ({
    zh: `上传影像（${of.zh}）`,
    en: `Photo or video added (${of.en})`,
  })),
  media_remove: always('撤下影像', 'Photo or video taken out'),
  milestone: withFact({ zh: '完成节点', en: 'Milestone reached' }, milestone, (of) => ({
    zh: `完成节点“${of.zh}”`,
    en: `Milestone reached: ${of.en}`,
  })),
  rate: withFact({ zh: '评价满意度', en: 'Satisfaction rated' }, rating, (of) => ({
    zh: `评价为“${of.zh}”`,
    en: `Rated “${of.en}”`,
  })),
  dispatch_ask: ofCandidate('请求到场处置', 'Asked to deal with it'),
  dispatch_acknowledge: ofCandidate('已确认接收', 'Request acknowledged'),
  dispatch_decline: ofCandidate('不能接收', 'Request declined'),
  dispatch_escalate: ofCandidate('超时未确认', 'Request not answered in time'),
  dispatch_withdraw: ofCandidate('撤回请求', 'Request withdrawn'),
  dispatch_exhaust: always('已无人可请，需电话联系', 'Nobody left to ask: call by telephone'),
  report_linked: (detail) => {
    const [of, many] = [plain(detail['incident']), count(detail)];
    if (of) return { zh: `并入一件上报（事件 ${of.zh}）`, en: `Another report joined (incident ${of.en})` };
    return many === undefined
      ? { zh: '并入上报', en: 'Another report joined' }
      : { zh: `并入 ${many.zh} 件上报`, en: `Reports joined: ${many.en}` };
  },
  report_unlinked: (detail) => {
    const [of, many] = [plain(detail['incident']), count(detail)];
    if (of) return { zh: `撤出一件上报（事件 ${of.zh}）`, en: `A report taken out again (incident ${of.en})` };
    return many === undefined
      ? { zh: '撤出上报', en: 'A report taken out again' }
      : { zh: `撤出 ${many.zh} 件上报`, en: `Reports taken out again: ${many.en}` };
  },
  source_changed: withFact({ zh: '来源信息变更', en: 'Changed in the source' }, sourceFields, (of) => ({
    zh: `来源信息变更：${of.zh}`,
    en: `Changed in the source: ${of.en}`,
  })),
  source_closed: withFact({ zh: '来源已办结', en: 'Closed in the source' }, named('state'), (as) => ({
    zh: `来源已办结（${as.zh}）`,
    en: `Closed in the source (${as.en})`,
  })),
  linked: ofIncident('parent', '关联为另一事件的重复上报', 'Linked as a report of another incident'),
  unlinked: ofIncident('parent', '解除与另一事件的关联', 'No longer a report of another incident'),
  severity_raised: withFact({ zh: '因上报增多提高等级', en: 'Made graver by its reports' }, severity, (to) => ({
    zh: `因上报增多提高为${to.zh}`,
    en: `Made graver by its reports: now ${to.en}`,
  })),
  severity_lowered: withFact({ zh: '因上报减少恢复等级', en: 'Less grave without its reports' }, severity, (to) => ({
    zh: `因上报减少恢复为${to.zh}`,
    en: `Less grave without its reports: now ${to.en}`,
  })),
  end_with_parent: ofIncident('parent', '随主事件结束', 'Ended with the incident it is a report of'),
  reopen_with_parent: ofIncident('parent', '随主事件重新打开', 'Opened again with the incident it is a report of'),
};

/** What a move or a note is called; the word itself where nobody named it. */
export function titleOf(move: string): Text | null {
  if (isMove(move)) return moveOf(move).title;
  return Object.hasOwn(notes, move) ? notes[move as NoteId] : null;
}

const isAct = (move: string): move is MoveId | NoteId => Object.hasOwn(acts, move);
/** Names that the parts of the service write under, and callers without a name of their own. */
const NAMELESS = new Set(['staff', 'public', 'reporter', 'system', 'dispatch', 'duplicates']);

/** Who did it: post and name, and the department where the post does not say it. Undefined: nobody is to be named. */
function whoOf({ actor, post, department: of }: Entry): Text | undefined {
  if (post === null || !Object.hasOwn(posts, post)) return undefined;
  if (post === 'system') return { zh: '系统', en: 'the system' };
  const title = of !== null && Object.hasOwn(departments, of) ? departments[of]?.title : undefined;
  const body = post === 'department' && title ? title : posts[post as keyof typeof posts];
  const name = NAMELESS.has(actor) ? '' : actor;
  const en = post === 'department' && title ? `the ${body.en}` : `the ${body.en.replace(/ \(.*/, '').toLowerCase()}`;
  const zh = body.zh.replace(/（.*/, '');
  return name === '' ? { zh, en } : { zh: `${zh} ${name} `, en: `${name}, ${en}` };
}

/** Reasons that the service writes itself carry both languages, Chinese first. */
function reasonOf(reason: string): Text {
  const [, zh, en] = /^([^\p{Script=Latin}]+) (\p{Script=Latin}[\p{ASCII}]*)$/u.exec(reason) ?? [];
  return zh !== undefined && en !== undefined ? { zh, en } : { zh: reason, en: reason };
}

/** What the words of an entry are where they are no reason. */
const wordsOf: Readonly<Record<string, Text>> = {
  task_add: { zh: '要求', en: 'to do' },
  task_acknowledge: { zh: '说明', en: 'remark' },
  task_arrive: { zh: '说明', en: 'remark' },
  task_finish: { zh: '结果', en: 'result' },
};

const withoutEnd = (text: string): string => text.trim().replace(/[。.；;，,]+$/u, '');

/**
 * An entry as one sentence in each language: what happened, by whom, where the matter is since, and why. Without names,
 * words and numbers for the public. `unit` is that of the limit.
 */
export function tellEvent(entry: Entry, isStaff: boolean, unit: TimeUnit | null = null): Text {
  const { move, from, to, reason } = entry;
  const act = isAct(move) ? acts[move](isStaff ? (entry.detail ?? {}) : {}, unit) : { zh: move, en: move };
  const who = isStaff ? whoOf(entry) : undefined;
  const stage = from !== to && to !== null && isStage(to) ? stageOf(to).title : undefined;
  const why = isStaff && reason ? reasonOf(withoutEnd(reason)) : undefined;
  // A comment is its words.
  const isComment = move === 'comment';
  const words = wordsOf[move];
  const zh = [
    `${who?.zh ?? ''}${act.zh}`,
    stage && `，案件进入“${stage.zh}”`,
    why && (isComment ? `：${why.zh}` : `，${words?.zh ?? '理由'}：${why.zh}`),
  ];
  const en = [
    act.en,
    // Behind a fact "by" would be read with it.
    who && (act.en.includes(': ') ? ` (${who.en})` : ` by ${who.en}`),
    stage && `; it is now “${stage.en}”`,
    why && (isComment ? `: ${why.en}` : words ? `; ${words.en}: ${why.en}` : `, because: ${why.en}`),
  ];
  return { zh: `${zh.filter(Boolean).join('')}。`, en: `${en.filter(Boolean).join('')}.` };
}
