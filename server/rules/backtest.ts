import { shanghaiDay } from '../shanghai-time.ts';
import type { Sql } from '../db/connect.ts';
import type { GridMesh } from '../db/mesh.ts';
import { placeOf, titleOf } from './alarm-text.ts';
import type { CompiledRule } from './compile-rule.ts';
import { RULE_LIMITS, type Backtest, type TestedAlarm } from './contract.ts';
import type { Detail, Transition } from './event.ts';
import { tellEvidence } from './keep-alarms.ts';
import { replayRule, type ReplayRange } from './replay.ts';

const DAY = 86_400_000;

const iso = (at: number) => new Date(at).toISOString();

interface OpenAlarm {
  /** Its place in the list; null beyond what is listed. */
  listed: TestedAlarm | null;
  count: number;
}

/** When and where a rule would have raised alarms. */
export async function backtest(
  sql: Sql,
  rule: CompiledRule,
  range: ReplayRange,
  mesh: GridMesh | undefined,
): Promise<Backtest> {
  const began = performance.now();
  const open = new Map<string, OpenAlarm>();
  const alarms: TestedAlarm[] = [];
  const days = new Map<string, number>();
  for (let at = range.from; shanghaiDay(at) <= shanghaiDay(range.to); at += DAY) days.set(shanghaiDay(at), 0);
  let raised = 0;
  let refreshed = 0;

  function fill(alarm: TestedAlarm, detail: Detail, count: number): void {
    const { lon, lat } = placeOf(rule, alarm.originator, detail);
    Object.assign(alarm, { count, value: detail.value ?? null, evidence: tellEvidence(detail.evidence), lon, lat });
    alarm.title = titleOf(rule, alarm.originator, detail, count);
  }

  function take({ at, originator, move, detail }: Transition): void {
    const known = open.get(originator);
    if (move === 'raised') {
      raised += 1;
      days.set(shanghaiDay(at), (days.get(shanghaiDay(at)) ?? 0) + 1);
      const isListed = alarms.length < RULE_LIMITS.testAlarms;
      const alarm: TestedAlarm = {
        originator,
        title: { zh: '', en: '' },
        raisedAt: iso(at),
        lastAt: iso(at),
        clearedAt: null,
        count: 1,
        value: null,
        lon: null,
        lat: null,
        evidence: {},
      };
      fill(alarm, detail, 1);
      if (isListed) alarms.push(alarm);
      open.set(originator, { listed: isListed ? alarm : null, count: 1 });
    } else if (known !== undefined && move === 'refreshed') {
      refreshed += 1;
      known.count += 1;
      if (known.listed) {
        known.listed.lastAt = iso(at);
        fill(known.listed, detail, known.count);
      }
    } else if (known !== undefined) {
      if (known.listed) known.listed.clearedAt = iso(at);
      open.delete(originator);
    }
  }

  const { inputs, knownFrom, coverage } = await replayRule(sql, rule, range, mesh, (transitions) =>
    transitions.forEach(take),
  );
  const sources = coverage.sources();
  const isoOf = (at: number | null) => (at === null ? null : iso(at));
  return {
    from: iso(range.from),
    to: iso(range.to),
    knownFrom: knownFrom === null ? null : iso(knownFrom),
    watched: rule.chosen.watched?.length ?? null,
    inputs,
    raised,
    refreshed,
    openAtEnd: open.size,
    days: Array.from(days, ([day, count]) => ({ day, raised: count, inputs: coverage.inputsOf(day) })),
    covered: sources
      .slice(0, RULE_LIMITS.testAlarms)
      .map(({ source, from, to, inputs: count }) => ({ source, from: isoOf(from), to: isoOf(to), inputs: count })),
    sources: sources.length,
    alarms: alarms.toSorted((a, b) => (a.raisedAt < b.raisedAt ? -1 : a.raisedAt > b.raisedAt ? 1 : 0)),
    milliseconds: Math.round(performance.now() - began),
  };
}
