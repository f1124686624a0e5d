import * as fc from 'fast-check';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../../server/db/connect.ts';
import { registerDuty } from '../../../server/duty/duty.ts';
import { followOnce } from '../../../server/duty/log-follower.ts';
import { acknowledgeAlarm, clearAlarm, listAlarms } from '../../../server/rules/alarm-store.ts';
import { compileRule } from '../../../server/rules/compile-rule.ts';
import { Rule, RULE_KINDS } from '../../../server/rules/contract.ts';
import { inOrder } from '../../../server/rules/engine.ts';
import type {
  IncidentInput,
  ObservedInput,
  PositionInput,
  ReadingInput,
  Transition,
} from '../../../server/rules/event.ts';
import { followPositionsOnce } from '../../../server/rules/follow-positions.ts';
import { tellEvidence } from '../../../server/rules/keep-alarms.ts';
import { LiveRules } from '../../../server/rules/live-rules.ts';
import { replayRule } from '../../../server/rules/replay.ts';
import {
  disableRule,
  enableRule,
  getRule,
  noteTested,
  removeRule,
  saveRule,
} from '../../../server/rules/rule-store.ts';
import { addDays } from '../../../server/sensors/day-partitions.ts';
import { shanghaiDay } from '../../../server/shanghai-time.ts';
import { followReadingsOnce } from '../../../server/sensors/follow-readings.ts';
import { storeReadings } from '../../../server/sensors/store.ts';
import { testDatabase } from '../../support/database.ts';
import { arbitraryRule, chosenOf, happenings, SENSORS, toInputs } from './rule-samples.ts';

const NAME = `rules-test-${Math.random().toString(36).slice(2)}`;
const CHANGE = { actor: 'test', reason: 'test' };
/** Ahead of whatever else is in the log; a day that no other test measures. */
const START = Math.ceil(Date.now() / 60_000) * 60_000 + 3_600_000;

let db: Database;
const saved: number[] = [];
let firstLogId = 0;

function live(): LiveRules {
  return new LiveRules({ follower: NAME, grids: () => undefined, onRefused: () => undefined });
}

beforeAll(async () => {
  db = await testDatabase();
  for (const suffix of ['', '.readings', '.positions']) await registerDuty(db.sql, NAME + suffix);
  await addDays(db.sql, 'reading', [
    shanghaiDay(START),
    shanghaiDay(START + 86_400_000),
    shanghaiDay(START + 2 * 86_400_000),
  ]);
  await addDays(db.sql, 'position', [
    shanghaiDay(START),
    shanghaiDay(START + 86_400_000),
    shanghaiDay(START + 2 * 86_400_000),
  ]);
  const [head] = await db.sql<{ id: number }[]>`select coalesce(max(id), 0)::float8 as id from app.live_log`;
  firstLogId = head?.id ?? 0;
  await deliver(live());
});

async function cleanUp(): Promise<void> {
  for (const id of saved.splice(0)) await removeRule(db.sql, id, CHANGE);
  await db.sql`delete from app.reading where sensor = any(${SENSORS}::text[])`;
  await db.sql`delete from app.sensor_latest where sensor = any(${SENSORS}::text[])`;
  await db.sql`delete from app.position where kind = 'patrol'`;
  await db.sql`delete from app.position_latest where kind = 'patrol'`;
  await db.sql`update app.rule_clock set at = 0`;
  // Entries of times to come would be new to everybody else.
  await db.sql`delete from app.live_log where id > ${firstLogId} and committed_at > now() + interval '30 minutes'`;
}
afterEach(cleanUp);
afterAll(async () => {
  await db.sql`delete from app.duty where name like ${`${NAME}%`}`;
});

/** Writes an entry as if it had been committed then. */
async function log({ at, move, incident }: IncidentInput): Promise<void> {
  const body = {
    ...incident,
    stageDueAt: incident.stageDueAt === null ? null : new Date(incident.stageDueAt).toISOString(),
  };
  await db.sql.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(440604, 1)`;
    await tx`
      insert into app.live_log (id, town, restricted, body, committed_at)
      select id, '', false, json_build_object('id', id, 'type', ${`incident.${move}`}::text, 'incident',
        ${JSON.stringify(body)}::text::json, 'committedAt', ${at}::float8::bigint), ${new Date(at)}
      from nextval('app.live_log_id') id`;
  });
}

async function send(inputs: readonly ObservedInput[]): Promise<void> {
  for (const input of inputs) if (input.kind === 'incident') await log(input);
  const readings = inputs.filter((input): input is ReadingInput => input.kind === 'reading');
  if (readings.length > 0) await storeReadings(db.sql, readings);
  const positions = inputs.filter((input): input is PositionInput => input.kind === 'position');
  if (positions.length > 0) {
    const none = positions.map(() => null);
    await db.sql`select app.store_positions(${positions.map(({ layer }) => layer)}::text[],
      ${positions.map(({ vehicle }) => vehicle)}::text[], ${positions.map(({ at }) => at)}::float8[],
      ${positions.map(({ lon }) => lon)}::float8[], ${positions.map(({ lat }) => lat)}::float8[],
      ${none}::float4[], ${none}::float4[], ${none}::text[])`;
  }
}

/** Gives the rules what is new. With `failing`, the transactions come to nothing after the work was done. */
async function deliver(rules: LiveRules, failing = false): Promise<void> {
  const { sql } = db;
  const turns: (() => Promise<boolean>)[] = [
    () => followOnce(sql, { name: NAME, handle: async (tx, events) => (await rules.takeLog(tx, events), crash()) }),
    () =>
      followReadingsOnce(sql, {
        name: `${NAME}.readings`,
        handle: async (tx, readings) => (await rules.takeReadings(tx, readings), crash()),
      }),
    () =>
      followPositionsOnce(sql, {
        name: `${NAME}.positions`,
        handle: async (tx, positions) => (await rules.takePositions(tx, positions), crash()),
        onGap: () => expect.unreachable('a gap'),
      }),
  ];
  const crash = (): void => {
    if (failing) throw new Error('killed');
  };
  for (const turn of turns) {
    try {
      while (await turn());
    } catch (error) {
      if (!failing) throw error;
    }
  }
}

async function tick(rules: LiveRules, now: number): Promise<void> {
  await db.sql.begin((tx) => rules.tickFeeds(tx, now));
  // What the rules themselves wrote is taken before time passes for those that take the log.
  await deliver(rules);
  await db.sql.begin((tx) => rules.tickLog(tx, now));
}

async function switchOn(rule: Rule, chosen = chosenOf(rule)): Promise<number> {
  const id = await saveRule(db.sql, null, rule, chosen, CHANGE);
  saved.push(id);
  await noteTested(db.sql, id, 1, { from: '', to: '', raised: 0 } as never);
  await enableRule(db.sql, id, CHANGE, START);
  return id;
}

const told = ({ at, originator, move, detail }: Transition) => ({
  at,
  originator,
  move,
  value: detail.value,
  ...tellEvidence(detail.evidence),
});

/** What a rule said live, from its history. */
async function saidLive(id: number) {
  const rows = await db.sql<{ at: number; originator: string; move: Transition['move']; detail: object | null }[]>`
    select coalesce(e.engine_at, round(extract(epoch from e.at) * 1000))::float8 as at, a.originator, e.move, e.detail
    from app.alarm_event e join app.alarm a on a.id = e.alarm_id
    where a.rule_id = ${id} and e.move <> 'acknowledged' order by e.id`;
  return inOrder(rows.map(({ detail, ...row }) => ({ ...row, detail: (detail ?? {}) as never })));
}

test('the back-test of every kind of rule says exactly what the rule said live', { timeout: 240_000 }, async () => {
  let raised = 0;
  let late = 0;
  let round = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        rules: fc.tuple(
          ...RULE_KINDS.map(arbitraryRule),
          arbitraryRule('geofence'),
          arbitraryRule('absence'),
          arbitraryRule('agree'),
        ),
        list: happenings(120, 60),
        delays: fc.array(fc.nat(120), { minLength: 11, maxLength: 11 }),
        portions: fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 3, maxLength: 10 }),
        order: fc.array(fc.nat(9), { minLength: 20, maxLength: 20 }),
        acts: fc.array(fc.constantFrom('crash', 'restart', 'clear', 'acknowledge', 'ahead', 'none', 'none'), {
          minLength: 8,
          maxLength: 20,
        }),
        tail: fc.nat(3_600_000),
      }),
      async ({ rules, list, delays, portions, order, acts, tail }) => {
        round += 1;
        const ids: number[] = [];
        for (const [index, rule] of rules.entries()) {
          const { watch } = rule;
          const delay = delays[index] ?? 0;
          ids.push(await switchOn('delay' in watch ? ({ ...rule, watch: { ...watch, delay } } as Rule) : rule));
        }
        const inputs = toInputs(list, START, 9_000_000_000 + round * 1000);
        const end = (inputs.at(-1)?.at ?? START) + tail;
        // What sensors and vehicles send may overtake what they sent before; the log keeps its order.
        const sent = inputs
          .map((input, index) => ({
            input,
            at: index + (input.kind === 'incident' ? 0 : (order[index % order.length] ?? 0)),
          }))
          .toSorted((a, b) => a.at - b.at)
          .map(({ input }) => input);
        const logged = sent.filter(({ kind }) => kind === 'incident').toSorted((a, b) => a.at - b.at);
        const all = sent.map((input) => (input.kind === 'incident' ? (logged.shift() as ObservedInput) : input));

        let service = live();
        let now = START;
        for (let from = 0, turn = 0; from < all.length; turn++) {
          const portion = all.slice(from, from + (portions[turn % portions.length] ?? 1));
          from += portion.length;
          await send(portion);
          const act = acts[turn % acts.length];
          if (act === 'crash') await deliver(service, true);
          if (act === 'crash' || act === 'restart') service = live();
          await deliver(service);
          if (act === 'clear' || act === 'acknowledge') {
            const { alarms } = await listAlarms(db.sql, { state: 'open', rule: null, before: null, limit: 1000 });
            const mine = alarms.filter(({ rule }) => ids.includes(rule));
            const one = mine[turn % Math.max(1, mine.length)];
            if (one && act === 'clear') await clearAlarm(db.sql, one.id, 'somebody', NAME);
            if (one && act === 'acknowledge') await acknowledgeAlarm(db.sql, one.id, 'somebody');
          }
          // The log is never ahead of the clock: a tick comes after what is in it. Readings may come later than that.
          const nextLogged = all.slice(from).find(({ kind }) => kind === 'incident')?.at ?? end;
          now = Math.min(nextLogged, Math.max(now, portion.at(-1)?.at ?? now) + (act === 'ahead' ? 600_000 : 0));
          await tick(service, now);
        }
        await tick(service, Math.max(now, end) + 3_600_000);
        const last = Math.max(now, end) + 3_600_000;

        for (const [index, id] of ids.entries()) {
          const rule = rules[index] as Rule;
          const compiled = compileRule((await getRule(db.sql, id)).rule, chosenOf(rule));
          const said: Transition[] = [];
          const to = last - compiled.feed.delay;
          await replayRule(db.sql, compiled, { from: START, to, ruleId: id }, undefined, (part) => said.push(...part));
          const mine = await saidLive(id);
          expect(
            mine.map(({ at, originator, move, detail }) => ({ at, originator, move, ...(detail as object) })),
            `${rule.kind} ${JSON.stringify(rule)}`,
          ).toEqual(
            JSON.parse(
              JSON.stringify(
                inOrder(said).map((each) =>
                  each.byHand ? { at: each.at, originator: each.originator, move: each.move } : told(each),
                ),
              ),
            ),
          );
          raised += mine.filter(({ move }) => move === 'raised').length;
          const [count] = await db.sql<
            { late: number }[]
          >`select count(*)::int4 as late from app.rule_late where rule_id = ${id}`;
          late += count?.late ?? 0;
        }
        await cleanUp();
      },
    ),
    { numRuns: 6, endOnFailure: true },
  );
  expect(raised).toBeGreaterThan(50);
  expect(late, 'some inputs came too late').toBeGreaterThan(0);
});

const gauge = Rule.parse({
  kind: 'threshold',
  name: { zh: '水位', en: 'level' },
  title: { zh: '{name} 水位 {value} 超过 {limit}', en: '{name} level {value} above {limit}' },
  severity: 2,
  watch: { of: 'sensors', ids: SENSORS, metric: 'level', delay: 0 },
  is: 'above',
  limit: 5,
  clear: 3,
});
const reading = (after: number, value: number, sensor = SENSORS[0] as string): ReadingInput => ({
  kind: 'reading',
  at: START + after,
  sensor,
  metric: 'level',
  value,
});

test('an alarm is one per originator, tells what made it, and travels in the log', async () => {
  const id = await switchOn(gauge);
  await send([reading(1000, 6), reading(2000, 4), reading(3000, 7)]);
  await deliver(live());
  await send([reading(4000, 4), reading(5000, 8)]);
  await deliver(live());
  const { alarms, open } = await listAlarms(db.sql, { state: 'open', rule: id, before: null, limit: 10 });
  expect(open).toBe(1);
  expect(alarms[0]).toMatchObject({
    originator: SENSORS[0],
    title: { zh: 'gauge:a 水位 8 超过 5', en: 'gauge:a level 8 above 5' },
    severity: 2,
    count: 3,
    value: 8,
    lon: 113.1,
    grid: '440604012001W001',
    town: '440604012000',
    raisedAt: new Date(START + 1000).toISOString(),
    lastAt: new Date(START + 5000).toISOString(),
  });
  expect(alarms[0]?.evidence.readings?.map(({ value }) => value)).toEqual([6, 8]);
  const entries = await db.sql<{ type: string; restricted: boolean; id: number }[]>`
    select body ->> 'type' as type, restricted, (body -> 'alarm' ->> 'id')::float8 as id from app.live_log
    where id > ${firstLogId} and body -> 'alarm' ->> 'rule' = ${String(id)} order by app.live_log.id`;
  expect(entries.map(({ type }) => type)).toEqual(['alarm.raised', 'alarm.updated']);
  expect(entries.every(({ restricted, id }) => restricted && id === alarms[0]?.id)).toBe(true);
});

const report = (after: number, place: number) => ({
  after,
  what: 'report' as const,
  category: '06010',
  source: 'hotline',
  place,
  dueIn: null,
});

test('who clears an alarm that has ended by itself a moment ago clears nothing', async () => {
  const burst = Rule.parse({
    kind: 'burst',
    name: { zh: '聚集', en: 'burst' },
    title: { zh: '{name} {value}', en: '{name} {value}' },
    severity: 2,
    watch: { of: 'incidents' },
    count: 2,
    within: 60,
    per: 'grid',
  });
  const id = await switchOn(burst);
  // The third is of another cell, and after the burst of the first two has ended.
  await send(toInputs([report(1000, 0), report(1000, 0), report(90_000, 2)], START, 9_100_000_000));
  await deliver(live());
  const { alarms } = await listAlarms(db.sql, { state: 'all', rule: id, before: null, limit: 10 });
  expect(alarms).toMatchObject([{ clearedAt: new Date(START + 61_000).toISOString(), clearedBy: null }]);
  expect(await clearAlarm(db.sql, alarms[0]?.id ?? 0, 'somebody', NAME)).toMatchObject({ clearedBy: null });
});

test('what a killed process had begun is neither lost nor repeated', async () => {
  const id = await switchOn(gauge);
  await send([reading(1000, 6), reading(1000, 6, SENSORS[1])]);
  await deliver(live(), true);
  expect((await listAlarms(db.sql, { state: 'all', rule: id, before: null, limit: 10 })).alarms).toEqual([]);
  await deliver(live());
  await deliver(live());
  expect((await listAlarms(db.sql, { state: 'all', rule: id, before: null, limit: 10 })).alarms).toHaveLength(2);
});

test('a rule that is switched off ends its alarms, and takes nothing more', async () => {
  const id = await switchOn(gauge);
  await send([reading(1000, 6)]);
  await deliver(live());
  await disableRule(db.sql, id, CHANGE);
  await send([reading(2000, 9, SENSORS[1])]);
  await deliver(live());
  const { alarms } = await listAlarms(db.sql, { state: 'all', rule: id, before: null, limit: 10 });
  expect(alarms.map(({ clearedBy }) => clearedBy)).toEqual(['test']);
  expect(await db.sql`select from app.rule_state where rule_id = ${id}`).toHaveLength(0);
});

test('a live rule with 10 000 sensors takes 5000 readings in less than 5 seconds', async () => {
  const ids = Array.from({ length: 10_000 }, (_, index) => `gauge:many${index}`);
  const many = Rule.parse({ ...gauge, watch: { ...gauge.watch, ids } });
  const watched = ids.map((each) => ({ id: each, title: each, lon: null, lat: null, grid: null }));
  const id = await switchOn(many, { watched, filter: null, area: null });
  const service = live();
  const readings = ids
    .slice(0, 5000)
    .map((sensor, index) => ({ sensor, metric: 'level', at: START + 1000, value: index % 10 }));
  await db.sql.begin((tx) => service.takeReadings(tx, readings.slice(0, 10)));
  const from = performance.now();
  await db.sql.begin((tx) =>
    service.takeReadings(
      tx,
      readings.map((each) => ({ ...each, at: each.at + 1000 })),
    ),
  );
  expect(performance.now() - from).toBeLessThan(5000);
  const { open } = await listAlarms(db.sql, { state: 'open', rule: id, before: null, limit: 1 });
  expect(open).toBe(2000);
});
