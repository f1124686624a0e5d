import { describe, expect, test } from 'vitest';
import { posts } from '../../../server/auth/posts.ts';
import { categories } from '../../../server/incidents/categories.ts';
import { limitMs } from '../../../server/incidents/deadline.ts';
import { matterLimit, milestones, stageLimit, stageLimits } from '../../../server/workflow/limits.ts';
import {
  conditions,
  FIRST_STAGE,
  moveIds,
  moveOf,
  movesFrom,
  notes,
  stageIds,
  stageOf,
  stages,
  steps,
  type StageId,
} from '../../../server/workflow/machine.ts';

/** Stages that can be reached from one, itself included. */
function reachableFrom(start: StageId): Set<StageId> {
  const seen = new Set<StageId>([start]);
  for (const stage of seen) {
    for (const id of movesFrom(stage)) {
      const { to } = moveOf(id);
      if (to !== null) seen.add(to);
    }
  }
  return seen;
}

describe('the machine', () => {
  test('every stage is reached from the first one', () => {
    expect([...reachableFrom(FIRST_STAGE)].toSorted()).toEqual(stageIds.toSorted());
  });

  test.each(stageIds.filter((id) => stageOf(id).isFinal !== true))('%s has a way on, and on to an end', (id) => {
    expect(movesFrom(id).filter((move) => moveOf(move).to !== null && moveOf(move).to !== id)).not.toEqual([]);
    expect([...reachableFrom(id)].some((stage) => stageOf(stage).isFinal)).toBe(true);
  });

  test.each(stageIds)('%s has a limit unless it is final, and a title in both languages', (id) => {
    const { isFinal = false, title, step, state } = stageOf(id);
    expect(stageLimits[id] === null).toBe(isFinal);
    expect(title.zh && title.en).toBeTruthy();
    expect(steps[step - 1]).toBeDefined();
    expect(!isFinal || state === 'closed').toBe(true);
    for (const category of categories) {
      for (const severity of [0, 1, 2, 3, 4]) {
        const limit = stageLimit(id, { category: category.code, severity });
        if (limit !== null && limit !== 'matter') expect(limitMs(limit)).toBeGreaterThan(0);
      }
    }
  });

  test('only where the limit of the matter counts its clock runs on', () => {
    for (const id of stageIds) {
      if (stageLimits[id] === 'matter') expect(stageOf(id).stopsClock).toBeUndefined();
    }
  });

  test.each(moveIds)('%s has titles, posts that exist, and stages that exist', (id) => {
    const { title, from, to, posts: who, condition } = moveOf(id);
    expect(title.zh && title.en).toBeTruthy();
    expect(who.length).toBeGreaterThan(0);
    expect(who.filter((post) => !Object.hasOwn(posts, post))).toEqual([]);
    expect(from.length).toBeGreaterThan(0);
    expect([...from, ...(to === null ? [] : [to])].filter((stage) => !Object.hasOwn(stages, stage))).toEqual([]);
    if (condition !== undefined) expect(Object.hasOwn(conditions, condition)).toBe(true);
  });

  test('the clock of the matter stands exactly in the stages that say so', () => {
    for (const id of moveIds) {
      const { to, from, clock = 'keep' } = moveOf(id);
      if (to === null) {
        expect(clock).toBe('keep');
        continue;
      }
      const stands = stageOf(to).stopsClock === true;
      const stood = from.map((stage) => stageOf(stage).stopsClock === true);
      if (stands) expect(clock === 'stop' || stood.every(Boolean)).toBe(true);
      else if (stageOf(to).state === 'open')
        expect(clock === 'start' || clock === 'resume' || !stood.some(Boolean)).toBe(true);
    }
  });

  test('no note has the name of a move', () => {
    expect(Object.keys(notes).filter((id) => moveIds.includes(id as never))).toEqual([]);
  });

  test('somebody of the government network can do every move', () => {
    const alone = moveIds.filter((id) => moveOf(id).posts.every((post) => post === 'system' || post === 'reporter'));
    expect(alone).toEqual([]);
  });
});

describe('limits', () => {
  test('red and orange matters of hours run day and night; matters of days keep their limit', () => {
    expect(matterLimit({ category: '06010', severity: 3 })).toEqual({ amount: 4, unit: 'workhour' });
    expect(matterLimit({ category: '06010', severity: 1 })).toEqual({ amount: 1, unit: 'hour' });
    expect(matterLimit({ category: '06010', severity: 2 })).toEqual({ amount: 2, unit: 'hour' });
    expect(matterLimit({ category: '06001', severity: 1 })).toEqual({ amount: 20, unit: 'workday' });
    expect(matterLimit({ category: 'Z0901', severity: 2 })).toEqual({ amount: 1, unit: 'hour' });
  });

  test('the last milestone of a category is its limit', () => {
    for (const [code, points] of Object.entries(milestones)) {
      const limits = points.map(({ limit }) => limitMs(limit));
      expect(limits).toEqual(limits.toSorted((a, b) => a - b));
      expect(limits.at(-1)).toBe(limitMs(matterLimit({ category: code, severity: 0 })));
    }
  });
});
