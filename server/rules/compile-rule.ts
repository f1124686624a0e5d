import type { Predicate } from '../filter/predicate.ts';
import { ALL, cellOf } from './cell-of.ts';
import type { Rule } from './contract.ts';
import type { RunnableRule } from './engine.ts';
import type { IncidentFacts, ObservedInput } from './event.ts';
import { agreeMachine } from './machines/agree.ts';
import { burstMachine } from './machines/burst.ts';
import { deadlineMachine } from './machines/deadline.ts';
import { geofenceMachine } from './machines/geofence.ts';
import type { AnyMachine } from './machines/machine.ts';
import { missingMachine } from './machines/missing.ts';
import { nearBurstMachine } from './machines/near-burst.ts';
import { rateMachine } from './machines/rate.ts';
import { thresholdMachine } from './machines/threshold.ts';
import { minutesOf } from './quiet-hours.ts';
import { compileRowTest } from './row-test.ts';

/** Somebody or something that a rule watches by name: where it is, and what people call it. */
export interface Watched {
  id: string;
  title: string;
  lon: number | null;
  lat: number | null;
  grid: string | null;
}

/**
 * What the selections of a rule came to when it was saved. It is part of the version: a later load of a layer changes
 * neither what runs nor what a back-test of it says.
 */
export interface Chosen {
  /** Sensors, cells or sources; null: whatever comes. */
  watched: Watched[] | null;
  /** Of incidents. */
  filter: Predicate | null;
  /** Of a geofence. */
  area: Predicate | null;
}

/** What a rule has to be fed with. */
export interface Feed {
  stream: 'log' | 'readings' | 'positions';
  /**
   * `log`: in the order of the log. `direct`: as they come, each part by its own time. `buffered`: several sensors or
   * vehicles make one part, so that inputs wait for each other and are taken in the order of time.
   */
  order: 'log' | 'direct' | 'buffered';
  /** How long after its own time an input may come, ms. */
  delay: number;
  /** Readings: the sensors, and the metric. */
  sensors: ReadonlySet<string> | null;
  metric: string | null;
  /** Positions: the layer. */
  layer: string | null;
}

export interface CompiledRule extends RunnableRule {
  rule: Rule;
  chosen: Chosen;
  feed: Feed;
  watched: ReadonlyMap<string, Watched>;
}

const SECOND = 1000;

function incidentTest(filter: Predicate | null): (incident: IncidentFacts) => boolean {
  const test = filter === null ? () => true : compileRowTest(filter);
  // What rules opened does not feed rules: one could keep itself alive.
  return (incident) => incident.source !== RULE_SOURCE && test({ ...incident, fields: fieldsOf(incident) });
}

/** The source of incidents that rules open. */
export const RULE_SOURCE = 'rules';

function fieldsOf(incident: IncidentFacts) {
  const { category, source, title, severity, state, stage, department, reports } = incident;
  return { category, source, title, severity, state, stage, department, reports };
}

function beyondOf(rule: { is: 'above' | 'below'; limit: number; clear?: number | undefined }) {
  const { limit, clear = limit } = rule;
  return rule.is === 'above'
    ? { isBeyond: (value: number) => value > limit, isBack: (value: number) => value <= clear }
    : { isBeyond: (value: number) => value < limit, isBack: (value: number) => value >= clear };
}

function machineOf(rule: Rule, { watched, filter, area }: Chosen): AnyMachine {
  const ids = (watched ?? []).map(({ id }) => id);
  switch (rule.kind) {
    case 'threshold':
      return thresholdMachine({
        sensors: new Set(ids),
        metric: rule.watch.metric,
        ...beyondOf(rule),
        hold: rule.hold * SECOND,
        clearHold: rule.clearHold * SECOND,
      }) as AnyMachine;
    case 'rate':
      return rateMachine({
        sensors: new Set(ids),
        metric: rule.watch.metric,
        sign: rule.is === 'rise' ? 1 : -1,
        by: rule.by,
        clear: rule.clear ?? rule.by,
        within: rule.within * SECOND,
      }) as AnyMachine;
    case 'agree':
      return agreeMachine({
        // A sensor in no cell agrees with none.
        groups: new Map(
          (watched ?? [])
            .filter(({ grid }) => rule.per === 'all' || grid !== null)
            .map(({ id, grid }) => [id, cellOf(rule.per, grid ?? '')]),
        ),
        metric: rule.watch.metric,
        ...beyondOf(rule),
        sensors: rule.sensors,
        within: rule.within * SECOND,
      }) as AnyMachine;
    case 'geofence': {
      const covers = compileRowTest(area ?? { kind: 'and', of: [] });
      const { watch } = rule;
      return geofenceMachine({
        of:
          watch.of === 'positions'
            ? { positions: watch.layer, vehicles: watch.vehicles === undefined ? null : new Set(watch.vehicles) }
            : { incidents: incidentTest(filter) },
        covers: (place) => covers({ ...place, fields: {} }),
        on: rule.on,
        dwell: (rule.dwell ?? 0) * SECOND,
      }) as AnyMachine;
    }
    case 'burst': {
      const options = { matches: incidentTest(filter), count: rule.count, within: rule.within * SECOND };
      return rule.per === 'near'
        ? (nearBurstMachine({ ...options, metres: rule.metres ?? 0 }) as AnyMachine)
        : (burstMachine({ ...options, per: rule.per }) as AnyMachine);
    }
    case 'silence': {
      const { watch } = rule;
      const from =
        watch.of === 'sensors'
          ? (input: ObservedInput) => (input.kind === 'reading' && input.metric === watch.metric ? input.sensor : null)
          : (input: ObservedInput) =>
              input.kind === 'incident' && input.move === 'created' ? input.incident.source : null;
      return missingMachine({ expected: ids, from, after: rule.after * SECOND }) as AnyMachine;
    }
    case 'deadline':
      return deadlineMachine({
        matches: incidentTest(filter),
        stages: rule.stages === undefined ? null : new Set(rule.stages),
        after: rule.after === undefined ? null : rule.after * SECOND,
      }) as AnyMachine;
    case 'absence': {
      const { watch, per } = rule;
      const matches = incidentTest(filter);
      const vehicles = watch.of === 'positions' && watch.vehicles !== undefined ? new Set(watch.vehicles) : null;
      return missingMachine({
        expected: per === 'all' ? [ALL] : ids,
        from(input) {
          if (watch.of === 'incidents') {
            const isOne = input.kind === 'incident' && input.move === 'created' && matches(input.incident);
            return isOne ? cellOf(per, input.incident.grid) : null;
          }
          if (input.kind !== 'position' || input.layer !== watch.layer || input.grid === null) return null;
          return vehicles === null || vehicles.has(input.vehicle) ? cellOf(per, input.grid) : null;
        },
        after: rule.within * SECOND,
      }) as AnyMachine;
    }
  }
}

function feedOf(rule: Rule, { watched }: Chosen): Feed {
  const { watch } = rule;
  switch (watch.of) {
    case 'sensors':
      return {
        stream: 'readings',
        order: rule.kind === 'agree' ? 'buffered' : 'direct',
        delay: watch.delay * SECOND,
        sensors: new Set((watched ?? []).map(({ id }) => id)),
        metric: watch.metric,
        layer: null,
      };
    case 'positions':
      return {
        stream: 'positions',
        order: rule.kind === 'absence' ? 'buffered' : 'direct',
        delay: watch.delay * SECOND,
        sensors: null,
        metric: null,
        layer: watch.layer,
      };
    case 'incidents':
    case 'sources':
      return { stream: 'log', order: 'log', delay: 0, sensors: null, metric: null, layer: null };
  }
}

/** Makes a saved rule into what the engine runs. */
export function compileRule(rule: Rule, chosen: Chosen): CompiledRule {
  const quiet = rule.quiet === undefined ? null : { from: minutesOf(rule.quiet.from), to: minutesOf(rule.quiet.to) };
  const feed = feedOf(rule, chosen);
  return {
    rule,
    chosen,
    machine: machineOf(rule, chosen),
    gate: { quiet, coolDown: rule.coolDown * SECOND },
    feed,
    isDirect: feed.order === 'direct',
    watched: new Map((chosen.watched ?? []).map((each) => [each.id, each])),
  };
}
