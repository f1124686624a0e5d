import { maskedFields, type Role } from '../../layers/access.ts';
import type { Field, Layer } from '../../layers/define.ts';
import { ApiError } from '../errors.ts';
import type { Bbox, CellLevel, FieldRef, Predicate } from '../filter/predicate.ts';
import { type Grouping, type Metric, TIME_UNITS, type TimeUnit } from './aggregate-query.ts';
import { COARSEST, FINEST, resolutionFor, resolutionForZoom } from './resolution.ts';

/** Text of the parameters `metric` and `by`, checked against the layer. Throws `PARAMETER_INVALID`. */

const MOST_BREAKS = 200;
/** Five-year bands, as statistics of the population have them. */
const AGE_BREAKS = Array.from({ length: 20 }, (_, index) => (index + 1) * 5);

const METRICS = ['sum', 'avg', 'min', 'max', 'distinct'] as const;

function refuse(parameter: string, value: string, reason: string): never {
  throw new ApiError('PARAMETER_INVALID', `${parameter}: ${reason}`, { field: parameter, value });
}

/** A field that may be counted by or over: filterable. Who may do what with a masked one is for the caller. */
function findField(layer: Layer, name: string, parameter: string, value: string): { field: Field; ref: FieldRef } {
  const field = Object.hasOwn(layer.fields, name) ? layer.fields[name] : undefined;
  if (field === undefined) return refuse(parameter, value, `layer ${layer.id} has no field "${name.slice(0, 64)}"`);
  if (field.filterable !== true) return refuse(parameter, value, `the field "${name}" is not filterable`);
  return { field, ref: { name, type: field.type } };
}

/** `count`, `share`, or `sum avg min max distinct` with a field after a colon. `of` is the part that `share` is about. */
export function parseMetric(text: string, layer: Layer, role: Role, of: Predicate | null): Metric {
  if (of !== null && text !== 'share') refuse('of', text, 'belongs to metric=share');
  if (text === 'count') return { kind: 'count' };
  if (text === 'share') return { kind: 'share', of };
  const [name = '', fieldName, ...rest] = text.split(':');
  const kind = METRICS.find((metric) => metric === name);
  if (kind === undefined || fieldName === undefined || rest.length > 0) {
    return refuse('metric', text, `"${text.slice(0, 64)}" is not count, share, or ${METRICS.join(', ')} with :field`);
  }
  const { ref } = findField(layer, fieldName, 'metric', text);
  if (maskedFields(layer, role).includes(fieldName)) {
    return refuse('metric', text, `the field "${fieldName}" is masked: no figures are made of its values`);
  }
  const isNumber = ref.type === 'int' || ref.type === 'number';
  const isOrdered = isNumber || ref.type === 'date' || ref.type === 'datetime';
  if ((kind === 'sum' || kind === 'avg') && !isNumber) {
    return refuse('metric', text, `${kind} is of numbers, and "${fieldName}" is ${ref.type}`);
  }
  if ((kind === 'min' || kind === 'max') && !isOrdered) {
    return refuse('metric', text, `${kind} is of numbers, dates and times, and "${fieldName}" is ${ref.type}`);
  }
  return { kind, field: ref };
}

export interface GroupingContext {
  layer: Layer;
  role: Role;
  /** Area that an `h3` without a resolution is fitted to, or the zoom of the map. */
  bbox: Bbox | null;
  zoom: number | null;
  /** The day ages are told of, `YYYY-MM-DD`. */
  today: string;
}

/**
 * `h3`, `h3:9`, `grid`, `community`, `town`; a field: each value of a text, whole number or yes-no; `field:0,18,60`
 * bands, of a number; `field:month` units of time, of a date or time; `field:age` or `field:age:0,18,60` bands of age.
 */
export function parseGrouping(parameter: 'by' | 'by2', text: string, context: GroupingContext): Grouping {
  const { layer, role, bbox, zoom, today } = context;
  const [name = '', how, breaksText, ...rest] = text.split(':');
  if (rest.length > 0) return refuse(parameter, text, 'has too many colons');
  if (name === 'h3') {
    if (breaksText !== undefined) return refuse(parameter, text, 'h3 has a resolution and nothing else');
    if (how !== undefined) {
      const res = /^\d{1,2}$/.test(how) ? Number(how) : NaN;
      if (!(res >= COARSEST && res <= FINEST)) {
        return refuse(parameter, text, `"${how.slice(0, 16)}" is not a resolution from ${COARSEST} to ${FINEST}`);
      }
      return { kind: 'h3', res };
    }
    return { kind: 'h3', res: zoom === null ? resolutionFor(bbox) : resolutionForZoom(zoom) };
  }
  if (name === 'grid' || name === 'community' || name === 'town') {
    if (how !== undefined) return refuse(parameter, text, `${name} is grouped by code only`);
    return { kind: 'cells', by: name satisfies CellLevel };
  }
  const { field, ref } = findField(layer, name, parameter, text);
  const isMasked = maskedFields(layer, role).includes(name);
  const isDay = ref.type === 'date' || ref.type === 'datetime';
  const unit = TIME_UNITS.find((each) => each === how);

  // The mask of a date leaves its year, so years, and ages in years, tell no more than the rows do.
  if (isMasked && !(field.mask === 'birth_date' && (unit === 'year' || how === 'age'))) {
    const hint = field.mask === 'birth_date' ? `: group by ${name}:age or ${name}:year` : '';
    return refuse(parameter, text, `the field "${name}" is masked${hint}`);
  }
  if (how === 'age') {
    if (ref.type !== 'date') return refuse(parameter, text, `age is told from a date, and "${name}" is ${ref.type}`);
    const breaks = breaksText === undefined ? AGE_BREAKS : parseBreaks(parameter, text, breaksText);
    return { kind: 'age', field: ref, breaks, on: today };
  }
  if (breaksText !== undefined) return refuse(parameter, text, 'has too many colons');
  if (isDay) {
    if (unit === undefined) return refuse(parameter, text, `say how: ${name}: with ${TIME_UNITS.join(', ')} or age`);
    if (unit === 'hour' && ref.type === 'date') return refuse(parameter, text, 'a date has no hours');
    return { kind: 'time', field: ref, unit: unit satisfies TimeUnit };
  }
  const isNumber = ref.type === 'int' || ref.type === 'number';
  if (how !== undefined) {
    if (!isNumber) return refuse(parameter, text, `bands are of numbers, and "${name}" is ${ref.type}`);
    return { kind: 'bands', field: ref, breaks: parseBreaks(parameter, text, how) };
  }
  if (ref.type !== 'number') return { kind: 'values', field: ref };
  const { symbology } = layer;
  if (symbology.kind === 'ramp' && symbology.field === name) {
    return { kind: 'bands', field: ref, breaks: ascending(symbology.stops) };
  }
  return refuse(parameter, text, `say the breaks of its bands: ${name}:0,10,100`);
}

function ascending(values: readonly number[]): number[] {
  return [...new Set(values)].toSorted((a, b) => a - b);
}

function parseBreaks(parameter: string, text: string, list: string): number[] {
  const parts = list.split(',');
  const breaks = parts.map((part) => (/^-?\d{1,15}(\.\d{1,10})?$/.test(part.trim()) ? Number(part) : NaN));
  const isAscending = breaks.every((value, index) => index === 0 || value > (breaks[index - 1] as number));
  if (breaks.length > MOST_BREAKS)
    return refuse(parameter, text, `has ${breaks.length} breaks, at most ${MOST_BREAKS}`);
  if (!isAscending || breaks.some(Number.isNaN)) {
    return refuse(parameter, text, 'breaks are numbers in ascending order, with commas');
  }
  return breaks;
}

/** A grouping as it is written in `by`, with everything that was left out. */
export function groupingText(grouping: Grouping): string {
  switch (grouping.kind) {
    case 'h3':
      return `h3:${grouping.res}`;
    case 'cells':
      return grouping.by;
    case 'values':
      return grouping.field.name;
    case 'bands':
      return `${grouping.field.name}:${grouping.breaks.join()}`;
    case 'age':
      return `${grouping.field.name}:age:${grouping.breaks.join()}`;
    case 'time':
      return `${grouping.field.name}:${grouping.unit}`;
  }
}

export function metricText(metric: Metric): string {
  return 'field' in metric ? `${metric.kind}:${metric.field.name}` : metric.kind;
}
