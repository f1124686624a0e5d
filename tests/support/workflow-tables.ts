import { posts } from '../../server/auth/posts.ts';
import type { TimeLimit } from '../../server/incidents/deadline.ts';
import { escalationLevels } from '../../server/workflow/escalation.ts';
import { milestones, stageLimits } from '../../server/workflow/limits.ts';
import { conditions, moveIds, moveOf, notes, stageIds, stageOf, steps } from '../../server/workflow/machine.ts';

const UNITS = { minute: 'min', hour: 'h', workminute: 'work min', workhour: 'work h', workday: 'work days' } as const;
const limitText = ({ amount, unit }: TimeLimit): string => `${amount} ${UNITS[unit]}`;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** The tables of docs/workflow.md, made from the machine. */
export const workflowTables = {
  stages: table(
    ['Step', 'Stage', '', '', 'Limit, urgent', 'Limit, ordinary'],
    stageIds.map((id) => {
      const { title, step, state } = stageOf(id);
      const limit = stageLimits[id];
      const [urgent, ordinary] =
        limit === null
          ? ['none', 'none']
          : limit === 'matter'
            ? ['that of the matter', 'that of the matter']
            : [limitText(limit.urgent), limitText(limit.ordinary)];
      return [`${step} ${steps[step - 1]?.zh}`, `\`${id}\``, title.zh, `${title.en} (${state})`, urgent, ordinary];
    }),
  ),
  moves: table(
    ['Move', '', '', 'From', 'To', 'Posts', 'Needs', 'Clock'],
    moveIds.map((id) => {
      const { title, from, to, posts: who, needsReason, needs = [], condition, clock = 'keep' } = moveOf(id);
      const open = stageIds.filter((stage) => stageOf(stage).state === 'open');
      const names = open.every((stage) => from.includes(stage))
        ? 'any open stage'
        : from.length > 4
          ? `any open stage but ${open
              .filter((stage) => !from.includes(stage))
              .map((stage) => `\`${stage}\``)
              .join(', ')}`
          : from.map((stage) => `\`${stage}\``).join(', ');
      const needed = [...(needsReason ? ['reason'] : []), ...needs, ...(condition ? [conditions[condition].en] : [])];
      return [
        `\`${id}\``,
        title.zh,
        title.en,
        names,
        to === null ? 'stays' : `\`${to}\``,
        who.map((post) => `\`${post}\``).join(', '),
        needed.join('; '),
        clock,
      ];
    }),
  ),
  posts: table(
    ['Post', '', ''],
    Object.entries(posts).map(([id, { zh, en }]) => [`\`${id}\``, zh, en]),
  ),
  notes: table(
    ['Entry', '', ''],
    Object.entries(notes).map(([id, { zh, en }]) => [`\`${id}\``, zh, en]),
  ),
  escalation: table(
    ['Level', '', '', 'Goes on after'],
    escalationLevels.map(({ title, limit }, level) => [
      String(level),
      title.zh,
      title.en,
      limit === null ? 'nobody stands above' : limitText(limit),
    ]),
  ),
  milestones: table(
    ['Category', 'Milestones, from the dispatch on'],
    Object.entries(milestones).map(([code, points]) => [
      `\`${code}\``,
      points.map(({ title, limit }) => `${title.zh} ${limitText(limit)}`).join(', '),
    ]),
  ),
} as const;
