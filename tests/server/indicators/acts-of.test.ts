import { describe, expect, test } from 'vitest';
import { actsOf, type ActSource } from '../../../server/indicators/acts-of.ts';
import { comparedPeriods, periodOfDays, stepsOf } from '../../../server/indicators/periods.ts';
import { valuesOf } from '../../../server/indicators/read-indicators.ts';
import type { IncidentEventRow } from '../../../server/workflow/history.ts';

const at = (text: string): string => new Date(`2026-11-${text}+08:00`).toISOString();

/** A workday: Monday 23 November 2026. */
const SOURCE: ActSource = {
  category: '06010',
  severity: 3,
  source: 'citizen',
  receivedAt: at('23T09:00:00'),
  dueAt: at('23T14:30:00'),
  stageDueAt: at('23T09:10:00'),
  isRepeat: false,
  rating: null,
};

let serial = 0;
function entry(
  move: string,
  time: string,
  from: string,
  to: string,
  more: Partial<IncidentEventRow> = {},
): IncidentEventRow {
  serial += 1;
  return {
    id: serial,
    at: at(time),
    move,
    from,
    to,
    actor: '测试员',
    post: 'dispatcher',
    department: null,
    reason: null,
    dueBefore: null,
    dueAfter: null,
    stageDueAfter: null,
    detail: null,
    ...more,
  };
}

const WHOLE = [
  entry('register', '23T09:08:00', 'collected', 'registered', { stageDueAfter: at('23T09:23:00') }),
  entry('dispatch', '23T09:20:00', 'registered', 'dispatched', {
    detail: { department: 'urban_management' },
    stageDueAfter: at('23T09:50:00'),
  }),
  entry('accept', '23T09:30:00', 'dispatched', 'handling', { stageDueAfter: at('23T14:30:00') }),
  entry('report_done', '23T14:10:00', 'handling', 'feedback', { stageDueAfter: at('23T14:25:00') }),
  entry('request_check', '23T14:20:00', 'feedback', 'checking', { stageDueAfter: at('23T15:20:00') }),
  entry('pass', '23T15:00:00', 'checking', 'checked', { stageDueAfter: at('23T15:10:00') }),
  entry('close', '23T15:05:00', 'checked', 'closed'),
];

const find = (acts: ReturnType<typeof actsOf>, act: string) => acts.filter((each) => each.act === act);

describe('the acts of an incident', () => {
  test('of a whole case, each with its limit, its minutes and who has it', () => {
    const acts = actsOf({ ...SOURCE, rating: { score: 3, at: at('24T09:00:00') } }, WHOLE);
    expect(acts.map(({ act }) => act)).toEqual([
      'report', 'accept', 'register', 'dispatch', 'check', 'dispose', 'archive', 'due', 'archive_due', 'rate',
    ]); // prettier-ignore
    expect(find(acts, 'report')[0]).toMatchObject({ ok: true, flag: false, at: SOURCE.receivedAt });
    expect(find(acts, 'accept')[0]).toMatchObject({ inTime: true, minutes: 8 });
    expect(find(acts, 'register')[0]).toMatchObject({ inTime: true, flag: true, person: '测试员' });
    expect(find(acts, 'dispatch')[0]).toMatchObject({ inTime: true, department: 'urban_management' });
    // 09:20 to 12:00 and 14:00 to 14:10: lunch is no working time.
    expect(find(acts, 'dispose')[0]).toMatchObject({ inTime: true, minutes: 170, department: 'urban_management' });
    expect(find(acts, 'archive')[0]).toMatchObject({ inTime: true });
    expect(find(acts, 'due')[0]).toMatchObject({ at: SOURCE.dueAt, ok: true, inTime: true, flag: false });
    expect(find(acts, 'rate')[0]).toMatchObject({ ok: true });
  });

  test('late work is late even when the closing is in time', () => {
    const late = WHOLE.map((each) => (each.move === 'report_done' ? { ...each, at: at('23T14:31:00') } : each));
    const acts = actsOf(SOURCE, late);
    expect(find(acts, 'dispose')[0]?.inTime).toBe(false);
    expect(find(acts, 'due')[0]).toMatchObject({ ok: true, inTime: false });
    expect(find(acts, 'archive_due')[0]).toMatchObject({ ok: true, inTime: false });
  });

  test('an extension moves the limit; what is not dealt with is owed at its present limit', () => {
    const asked = [
      ...WHOLE.slice(0, 3),
      entry('request_extension', '23T14:00:00', 'handling', 'extending', { dueBefore: SOURCE.dueAt, dueAfter: null }),
      entry('grant_extension', '23T14:20:00', 'extending', 'handling', {
        dueBefore: null,
        dueAfter: at('24T09:00:00'),
      }),
    ];
    const acts = actsOf(SOURCE, asked);
    expect(find(acts, 'extension').length).toBe(1);
    expect(find(acts, 'due')[0]).toMatchObject({ at: at('24T09:00:00'), ok: false, inTime: false });
    const done = actsOf(SOURCE, [...asked, entry('report_done', '24T08:40:00', 'handling', 'feedback')]);
    expect(find(done, 'due')[0]).toMatchObject({ at: at('24T09:00:00'), ok: true, inTime: true });
    // While the clock stands nothing is due.
    expect(find(actsOf(SOURCE, asked.slice(0, 4)), 'due')).toEqual([]);
  });

  test('rework takes the disposal back until it is done again', () => {
    const reworked = [
      ...WHOLE.slice(0, 5),
      entry('rework', '23T14:40:00', 'checking', 'handling', { dueBefore: SOURCE.dueAt, dueAfter: at('24T11:00:00') }),
    ];
    const open = actsOf(SOURCE, reworked);
    expect(find(open, 'dispose')).toEqual([]);
    expect(find(open, 'due')[0]).toMatchObject({ at: at('24T11:00:00'), ok: false, flag: true });
    const again = actsOf(SOURCE, [...reworked, entry('report_done', '24T10:00:00', 'handling', 'feedback')]);
    expect(find(again, 'dispose')[0]).toMatchObject({ at: at('24T10:00:00'), inTime: true });
    expect(find(again, 'due')[0]).toMatchObject({ ok: true, inTime: true, flag: true });
  });

  test('what is rejected, merged or solved on the spot is owed by nobody', () => {
    const rejected = actsOf(SOURCE, [entry('reject', '23T09:12:00', 'collected', 'rejected')]);
    expect(rejected.map(({ act }) => act)).toEqual(['report', 'accept']);
    expect(find(rejected, 'accept')[0]?.inTime).toBe(false);
    const merged = actsOf(SOURCE, [entry('merge', '23T09:05:00', 'collected', 'duplicate', { detail: { parent: 7 } })]);
    expect(merged).toMatchObject([{ act: 'report', ok: false }]);
  });
});

const days = ([from, to]: readonly [number, number]) =>
  [from, to].map((ms) => new Date(ms + 8 * 3_600_000).toISOString().slice(0, 10));

describe('indicators', () => {
  test('a share of nothing is nothing, not 0 and not 100 %', () => {
    const none = valuesOf({});
    expect(none['report']).toEqual({ value: 0 });
    expect(none['registerRate']).toEqual({ value: null, of: [0, 0] });
    expect(none['score']).toEqual({ value: null });
  });

  test('the score weighs 40, 20, 15, 15, 10; what nothing can be said of leaves its weight to the others', () => {
    const sums = {
      archive_due: 10,
      'archive_due.in_time': 8,
      'archive_due.ok': 9,
      due: 10,
      'due.flag': 2,
      'due.in_time': 5,
    };
    const withRates = valuesOf({ ...sums, rate: 4, 'rate.ok': 3 });
    expect(withRates['score']?.value).toBeCloseTo(40 * 0.8 + 20 * 0.9 + 15 * 0.8 + 15 * 0.5 + 10 * 0.75, 9);
    expect(valuesOf(sums)['score']?.value).toBeCloseTo((40 * 0.8 + 20 * 0.9 + 15 * 0.8 + 15 * 0.5) / 0.9, 9);
  });

  test('steps of a period begin at midnights, Mondays and firsts of months, and leave nothing out', () => {
    const period = periodOfDays('2026-02-26', '2026-03-10')!;
    expect(stepsOf(period, 'day')).toHaveLength(13);
    expect(stepsOf(period, 'week').map(days)).toEqual([
      ['2026-02-26', '2026-03-02'],
      ['2026-03-02', '2026-03-09'],
      ['2026-03-09', '2026-03-11'],
    ]);
    expect(stepsOf(period, 'month').map(days)).toEqual([
      ['2026-02-26', '2026-03-01'],
      ['2026-03-01', '2026-03-11'],
    ]);
  });

  test('periods compared with: whole months with whole months, days with as many days, the year before', () => {
    const month = periodOfDays('2026-03-01', '2026-03-31')!;
    expect(days(month)).toEqual(['2026-03-01', '2026-04-01']);
    expect(days(comparedPeriods(month).previous)).toEqual(['2026-02-01', '2026-03-01']);
    expect(days(comparedPeriods(month).lastYear)).toEqual(['2025-03-01', '2025-04-01']);
    const week = periodOfDays('2026-11-23', '2026-11-29')!;
    expect(days(comparedPeriods(week).previous)).toEqual(['2026-11-16', '2026-11-23']);
    const leap = periodOfDays('2028-02-29', '2028-02-29')!;
    expect(days(comparedPeriods(leap).lastYear)).toEqual(['2027-02-28', '2027-03-01']);
    for (const [from, to] of [
      ['2026-02-30', '2026-03-01'],
      ['2026-03-02', '2026-03-01'],
      ['x', '2026-03-01'],
    ] as const)
      expect(periodOfDays(from, to)).toBeNull();
  });
});
