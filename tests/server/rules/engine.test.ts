import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileRule } from '../../../server/rules/compile-rule.ts';
import { RULE_KINDS, Rule, type RuleKind } from '../../../server/rules/contract.ts';
import { inOrder, startRule, step, type RuleState, type RunnableRule } from '../../../server/rules/engine.ts';
import type { RuleInput, Transition } from '../../../server/rules/event.ts';
import { AREA, arbitraryRule, compile, happenings, SENSORS, toInputs } from './rule-samples.ts';

const START = Date.parse('2026-11-27T00:30:00Z');

function run(rule: RunnableRule, inputs: readonly RuleInput[], at = START): Transition[] {
  return inOrder(step(rule, startRule(rule, at), inputs).transitions);
}

function rule(changes: object): ReturnType<typeof compile> {
  return compile(
    Rule.parse({
      name: { zh: '规则', en: 'rule' },
      title: { zh: '{name}', en: '{name}' },
      severity: 2,
      ...changes,
    }),
  );
}

const watch = { of: 'sensors', ids: SENSORS, metric: 'level' };
const reading = (at: number, value: number, sensor = SENSORS[0] as string): RuleInput => ({
  kind: 'reading',
  at: START + at,
  sensor,
  metric: 'level',
  value,
});
const tick = (at: number): RuleInput => ({ kind: 'tick', at: START + at });
/** Moves with their time after the start. */
const told = (transitions: readonly Transition[]) => transitions.map(({ at, move }) => [move, at - START]);

describe.each(RULE_KINDS)('any %s', (kind: RuleKind) => {
  const sample = fc.record({
    rule: arbitraryRule(kind),
    list: happenings(60),
    cuts: fc.array(fc.nat(100)),
    tail: fc.nat(7_200_000),
  });

  test('has one open alarm per originator, which is raised, refreshed and cleared in this order', () => {
    let raised = 0;
    fc.assert(
      fc.property(sample, ({ rule, list, tail }) => {
        const inputs = toInputs(list, START);
        const end = (inputs.at(-1)?.at ?? START) + tail;
        const open = new Map<string, number>();
        for (const { originator, move, at } of run(compile(rule), [...inputs, { kind: 'tick', at: end }])) {
          expect(open.has(originator)).toBe(move !== 'raised');
          expect(at).toBeGreaterThanOrEqual(open.get(originator) ?? START);
          if (move === 'cleared') open.delete(originator);
          else open.set(originator, at);
          if (move === 'raised') raised += 1;
        }
      }),
      { numRuns: 300 },
    );
    // The rarest kind, agree, raises about thirty.
    expect(raised, 'the samples raise alarms').toBeGreaterThan(5);
  });

  test('comes to the same in any portions, with any ticks between, and through JSON', () => {
    fc.assert(
      fc.property(sample, ({ rule, list, cuts, tail }) => {
        const compiled = compile(rule);
        const inputs = toInputs(list, START);
        const end = (inputs.at(-1)?.at ?? START) + tail;
        const whole = run(compiled, [...inputs, { kind: 'tick', at: end }]);

        let state: RuleState = startRule(compiled, START);
        const transitions: Transition[] = [];
        const take = (portion: readonly RuleInput[]) => {
          const before = JSON.stringify([...state.parts]);
          const result = step(compiled, state, portion);
          expect(JSON.stringify([...state.parts]), 'the state is not changed in place').toBe(before);
          expect(result.late).toEqual([]);
          transitions.push(...result.transitions);
          const parts = JSON.parse(JSON.stringify([...result.state.parts])) as [string, never][];
          state = { ...result.state, parts: new Map(parts) };
        };
        let from = 0;
        for (const cut of cuts.toSorted((a, b) => a - b)) {
          const portion = inputs.slice(from, cut);
          const last = portion.at(-1)?.at;
          take(portion);
          // Up to the next input, nothing is missed by looking.
          if (last !== undefined) take([{ kind: 'tick', at: Math.max(last, (inputs[cut]?.at ?? last) - 1) }]);
          from = Math.max(from, cut);
        }
        take([...inputs.slice(from), { kind: 'tick', at: end }]);
        expect(inOrder(transitions)).toEqual(whole);
      }),
      { numRuns: 150 },
    );
  });
});

describe('threshold', () => {
  test('inside the band nothing changes, whatever the values do', () => {
    const compiled = rule({ kind: 'threshold', watch, is: 'above', limit: 5, clear: 3 });
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 3.001, max: 5, noNaN: true }), { minLength: 1, maxLength: 200 }),
        (values) => {
          const inputs = values.map((value, index) => reading(1000 * (index + 1), value));
          expect(run(compiled, inputs)).toEqual([]);
          expect(told(run(compiled, [reading(0, 5.1), ...inputs]))).toEqual([['raised', 0]]);
        },
      ),
    );
  });

  test('is raised when it has held to the millisecond', () => {
    const compiled = rule({ kind: 'threshold', watch, is: 'above', limit: 5, hold: 300 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400_000 }), (gap) => {
        const inputs = [reading(0, 6), reading(gap, 4), tick(1_000_000)];
        expect(told(run(compiled, inputs))).toEqual(
          gap >= 300_000
            ? [
                ['raised', 300_000],
                ['cleared', gap],
              ]
            : [],
        );
      }),
    );
    expect(told(run(compiled, [reading(7, 6), tick(300_006)]))).toEqual([]);
    expect(told(run(compiled, [reading(7, 6), tick(300_007)]))).toEqual([['raised', 300_007]]);
  });

  test('is cleared when it has been back for as long', () => {
    const compiled = rule({ kind: 'threshold', watch, is: 'below', limit: 2, clear: 3, clearHold: 60 });
    const inputs = [reading(0, 1), reading(10_000, 3), reading(69_999, 2.5), reading(80_000, 3.5), tick(200_000)];
    expect(told(run(compiled, inputs))).toEqual([
      ['raised', 0],
      ['cleared', 140_000],
    ]);
  });

  test('a value that comes back beyond the limit refreshes the alarm', () => {
    const compiled = rule({ kind: 'threshold', watch, is: 'above', limit: 5, clear: 3 });
    const inputs = [reading(0, 6), reading(1, 7), reading(2, 4), reading(3, 6), reading(4, 3)];
    expect(told(run(compiled, inputs))).toEqual([
      ['raised', 0],
      ['refreshed', 3],
      ['cleared', 4],
    ]);
  });

  test('what is older than the last reading of its sensor is late, and changes nothing', () => {
    const compiled = rule({ kind: 'threshold', watch, is: 'above', limit: 5 });
    const late = reading(500, 9);
    const result = step(compiled, startRule(compiled, START), [reading(1000, 1), late, reading(600, 9, SENSORS[1])]);
    expect(result.late).toEqual([late]);
    expect(told(result.transitions)).toEqual([['raised', 600]]);
  });
});

describe('the gate', () => {
  const noisy = { kind: 'threshold', watch, is: 'above', limit: 5 };

  test('raises no other alarm in the cool-down, but after it what still holds', () => {
    const compiled = rule({ ...noisy, coolDown: 600 });
    const inputs = [
      reading(0, 6),
      reading(1000, 4),
      reading(2000, 6),
      reading(3000, 4),
      reading(4000, 6),
      tick(900_000),
    ];
    expect(told(run(compiled, inputs))).toEqual([
      ['raised', 0],
      ['cleared', 1000],
      ['raised', 601_000],
    ]);
  });

  test('is quiet in quiet hours, and raises at their end what still holds', () => {
    // From 08:30 to 09:00 in Shanghai.
    const compiled = rule({ ...noisy, quiet: { from: '08:00', to: '09:00' } });
    expect(told(run(compiled, [reading(0, 6), tick(3_600_000)]))).toEqual([['raised', 1_800_000]]);
    expect(told(run(compiled, [reading(0, 6), reading(1000, 4), tick(3_600_000)]))).toEqual([]);
    // An alarm that is open ends at any hour.
    const late = rule({ ...noisy, quiet: { from: '08:31', to: '07:00' } });
    expect(told(run(late, [reading(0, 6), reading(120_000, 4)]))).toEqual([
      ['raised', 0],
      ['cleared', 120_000],
    ]);
  });

  test('what somebody cleared comes again only when it is met anew', () => {
    const compiled = rule({ ...noisy, coolDown: 60 });
    const cleared: RuleInput = { kind: 'cleared', at: START + 1000, originator: SENSORS[0] as string };
    const inputs = [reading(0, 6), cleared, reading(2000, 7), reading(100_000, 4), reading(101_000, 8), tick(1e7)];
    expect(told(run(compiled, inputs))).toEqual([
      ['raised', 0],
      ['cleared', 1000],
      ['raised', 101_000],
    ]);
  });
});

test('rate: against the lowest of the window', () => {
  const compiled = rule({ kind: 'rate', watch, is: 'rise', by: 5, within: 300, clear: 2 });
  const inputs = [
    reading(0, 10),
    reading(100_000, 8),
    reading(200_000, 12.9),
    reading(300_000, 13),
    reading(350_000, 12),
    reading(400_001, 13),
    reading(500_000, 13.5),
    reading(620_000, 13),
  ];
  expect(told(run(compiled, inputs))).toEqual([
    ['raised', 300_000],
    ['cleared', 400_001],
  ]);
});

test('agree: so many sensors of a cell within the time', () => {
  // Sensors a and d lie in the same grid.
  const compiled = rule({ kind: 'agree', watch, is: 'above', limit: 5, sensors: 2, within: 60, per: 'grid' });
  const [a, b, , d] = SENSORS as [string, string, string, string];
  const inputs = [reading(0, 6, a), reading(1000, 6, b), reading(60_000, 6, d), reading(61_000, 6, a), tick(1e6)];
  expect(run(compiled, inputs).map(({ at, move, originator }) => [move, at - START, originator])).toEqual([
    ['raised', 61_000, '440604012001W001'],
    ['cleared', 120_000, '440604012001W001'],
  ]);
});

const position = (at: number, lon: number): RuleInput => ({
  kind: 'position',
  at: START + at,
  layer: 'patrol',
  vehicle: 'v1',
  lon,
  lat: 23.01,
  grid: null,
});

test('geofence: where somebody was before being seen, nobody knows', () => {
  const path = [position(0, 113.1), position(1000, 113.2), position(2000, 113.1), position(90_000, 113.2)];
  const on = (on: string, more = {}) =>
    told(run(rule({ kind: 'geofence', watch: { of: 'positions', layer: 'patrol' }, area: AREA, on, ...more }), path));
  expect(on('enter')).toEqual([
    ['raised', 2000],
    ['cleared', 90_000],
  ]);
  expect(on('exit')).toEqual([
    ['raised', 1000],
    ['cleared', 2000],
    ['raised', 90_000],
  ]);
  expect(on('dwell', { dwell: 60 })).toEqual([
    ['raised', 62_000],
    ['cleared', 90_000],
  ]);
});

test('a rule with 10 000 sensors takes 100 000 readings in less than 3 seconds of work', () => {
  const ids = Array.from({ length: 10_000 }, (_, index) => `gauge:${index}`);
  const written = Rule.parse({
    kind: 'threshold',
    name: { zh: '多', en: 'many' },
    title: { zh: '多', en: 'many' },
    severity: 1,
    watch: { ...watch, ids },
    is: 'above',
    limit: 9.9,
    clear: 8,
  });
  const watched = ids.map((id) => ({ id, title: id, lon: null, lat: null, grid: null }));
  const compiled = compileRule(written, { watched, filter: null, area: null });
  const many = Array.from({ length: 100_000 }, (_, index) =>
    reading(index * 10, (index * 7919) % 11, ids[index % 10_000]),
  );
  const before = process.cpuUsage();
  let state = startRule(compiled, START);
  let raised = 0;
  for (let at = 0; at < many.length; at += 1000) {
    const result = step(compiled, state, [...many.slice(at, at + 1000), tick(at * 10)]);
    state = result.state;
    raised += result.transitions.length;
  }
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1e6).toBeLessThan(3);
  expect(raised).toBeGreaterThan(10_000);
});
