/** What a rule is, what an alarm is, and what goes in and out of the routes about them. */
import { z } from '@hono/zod-openapi';
import { Text } from '../contract/basics.ts';

/** Bounds of a rule and of a back-test; whoever goes beyond one is told which. */
export const RULE_LIMITS = {
  rules: 500,
  /** Sensors that a rule watches. */
  sensors: 10_000,
  /** Incidents of a burst. */
  burst: 1000,
  /** Seconds of a hold, a window, a silence: 31 days. */
  seconds: 31 * 86_400,
  /** Days of a back-test, and readings, positions and log entries it reads. */
  testDays: 31,
  testInputs: 2_000_000,
  /** Alarms that a back-test lists; it counts all. */
  testAlarms: 500,
} as const;

const Seconds = z.number().int().min(1).max(RULE_LIMITS.seconds);
/** May be left out: at once. */
const Hold = z.number().int().min(0).max(RULE_LIMITS.seconds).default(0);
const Figure = z.number().min(-1e12).max(1e12);
const Name = z.string().min(1).max(64);
/** Seconds after its own time in which a reading or a position is waited for. */
const Delay = z.number().int().min(0).max(3600).default(30);
const Filter = z
  .record(z.string(), z.unknown())
  .optional()
  .openapi({ description: 'As the parameter `filter` of the layers' });

/** Sensors of a layer, those that a filter on the layer chooses, or those named. */
const Sensors = z.strictObject({
  of: z.literal('sensors'),
  layer: Name.optional(),
  filter: Filter,
  ids: z.array(z.string().min(1).max(200)).min(1).max(RULE_LIMITS.sensors).optional(),
  metric: Name,
  delay: Delay,
});
const Incidents = z.strictObject({ of: z.literal('incidents'), filter: Filter });
/** Vehicles and patrols of a moving layer, e.g. `patrol_position`. */
const Positions = z.strictObject({
  of: z.literal('positions'),
  layer: Name,
  vehicles: z.array(z.string().min(1).max(200)).min(1).max(RULE_LIMITS.sensors).optional(),
  delay: Delay,
});
/** Systems that report incidents, by their name. */
const Sources = z.strictObject({ of: z.literal('sources'), sources: z.array(Name).min(1).max(100) });

const LEVELS = ['grid', 'community', 'town'] as const;
const Per = z.enum(['all', ...LEVELS]);
const Cells = z.strictObject({
  by: z.enum(LEVELS),
  codes: z
    .array(z.string().regex(/^\d{12}(W\d{3})?$/))
    .min(1)
    .max(2000),
});

const CATEGORY = /^(\d{5}|Z\d{2}(\d{2})?)$/;
const ClockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day, HH:MM');

const common = {
  name: z.strictObject({ zh: z.string().min(1).max(100), en: z.string().min(1).max(100) }),
  /** What the alarm is called. `{name}`: who or what raised it; `{value}`, `{limit}`, `{count}`. */
  title: z.strictObject({ zh: z.string().min(1).max(200), en: z.string().min(1).max(200) }),
  /** 1 red, 2 orange, 3 yellow, 4 blue. */
  severity: z.number().int().min(1).max(4),
  /** Between these times of the day (Asia/Shanghai) nothing is raised; what still holds at their end is raised then. */
  quiet: z.strictObject({ from: ClockTime, to: ClockTime }).optional(),
  /** Seconds after an alarm was cleared in which the same originator raises no other. */
  coolDown: Hold,
  /** The incident that an alarm opens. */
  opens: z.strictObject({ category: z.string().regex(CATEGORY), severity: z.number().int().min(0).max(4) }).optional(),
};

const Threshold = z.strictObject({
  kind: z.literal('threshold'),
  ...common,
  watch: Sensors,
  is: z.enum(['above', 'below']),
  limit: Figure,
  /** The alarm ends when the value is back at this one: at the limit when left out. */
  clear: Figure.optional(),
  hold: Hold,
  clearHold: Hold,
});
const Rate = z.strictObject({
  kind: z.literal('rate'),
  ...common,
  watch: Sensors,
  is: z.enum(['rise', 'fall']),
  by: z.number().positive().max(1e12),
  within: Seconds,
  /** The alarm ends when the change is less than this: than `by` when left out. */
  clear: z.number().positive().max(1e12).optional(),
});
const Agree = z.strictObject({
  kind: z.literal('agree'),
  ...common,
  watch: Sensors,
  is: z.enum(['above', 'below']),
  limit: Figure,
  clear: Figure.optional(),
  /** How many sensors. */
  sensors: z.number().int().min(2).max(RULE_LIMITS.sensors),
  /** A sensor counts for so long after its last reading beyond the limit. */
  within: Seconds,
  per: Per,
});
const Geofence = z.strictObject({
  kind: z.literal('geofence'),
  ...common,
  watch: z.discriminatedUnion('of', [Positions, Incidents]),
  /** A filter of areas only. */
  area: z.record(z.string(), z.unknown()),
  on: z.enum(['enter', 'exit', 'dwell']),
  /** Seconds inside; for `dwell`. */
  dwell: Seconds.optional(),
});
const Burst = z.strictObject({
  kind: z.literal('burst'),
  ...common,
  watch: Incidents,
  count: z.number().int().min(2).max(RULE_LIMITS.burst),
  within: Seconds,
  per: z.enum(['all', ...LEVELS, 'near']),
  /** How near; for `near`. */
  metres: z.number().positive().max(20_000).optional(),
});
const Silence = z.strictObject({
  kind: z.literal('silence'),
  ...common,
  watch: z.discriminatedUnion('of', [Sensors, Sources]),
  after: Seconds,
});
const Deadline = z.strictObject({
  kind: z.literal('deadline'),
  ...common,
  watch: Incidents,
  /** Stages that must be left; any when left out. */
  stages: z.array(Name).min(1).max(20).optional(),
  /** Seconds after it entered the stage; when left out, the time limit of the stage itself counts. */
  after: Seconds.optional(),
});
const Absence = z.strictObject({
  kind: z.literal('absence'),
  ...common,
  watch: z.discriminatedUnion('of', [Incidents, Positions]),
  within: Seconds,
  per: Per,
  /** The cells in which it must come; all of the level when left out. */
  cells: Cells.optional(),
});

export const RULE_KINDS = [
  'threshold',
  'rate',
  'agree',
  'geofence',
  'burst',
  'silence',
  'deadline',
  'absence',
] as const;
export type RuleKind = (typeof RULE_KINDS)[number];

/** Says at `path` what is wrong between fields that are each right. */
function contradictions(rule: z.infer<typeof AnyRule>): [path: string[], message: string][] {
  const found: [string[], string][] = [];
  const { watch } = rule;
  if (watch.of === 'sensors' && (watch.layer === undefined) === (watch.ids === undefined)) {
    found.push([['watch', 'layer'], 'either a layer or the ids of sensors must be given']);
  }
  if (watch.of === 'sensors' && watch.filter !== undefined && watch.layer === undefined) {
    found.push([['watch', 'filter'], 'needs a layer']);
  }
  if ((rule.kind === 'threshold' || rule.kind === 'agree') && rule.clear !== undefined) {
    const isBack = rule.is === 'above' ? rule.clear <= rule.limit : rule.clear >= rule.limit;
    if (!isBack) found.push([['clear'], `must not be ${rule.is} the limit`]);
  }
  if (rule.kind === 'rate' && rule.clear !== undefined && rule.clear > rule.by) {
    found.push([['clear'], 'must not be more than `by`']);
  }
  if (rule.kind === 'geofence') {
    if ((rule.on === 'dwell') !== (rule.dwell !== undefined)) {
      found.push([['dwell'], rule.on === 'dwell' ? 'is missing' : 'is for `on`: dwell only']);
    }
    if (rule.on === 'exit' && watch.of === 'incidents') found.push([['on'], 'incidents do not leave an area']);
  }
  if (rule.kind === 'burst' && (rule.per === 'near') !== (rule.metres !== undefined)) {
    found.push([['metres'], rule.per === 'near' ? 'is missing' : 'is for `per`: near only']);
  }
  if (rule.kind === 'absence') {
    if (rule.cells !== undefined && rule.cells.by !== rule.per) {
      found.push([['cells', 'by'], `must be the level of \`per\`, ${rule.per}`]);
    }
    if (rule.per === 'all' && rule.opens !== undefined) {
      found.push([['opens'], 'what is missing everywhere has no place to open an incident at']);
    }
  }
  if (rule.kind === 'silence' && watch.of === 'sources' && rule.opens !== undefined) {
    found.push([['opens'], 'a silent system has no place to open an incident at']);
  }
  if (rule.quiet !== undefined && rule.quiet.from === rule.quiet.to) {
    found.push([['quiet', 'to'], 'must differ from `from`']);
  }
  return found;
}

const AnyRule = z.discriminatedUnion('kind', [Threshold, Rate, Agree, Geofence, Burst, Silence, Deadline, Absence]);

/** A rule, as it is written. */
export const Rule = AnyRule.superRefine((rule, context) => {
  for (const [path, message] of contradictions(rule)) context.addIssue({ code: 'custom', path, message });
}).openapi('Rule');
export type Rule = z.infer<typeof AnyRule>;
export type RuleOf<K extends RuleKind> = Extract<Rule, { kind: K }>;

const Time = z.iso.datetime({ offset: true });

export const RuleInput = z.strictObject({ rule: Rule, reason: z.string().min(1).max(500) }).openapi('RuleInput');
export const RuleChange = z.strictObject({ reason: z.string().min(1).max(500) }).openapi('RuleChange');

export const BacktestInput = z
  .strictObject({
    /** A rule that is not saved yet, or … */
    rule: Rule.optional(),
    /** … a version of one that is: it may be switched on afterwards. */
    id: z.number().int().positive().max(2_147_483_647).optional(),
    version: z.number().int().positive().max(2_147_483_647).optional(),
    from: Time,
    to: Time,
  })
  .superRefine((input, context) => {
    if ((input.rule === undefined) === (input.id === undefined)) {
      context.addIssue({ code: 'custom', path: ['rule'], message: 'either a rule or the id of one must be given' });
    }
    if (Date.parse(input.from) >= Date.parse(input.to)) {
      context.addIssue({ code: 'custom', path: ['to'], message: 'must be after `from`' });
    }
  })
  .openapi('BacktestInput');

const Evidence = z.object({
  readings: z.array(z.object({ sensor: z.string(), metric: z.string(), at: z.string(), value: z.number() })).optional(),
  incidents: z.array(z.number().int()).optional(),
  positions: z.array(z.object({ at: z.string(), lon: z.number(), lat: z.number() })).optional(),
});

export const TestedAlarm = z.object({
  originator: z.string(),
  title: Text,
  raisedAt: z.string(),
  lastAt: z.string(),
  /** Null while it would still be open at the end. */
  clearedAt: z.string().nullable(),
  count: z.number().int(),
  value: z.number().nullable(),
  lon: z.number().nullable(),
  lat: z.number().nullable(),
  evidence: Evidence,
});
export type TestedAlarm = z.infer<typeof TestedAlarm>;

export const Backtest = z
  .object({
    from: z.string(),
    to: z.string(),
    /** Since when the log has what the rule looks at: what was before is not known any more. Null: nothing is stored. */
    knownFrom: z.string().nullable(),
    /** What it watches: sensors, cells or sources that are known by name; null: whatever comes. */
    watched: z.number().int().nullable(),
    /** Readings, positions and log entries that were read. */
    inputs: z.number().int(),
    raised: z.number().int(),
    refreshed: z.number().int(),
    openAtEnd: z.number().int(),
    /** Days of Asia/Shanghai, those without an alarm included. `inputs`: what was there to look at; of a day with 0 nothing can be said. */
    days: z.array(z.object({ day: z.string(), raised: z.number().int(), inputs: z.number().int() })),
    /**
     * What was looked at, by source: a sensor, a vehicle, a reporting system; with its first and last input between `from` and `to`.
     * Watched sensors without any come first, with null. At most 500; `sources` counts all.
     */
    covered: z.array(
      z.object({
        source: z.string(),
        from: z.string().nullable(),
        to: z.string().nullable(),
        inputs: z.number().int(),
      }),
    ),
    sources: z.number().int(),
    /** The first ones; `raised` counts all. */
    alarms: z.array(TestedAlarm),
    milliseconds: z.number(),
  })
  .openapi('Backtest');
export type Backtest = z.infer<typeof Backtest>;

export const RuleVersion = z.object({
  version: z.number().int(),
  rule: Rule,
  madeAt: z.string(),
  madeBy: z.string(),
  reason: z.string(),
  /** How many sensors, cells or sources were chosen when it was saved; null: whatever comes. */
  watched: z.number().int().nullable(),
  /** The last back-test of this version. */
  tested: z.object({ at: z.string(), from: z.string(), to: z.string(), raised: z.number().int() }).nullable(),
});

export const RuleSummary = RuleVersion.extend({
  id: z.number().int(),
  /** The version that runs, and since when; null while the rule is off. */
  running: z.object({ version: z.number().int(), since: z.string(), by: z.string() }).nullable(),
  openAlarms: z.number().int(),
  lastRaisedAt: z.string().nullable(),
}).openapi('RuleSummary');
export type RuleSummary = z.infer<typeof RuleSummary>;

export const RuleList = z.object({ rules: z.array(RuleSummary) }).openapi('RuleList');
export type RuleList = z.infer<typeof RuleList>;
export const RuleDetail = RuleSummary.extend({
  /** The newest first. */
  versions: z.array(RuleVersion),
  history: z.array(
    z.object({
      at: z.string(),
      by: z.string(),
      move: z.enum(['saved', 'enabled', 'disabled', 'removed']),
      version: z.number().int(),
      reason: z.string(),
    }),
  ),
}).openapi('RuleDetail');
export type RuleDetail = z.infer<typeof RuleDetail>;

export const Alarm = z
  .object({
    id: z.number().int(),
    rule: z.number().int(),
    version: z.number().int(),
    kind: z.enum(RULE_KINDS),
    ruleName: Text,
    /** Sensor, vehicle, incident, cell or source. */
    originator: z.string(),
    title: Text,
    severity: z.number().int(),
    lon: z.number().nullable(),
    lat: z.number().nullable(),
    grid: z.string().nullable(),
    community: z.string().nullable(),
    town: z.string().nullable(),
    raisedAt: z.string(),
    lastAt: z.string(),
    count: z.number().int(),
    value: z.number().nullable(),
    acknowledgedAt: z.string().nullable(),
    acknowledgedBy: z.string().nullable(),
    clearedAt: z.string().nullable(),
    /** Null: it cleared by itself. */
    clearedBy: z.string().nullable(),
    /** The incident it opened. */
    incident: z.number().int().nullable(),
    evidence: Evidence,
  })
  .openapi('Alarm');
export type Alarm = z.infer<typeof Alarm>;

export const AlarmList = z
  .object({
    alarms: z.array(Alarm),
    /** Open ones in all, and those of them that nobody has acknowledged. */
    open: z.number().int(),
    unacknowledged: z.number().int(),
    next: z.string().nullable(),
    cursor: z.string(),
  })
  .openapi('AlarmList');
export type AlarmList = z.infer<typeof AlarmList>;
