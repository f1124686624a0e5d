/** What is wrong with a rule, beside the field at fault and in the language of the reader; the server has the last word. */
import type { Rule } from '../../../server/app.ts';

export type RuleFault =
  | 'missing'
  | 'tooSmall'
  | 'tooLarge'
  | 'beyondLimit'
  | 'beyondChange'
  | 'same'
  | 'code'
  | 'time'
  | 'noPlace'
  | 'filter';
/** Path of a field as the API names it: `watch.layer`. */
export type RuleFaults = Readonly<Record<string, RuleFault>>;

const DAYS_31 = 31 * 86_400;
const CATEGORY = /^(\d{5}|Z\d{2}(\d{2})?)$/;
const CLOCK = /^([01]\d|2[0-3]):[0-5]\d$/;
/** Least and most of numbers, of whichever kind of rule. */
const BOUNDS: Readonly<Record<string, readonly [least: number, most: number]>> = {
  within: [1, DAYS_31],
  after: [1, DAYS_31],
  dwell: [1, DAYS_31],
  hold: [0, DAYS_31],
  clearHold: [0, DAYS_31],
  coolDown: [0, DAYS_31],
  sensors: [2, 10_000],
  count: [2, 1000],
  metres: [1, 20_000],
};

export function faultsOfRule(rule: Rule): RuleFaults {
  const faults: Record<string, RuleFault> = {};
  const loose = rule as unknown as Readonly<Record<string, unknown>>;
  // A field of numbers that somebody emptied.
  for (const [name, value] of Object.entries(loose)) if (Number.isNaN(value)) faults[name] = 'missing';
  for (const [name, [least, most]] of Object.entries(BOUNDS)) {
    const value = loose[name];
    if (typeof value !== 'number') continue;
    if (value < least) faults[name] = 'tooSmall';
    if (value > most) faults[name] = 'tooLarge';
  }
  for (const lang of ['zh', 'en'] as const) {
    if (rule.name[lang].trim() === '') faults[`name.${lang}`] = 'missing';
    if (rule.title[lang].trim() === '') faults[`title.${lang}`] = 'missing';
  }
  const { watch } = rule;
  if (watch.of === 'sensors') {
    if (watch.layer === undefined && (watch.ids === undefined || watch.ids.length === 0))
      faults['watch.ids'] = 'missing';
    if (watch.metric === '') faults['watch.metric'] = 'missing';
  }
  if (watch.of === 'sensors' || watch.of === 'positions') {
    if (Number.isNaN(watch.delay)) faults['watch.delay'] = 'missing';
    else if (watch.delay > 3600) faults['watch.delay'] = 'tooLarge';
  }
  if (watch.of === 'sources' && watch.sources.length === 0) faults['watch.sources'] = 'missing';
  if (rule.kind === 'rate' && rule.by <= 0) faults['by'] = 'tooSmall';
  if ((rule.kind === 'threshold' || rule.kind === 'agree') && rule.clear !== undefined) {
    const isBack = rule.is === 'above' ? rule.clear <= rule.limit : rule.clear >= rule.limit;
    if (!isBack && !Number.isNaN(rule.limit)) faults['clear'] = 'beyondLimit';
  }
  if (rule.kind === 'rate' && rule.clear !== undefined && rule.clear > rule.by) faults['clear'] = 'beyondChange';
  if (rule.kind === 'geofence' && Object.keys(rule.area).length === 0) faults['area'] = 'missing';
  if (rule.kind === 'geofence' && codesAreMissing(rule.area)) faults['area'] = 'missing';
  if ('filter' in watch && codesAreMissing(watch.filter)) faults['watch.filter'] = 'missing';
  if (rule.kind === 'absence' && rule.cells !== undefined && rule.cells.codes.length === 0) faults['cells'] = 'missing';
  if (rule.kind === 'deadline' && rule.stages !== undefined && rule.stages.length === 0) faults['stages'] = 'missing';
  if (rule.quiet !== undefined) {
    for (const end of ['from', 'to'] as const) if (!CLOCK.test(rule.quiet[end])) faults[`quiet.${end}`] = 'time';
    if (rule.quiet.from === rule.quiet.to) faults['quiet.to'] = 'same';
  }
  if (rule.opens !== undefined) {
    if (!CATEGORY.test(rule.opens.category)) faults['opens.category'] = 'code';
    // What is missing everywhere, and a system that is silent, is nowhere.
    const hasNoPlace = (rule.kind === 'absence' && rule.per === 'all') || watch.of === 'sources';
    if (hasNoPlace) faults['opens'] = 'noPlace';
  }
  return faults;
}

/** Cells of a filter of which none was named yet. */
function codesAreMissing(filter: Readonly<Record<string, unknown>> | undefined): boolean {
  if (filter === undefined) return false;
  const parts = Array.isArray(filter['and']) ? (filter['and'] as Record<string, unknown>[]) : [filter];
  return parts.some((part) => (part['cells'] as { codes?: unknown[] } | undefined)?.codes?.length === 0);
}
