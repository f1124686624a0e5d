import { expect, test } from 'vitest';
import { stageIds } from '../../../../server/workflow/machine.ts';
import { followsOther, PLAIN_STEPS, stageOf, tellSteps } from '../../../../web/features/report-tracker/plain-steps.ts';

const RECEIVED = '2026-11-27T08:00:00Z';
const at = (minute: number) => `2026-11-27T08:${String(minute).padStart(2, '0')}:00Z`;
const report = (changes: object) => ({
  stage: 'collected',
  state: 'open' as const,
  merged: null,
  stages: [],
  receivedAt: RECEIVED,
  ...changes,
});

test('each stage is one of the steps; what was merged is that of the other', () => {
  for (const stage of stageIds.filter((id) => id !== 'duplicate')) {
    const told = tellSteps(report({ stage }));
    expect(told.map(({ step }) => step)).toEqual([...PLAIN_STEPS]);
    expect(told.filter(({ state }) => state !== 'coming').length).toBeGreaterThan(0);
  }
});

test('steps have the time at which they were entered last; those gone back from are to come', () => {
  const stages = ['registered', 'dispatched', 'handling', 'feedback', 'handling'].map((stage, index) => ({
    stage,
    at: at(index + 1),
  }));
  expect(tellSteps(report({ stage: 'handling', stages }))).toEqual([
    { step: 'received', state: 'past', at: RECEIVED },
    { step: 'assigned', state: 'past', at: at(2) },
    { step: 'working', state: 'present', at: at(5) },
    { step: 'checking', state: 'coming', at: null },
    { step: 'done', state: 'coming', at: null },
  ]);
});

test('a report of the same thing goes the way of the first one, until it was closed itself', () => {
  const merged = { state: 'open' as const, stage: 'handling' };
  expect(stageOf(report({ merged }))).toBe('handling');
  expect(stageOf(report({ merged, stage: 'duplicate', state: 'closed' }))).toBe('handling');
  const closed = report({ merged, stage: 'closed', state: 'closed' });
  expect([stageOf(closed), followsOther(closed)]).toEqual(['closed', false]);
});
