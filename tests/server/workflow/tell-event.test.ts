import { describe, expect, test } from 'vitest';
import { posts } from '../../../server/auth/posts.ts';
import { moveIds, notes } from '../../../server/workflow/machine.ts';
import { acts, tellEvent, titleOf } from '../../../server/workflow/tell-event.ts';

const entry = (changes: object) => ({
  move: 'register',
  from: 'collected',
  to: 'registered',
  actor: '陈静',
  post: 'acceptor',
  department: null,
  reason: null,
  detail: null,
  ...changes,
});

describe('the history in sentences', () => {
  test.each([...moveIds, ...Object.keys(notes)])('%s has a title and a sentence in both languages', (move) => {
    expect(titleOf(move)).not.toBeNull();
    for (const post of Object.keys(posts)) {
      const { zh, en } = tellEvent(entry({ move, from: 'handling', to: 'handling', post }), true);
      expect(zh).toMatch(/^[^_]*\p{Script=Han}[^_]*。$/u);
      expect(en).toMatch(/^[A-Z][^_]*\.$/);
      expect(en.replaceAll('陈静', '')).not.toMatch(/\p{Script=Han}/u);
      expect(zh).not.toContain('undefined');
    }
  });

  test('says what happened, by whom, where it is since, and why', () => {
    expect(tellEvent(entry({}), true)).toEqual({
      zh: '受理员 陈静 立案，案件进入“待派遣”。',
      en: 'Registered by 陈静, the acceptor; it is now “To be dispatched”.',
    });
    const dispatch = { move: 'dispatch', from: 'registered', to: 'dispatched', post: 'dispatcher', actor: 'staff' };
    expect(tellEvent(entry({ ...dispatch, detail: { department: 'water_affairs' } }), true)).toEqual({
      zh: '派遣员派遣至水务局，案件进入“待接单”。',
      en: 'Dispatched to Water Affairs Bureau by the dispatcher; it is now “To be accepted”.',
    });
    const extension = { move: 'request_extension', from: 'handling', to: 'extending', post: 'department' };
    expect(
      tellEvent(
        entry({ ...extension, department: 'water_affairs', reason: '等待配件。', detail: { amount: 2 } }),
        true,
        'workday',
      ),
    ).toEqual({
      zh: '水务局 陈静 申请延期 2 个工作日，案件进入“延期待批”，理由：等待配件。',
      en: 'Extension of 2 working days asked for by 陈静, the Water Affairs Bureau; it is now “Extension being decided”, because: 等待配件.',
    });
  });

  test('words that are no reason are called what they are; what is granted is told', () => {
    const task = { move: 'task_finish', from: 'handling', to: 'handling', post: 'department', actor: 'staff' };
    const detail = { department: 'water_affairs' };
    expect(tellEvent(entry({ ...task, detail, reason: '已清理 3 车' }), true)).toEqual({
      zh: '处置部门协办任务已完成（水务局），结果：已清理 3 车。',
      en: 'Sub-task done (Water Affairs Bureau) by the department; result: 已清理 3 车.',
    });
    const granted = { move: 'grant_extension', from: 'extending', to: 'handling', post: 'dispatcher', actor: 'staff' };
    expect(tellEvent(entry({ ...granted, detail: { amount: 1 } }), true, 'workhour').zh).toBe(
      '派遣员同意延期 1 工作小时，案件进入“处理中”。',
    );
  });

  test('what the service writes itself is told in the language of the reader', () => {
    const stays = { from: 'handling', to: 'handling', post: 'system' };
    expect(tellEvent(entry({ ...stays, move: 'linked', actor: 'duplicates', detail: { parent: 7 } }), true)).toEqual({
      zh: '系统关联为另一事件的重复上报（事件 7）。',
      en: 'Linked as a report of another incident (incident 7) by the system.',
    });
    const asked = {
      move: 'dispatch_ask',
      actor: 'dispatch',
      detail: { title: { zh: '李某', en: 'Li' }, kind: 'staff' },
    };
    expect(tellEvent(entry({ ...stays, ...asked, reason: '超时未确认 Not answered in time' }), true)).toEqual({
      zh: '系统请求到场处置：李某，理由：超时未确认。',
      en: 'Asked to deal with it: Li (the system), because: Not answered in time.',
    });
    expect(tellEvent(entry({ ...stays, move: 'severity_raised', detail: { severity: 2 } }), true).en).toBe(
      'Made graver by its reports: now orange (the system).',
    );
  });

  test('the public is told neither who nor why nor numbers', () => {
    const merged = { move: 'merge', to: 'duplicate', reason: '同一处', detail: { parent: 7 } };
    expect(tellEvent(entry(merged), false)).toEqual({
      zh: '并入另一事件，案件进入“已并案”。',
      en: 'Merged into another incident; it is now “Merged”.',
    });
  });

  test('no act is without an entry of the machine', () => {
    expect(Object.keys(acts).toSorted()).toEqual([...moveIds, ...Object.keys(notes)].toSorted());
  });
});
