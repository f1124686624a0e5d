import * as fc from 'fast-check';
import { compileRule, type Chosen, type CompiledRule } from '../../../server/rules/compile-rule.ts';
import { Rule, RULE_KINDS, type RuleKind } from '../../../server/rules/contract.ts';
import type { IncidentFacts, ObservedInput } from '../../../server/rules/event.ts';

export const SENSORS = ['gauge:a', 'gauge:b', 'gauge:c', 'gauge:d'];
export const VEHICLES = ['v1', 'v2', 'v3'];
export const GRIDS = ['440604012001W001', '440604012001W002', '440604012002W001'];
export const SOURCES = ['hotline', 'camera'];
/** Places of the grids, and the area of geofences: the first two. */
const PLACES = [
  [113.1, 23.01],
  [113.11, 23.01],
  [113.12, 23.01],
] as const;
export const AREA = { bbox: [113.095, 23, 113.115, 23.02] };

const base = { name: { zh: '规则', en: 'rule' }, title: { zh: '{name} {value}', en: '{name} {value}' }, severity: 2 };
const seconds = (max: number) => fc.integer({ min: 1, max });
const hold = fc.integer({ min: 0, max: 900 });
const beyond = fc
  .record({ is: fc.constantFrom('above' as const, 'below' as const), limit: fc.integer({ min: 3, max: 7 }) })
  .chain(({ is, limit }) =>
    fc.record({
      is: fc.constant(is),
      limit: fc.constant(limit),
      clear: fc.integer({ min: 0, max: 3 }).map((gap) => (is === 'above' ? limit - gap : limit + gap)),
    }),
  );
const sensors = { of: 'sensors', ids: SENSORS, metric: 'level', delay: 0 };
const positions = { of: 'positions', layer: 'patrol', delay: 0 };
const incidents = fc.constantFrom<object>(
  { of: 'incidents' },
  { of: 'incidents', filter: { field: 'category', op: '=', value: '06010' } },
);

const KINDS: Record<RuleKind, fc.Arbitrary<object>> = {
  threshold: fc
    .tuple(beyond, hold, hold)
    .map(([limits, hold, clearHold]) => ({ watch: sensors, ...limits, hold, clearHold })),
  rate: fc
    .record({
      by: fc.integer({ min: 1, max: 6 }),
      gap: fc.double({ min: 0, max: 0.9, noNaN: true }),
      within: seconds(1800),
    })
    .chain(({ by, gap, within }) =>
      fc.constantFrom('rise', 'fall').map((is) => ({ watch: sensors, is, by, clear: by * (1 - gap), within })),
    ),
  agree: fc
    .record({
      limits: beyond,
      sensors: fc.integer({ min: 2, max: 3 }),
      within: seconds(1800),
      per: fc.constantFrom('all', 'grid', 'community', 'town'),
    })
    .map(({ limits, ...rest }) => ({ watch: sensors, ...limits, ...rest })),
  geofence: fc.oneof(
    fc.constantFrom('enter', 'exit').map((on) => ({ watch: positions, area: AREA, on })),
    seconds(1800).map((dwell) => ({ watch: positions, area: AREA, on: 'dwell', dwell })),
    incidents.map((watch) => ({ watch, area: AREA, on: 'enter' })),
    fc.tuple(incidents, seconds(1800)).map(([watch, dwell]) => ({ watch, area: AREA, on: 'dwell', dwell })),
  ),
  burst: fc
    .record({
      watch: incidents,
      count: fc.integer({ min: 2, max: 4 }),
      within: seconds(3600),
      per: fc.constantFrom('all', 'grid', 'community', 'town', 'near'),
    })
    .map((rule) => (rule.per === 'near' ? { ...rule, metres: 1100 } : rule)),
  silence: fc
    .tuple(fc.constantFrom<object>(sensors, { of: 'sources', sources: SOURCES }), seconds(3600))
    .map(([watch, after]) => ({ watch, after })),
  deadline: fc
    .record({
      watch: incidents,
      stages: fc.option(fc.constant(['collected', 'handling']), { nil: undefined }),
      after: fc.option(seconds(1800), { nil: undefined }),
    })
    .map((rule) => JSON.parse(JSON.stringify(rule)) as object),
  absence: fc.record({
    watch: fc.oneof(incidents, fc.constant<object>(positions)),
    within: seconds(3600),
    per: fc.constantFrom('all', 'grid', 'community', 'town'),
  }),
};

/** A rule of a kind, with all that is common to rules. */
export function arbitraryRule(kind: RuleKind): fc.Arbitrary<Rule> {
  return fc
    .record({
      own: KINDS[kind],
      coolDown: fc.constantFrom(0, 0, 60, 600),
      quiet: fc.option(fc.constantFrom({ from: '09:00', to: '09:40' }, { from: '23:50', to: '08:20' }), {
        nil: undefined,
      }),
    })
    .map(({ own, quiet, coolDown }) =>
      Rule.parse({ kind, ...base, ...own, coolDown, ...(quiet === undefined ? {} : { quiet }) }),
    );
}

export const anyRule = fc.constantFrom(...RULE_KINDS).chain(arbitraryRule);

/** What the selections of these rules come to. */
export function chosenOf(rule: Rule): Chosen {
  const { watch } = rule;
  const place = (id: string, index: number) => {
    const [lon, lat] = PLACES[index % 3] ?? PLACES[0];
    return { id, title: id, lon, lat, grid: GRIDS[index % 3] ?? null };
  };
  const cells =
    rule.kind === 'absence' && rule.per !== 'all'
      ? [
          ...new Set(
            GRIDS.map(
              (grid) => ({ grid, community: grid.slice(0, 12), town: `${grid.slice(0, 9)}000` })[rule.per as 'grid'],
            ),
          ),
        ]
      : null;
  return {
    watched:
      watch.of === 'sensors'
        ? SENSORS.map(place)
        : watch.of === 'sources'
          ? SOURCES.map(place)
          : (cells?.map(place) ?? null),
    filter:
      watch.of === 'incidents' && watch.filter !== undefined
        ? { kind: 'compare', field: { name: 'category', type: 'string' }, op: '=', value: '06010' }
        : null,
    area: rule.kind === 'geofence' ? { kind: 'bbox', bbox: AREA.bbox as [number, number, number, number] } : null,
  };
}

export function compile(rule: Rule): CompiledRule {
  return compileRule(rule, chosenOf(rule));
}

/** What happens, `after` ms after what was before it. */
type Happening = { after: number } & (
  | { what: 'reading'; sensor: string; value: number }
  | { what: 'position'; vehicle: string; place: number }
  | { what: 'report'; category: string; source: string; place: number; dueIn: number | null }
  | { what: 'move'; index: number; stage: string; dueIn: number | null }
);

const after = fc.oneof(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1000, max: 900_000 }), fc.constant(60_000));
const dueIn = fc.option(fc.integer({ min: -60_000, max: 1_800_000 }), { nil: null });
const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      after,
      what: fc.constant('reading' as const),
      sensor: fc.constantFrom(...SENSORS),
      value: fc.integer({ min: 0, max: 10 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      after,
      what: fc.constant('position' as const),
      vehicle: fc.constantFrom(...VEHICLES),
      place: fc.nat(2),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      after,
      what: fc.constant('report' as const),
      category: fc.constantFrom('06010', '06010', '09001'),
      source: fc.constantFrom(...SOURCES),
      place: fc.nat(2),
      dueIn,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      after,
      what: fc.constant('move' as const),
      index: fc.nat(5),
      stage: fc.constantFrom('collected', 'handling', 'closed'),
      dueIn,
    }),
  },
);
export const happenings = (most: number, least = 5) => fc.array(happening, { minLength: least, maxLength: most });

/** The happenings as inputs, from a time on. Incidents are numbered from `firstId`. */
export function toInputs(list: readonly Happening[], from: number, firstId = 1): ObservedInput[] {
  let at = from;
  const incidents: IncidentFacts[] = [];
  const inputs: ObservedInput[] = [];
  for (const each of list) {
    at += each.after;
    switch (each.what) {
      case 'reading':
        inputs.push({ kind: 'reading', at, sensor: each.sensor, metric: 'level', value: each.value });
        break;
      case 'position': {
        const [lon, lat] = PLACES[each.place] ?? PLACES[0];
        inputs.push({
          kind: 'position',
          at,
          layer: 'patrol',
          vehicle: each.vehicle,
          lon,
          lat,
          grid: GRIDS[each.place] ?? null,
        });
        break;
      }
      case 'report': {
        const [lon, lat] = PLACES[each.place] ?? PLACES[0];
        const grid = GRIDS[each.place] ?? '';
        const incident: IncidentFacts = {
          id: firstId + incidents.length,
          category: each.category,
          source: each.source,
          title: 't',
          severity: 0,
          state: 'open',
          stage: 'collected',
          department: null,
          reports: 1,
          lon,
          lat,
          grid,
          community: grid.slice(0, 12),
          town: `${grid.slice(0, 9)}000`,
          stageDueAt: each.dueIn === null ? null : at + each.dueIn,
        };
        incidents.push(incident);
        inputs.push({ kind: 'incident', at, move: 'created', incident });
        break;
      }
      case 'move': {
        const known = incidents[each.index];
        if (known === undefined) break;
        const isClosed = each.stage === 'closed';
        const incident: IncidentFacts = {
          ...known,
          stage: each.stage,
          state: isClosed ? 'closed' : 'open',
          stageDueAt: isClosed || each.dueIn === null ? null : at + each.dueIn,
        };
        const move = isClosed ? 'closed' : known.state === 'closed' ? 'reopened' : 'updated';
        incidents[each.index] = incident;
        inputs.push({ kind: 'incident', at, move, incident });
        break;
      }
    }
  }
  return inputs;
}
