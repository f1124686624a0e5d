import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { array, assert, boolean, constantFrom, integer, oneof, property, record, string, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  POINTS,
  rank,
  scoreOf,
  type CandidateFacts,
  type DepartmentFacts,
  type StaffFacts,
} from '../../../server/dispatch/score.ts';

const id = string({ minLength: 1, maxLength: 4 });
const staff = record<StaffFacts>({
  kind: constantFrom('staff'),
  id,
  isFirst: boolean(),
  arrival: integer({ min: 0, max: 5000 }),
  onShift: boolean(),
  load: integer({ min: 0, max: 30 }),
  sameGrid: boolean(),
  skilled: boolean(),
});
const department = record<DepartmentFacts>({
  kind: constantFrom('department'),
  id,
  isFirst: boolean(),
  duty: constantFrom('area', 'owner', 'lead', 'help'),
  load: integer({ min: 0, max: 2000 }),
});
const anybody = oneof(staff, department);

describe('the score', () => {
  it('is the sum of its parts, from 0 to 100, each within its most', () => {
    assert(
      property(anybody, (facts) => {
        const { score, parts } = scoreOf(facts);
        expect(score).toBeCloseTo(
          parts.reduce((sum, { points }) => sum + points, 0),
          6,
        );
        for (const { points, most } of parts) {
          expect(points).toBeGreaterThanOrEqual(0);
          expect(points).toBeLessThanOrEqual(most);
        }
        expect(parts.reduce((sum, { most }) => sum + most, 0)).toBe(100);
      }),
    );
  });

  it('is what the documentation says', () => {
    const text = readFileSync(join(import.meta.dirname, '../../../docs/dispatch.md'), 'utf8');
    const row = (part: string) => new RegExp(`^\\| \`${part}\` \\|.*$`, 'm').exec(text)?.[0] ?? '';
    const { fit, staff: person, department: body } = POINTS;
    const expected: Record<string, readonly number[]> = {
      fit: [fit.first, fit.other],
      arrival: [person.arrival.most, person.arrival.noneAt / 60],
      shift: [person.shift],
      grid: [person.grid],
      skill: [person.skill],
      duty: [body.duty.lead, body.duty.help],
      load: [person.load.most, person.load.noneAt, body.load.noneAt],
    };
    for (const [part, numbers] of Object.entries(expected)) {
      expect(
        numbers.filter((each) => !new RegExp(`\\b${each}\\b`).test(row(part))),
        part,
      ).toEqual([]);
    }
  });
});

function factsInOrder(list: readonly CandidateFacts[]): string[] {
  return rank(list).map((each) => JSON.stringify(each.facts));
}

function person(change: Partial<StaffFacts>): StaffFacts {
  const usual = { onShift: true, load: 2, sameGrid: false, skilled: false };
  return { kind: 'staff', id: 'x', isFirst: true, arrival: 300, ...usual, ...change };
}

describe('the ranking', () => {
  /** One that is at least as good in every respect, and better in one. */
  const pairs = oneof(
    tuple(
      staff,
      integer({ min: 0, max: 600 }),
      integer({ min: 0, max: 5 }),
      array(boolean(), { minLength: 4, maxLength: 4 }),
    ).map(([worse, sooner, less, [a, b, c, d]]): [CandidateFacts, CandidateFacts] => [
      {
        ...worse,
        id: 'zz better',
        arrival: Math.max(0, worse.arrival - sooner),
        load: Math.max(0, worse.load - less),
        onShift: worse.onShift || a!,
        sameGrid: worse.sameGrid || b!,
        skilled: worse.skilled || c!,
        isFirst: worse.isFirst || d!,
      },
      { ...worse, id: 'a worse' },
    ]),
    tuple(department, integer({ min: 0, max: 300 }), boolean()).map(
      ([worse, less, isLead]): [CandidateFacts, CandidateFacts] => [
        { ...worse, id: 'zz better', load: Math.max(0, worse.load - less), duty: isLead ? 'lead' : worse.duty },
        { ...worse, id: 'a worse', ...(isLead ? { duty: 'help' as const } : {}) },
      ],
    ),
  );

  it('never puts one that is better in every respect after the other', () => {
    assert(
      property(pairs, array(anybody, { maxLength: 8 }), ([better, worse], others) => {
        const { id: _a, ...good } = better;
        const { id: _b, ...bad } = worse;
        if (JSON.stringify(good) === JSON.stringify(bad)) return;
        const order = rank([worse, ...others, better]).map(({ facts }) => facts);
        expect(order.indexOf(better)).toBeLessThan(order.indexOf(worse));
      }),
      { numRuns: 2000 },
    );
  });

  it('does not depend on the order they come in, and loses nobody', () => {
    assert(
      property(array(anybody, { maxLength: 12 }), (candidates) => {
        expect(factsInOrder(candidates)).toEqual(factsInOrder(candidates.toReversed()));
        expect(factsInOrder(candidates).toSorted()).toEqual(candidates.map((each) => JSON.stringify(each)).toSorted());
      }),
    );
  });

  it('falls from the best on', () => {
    assert(
      property(array(anybody, { maxLength: 12 }), (candidates) => {
        const scores = rank(candidates).map(({ score }) => score);
        expect(scores).toEqual(scores.toSorted((a, b) => b - a));
      }),
    );
  });

  it('puts whoever is on shift before whoever is not, all else being close', () => {
    const [first] = rank([person({ id: 'off', onShift: false, arrival: 60, sameGrid: true }), person({ id: 'on' })]);
    expect(first?.facts.id).toBe('on');
  });
});
