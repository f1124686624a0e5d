/** A warning as the form holds it: what it begins with, what is wrong with it, and what is sent. */
import type { Text } from '../../../layers/define.ts';
import type { Alert } from '../../../server/app.ts';
import type { DrawnShape } from '../../shape.ts';
import { inBoth } from '../../i18n/in-both.ts';
import { districtName, listEvents } from './warning-words.ts';

export const WAYS = ['district', 'town', 'community', 'grid', 'drawn'] as const;
export type Way = (typeof WAYS)[number];
export const LEVELS = [1, 2, 3, 4] as const;
export type WarningLevel = (typeof LEVELS)[number];
export const STATUSES = ['Actual', 'Exercise', 'Test'] as const;
export const URGENCIES = ['Immediate', 'Expected', 'Future'] as const;
export const CERTAINTIES = ['Observed', 'Likely', 'Possible'] as const;
export const RESPONSES = ['Shelter', 'Evacuate', 'Prepare', 'Avoid', 'Monitor'] as const;

export interface WarningDraft {
  severity: WarningLevel;
  event: Text;
  /** Of CAP, as the kind of event has it. */
  category: string;
  headline: Text;
  description: Text;
  instruction: Text;
  urgency: string;
  certainty: string;
  responseType: string[];
  status: string;
  scope: 'Public' | 'Restricted';
  way: Way;
  codes: string[];
  shapes: DrawnShape[];
  /** Shapes that came with the warning that this one takes the place of. */
  kept: { polygons: [number, number][][]; circles: [number, number, number][] };
  areaName: Text;
  /** As a field of the page has them, in Asia/Shanghai: `2026-11-27T08:00`; empty: none. */
  onset: string;
  expires: string;
  replaces: number | null;
}

const SHANGHAI_MS = 8 * 3_600_000;
const NOTHING: Text = { zh: '', en: '' };

/** `2026-11-27T08:00` in Asia/Shanghai. */
export function localTime(ms: number): string {
  return new Date(ms + SHANGHAI_MS).toISOString().slice(0, 16);
}

/** ms since 1970 of what a field holds; NaN where it holds nothing. */
export function timeOf(local: string): number {
  return Date.parse(`${local}:00+08:00`);
}

/** The headline that a level and an event have when nobody has written another. */
export function headlineOf(severity: WarningLevel, event: Text): Text {
  const level = inBoth(`alerts.level.${severity}`);
  const { zh, en } = inBoth('warn.headlineOf', {
    zh: { level: level.zh, event: event.zh },
    en: { level: level.en, event: event.en.toLowerCase() },
  });
  return { zh: event.zh === '' ? '' : zh, en: event.en === '' ? '' : en };
}

export function blankWarning(now: number): WarningDraft {
  const [first] = listEvents();
  const event = first?.title ?? NOTHING;
  return {
    severity: 3,
    event,
    category: first?.category ?? 'Met',
    headline: headlineOf(3, event),
    description: NOTHING,
    instruction: NOTHING,
    urgency: 'Expected',
    certainty: 'Likely',
    responseType: [],
    status: 'Actual',
    scope: 'Public',
    way: 'district',
    codes: [],
    shapes: [],
    kept: { polygons: [], circles: [] },
    areaName: districtName(),
    onset: '',
    expires: localTime(now + 6 * 3_600_000),
    replaces: null,
  };
}

/** What the form begins with when a warning is to be changed. */
export function draftOf(alert: Alert, now: number): WarningDraft {
  const [area] = alert.areas;
  const level = area?.geocodes.find(([name]) => name === 'town' || name === 'community' || name === 'grid')?.[0];
  const codes = area?.geocodes.filter(([name]) => name === level).map(([, code]) => code) ?? [];
  const polygons = alert.areas.flatMap((each) => each.polygons);
  const circles = alert.areas.flatMap((each) => each.circles);
  const hasCells = alert.areas.length === 1 && level !== undefined;
  const hasShapes = polygons.length + circles.length > 0;
  const expires = alert.expires === null ? 0 : Date.parse(alert.expires);
  return {
    ...blankWarning(now),
    severity: LEVELS.find((each) => each === alert.severity) ?? 3,
    event: alert.event,
    category: alert.category[0] ?? 'Met',
    headline: alert.headline,
    description: alert.description,
    instruction: alert.instruction,
    urgency: alert.urgency,
    certainty: alert.certainty,
    responseType: [...alert.responseType],
    status: alert.status,
    scope: alert.scope === 'Public' ? 'Public' : 'Restricted',
    way: hasCells ? (level as Way) : hasShapes ? 'drawn' : 'district',
    codes: hasCells ? codes : [],
    kept: hasCells ? { polygons: [], circles: [] } : { polygons, circles },
    areaName: area?.description ?? districtName(),
    onset: alert.onset === null ? '' : localTime(Date.parse(alert.onset)),
    expires: localTime(Math.max(expires, now + 3_600_000)),
    replaces: alert.id,
  };
}

export type WarningField =
  | 'event.zh'
  | 'event.en'
  | 'headline.zh'
  | 'headline.en'
  | 'description'
  | 'instruction'
  | 'areaName.zh'
  | 'areaName.en'
  | 'area'
  | 'onset'
  | 'expires';
export type WarningFault = 'missing' | 'half' | 'past' | 'late';

/** What is wrong, by field. A text that may be left out is there in both languages or in none. */
export function faultsOf(draft: WarningDraft, now: number): Partial<Record<WarningField, WarningFault>> {
  const faults: Partial<Record<WarningField, WarningFault>> = {};
  for (const name of ['event', 'headline', 'areaName'] as const) {
    for (const lang of ['zh', 'en'] as const) {
      if (draft[name][lang].trim() === '') faults[`${name}.${lang}`] = 'missing';
    }
  }
  for (const name of ['description', 'instruction'] as const) {
    if ((draft[name].zh.trim() === '') !== (draft[name].en.trim() === '')) faults[name] = 'half';
  }
  const isCells = draft.way === 'town' || draft.way === 'community' || draft.way === 'grid';
  if (isCells && draft.codes.length === 0) faults.area = 'missing';
  const shapes = draft.shapes.length + draft.kept.polygons.length + draft.kept.circles.length;
  if (draft.way === 'drawn' && shapes === 0) faults.area = 'missing';
  const expires = timeOf(draft.expires);
  if (Number.isNaN(expires)) faults.expires = 'missing';
  else if (expires <= now) faults.expires = 'past';
  if (draft.onset !== '' && timeOf(draft.onset) >= expires) faults.onset = 'late';
  return faults;
}

const trimmed = ({ zh, en }: Text): Text => ({ zh: zh.trim(), en: en.trim() });
const optional = (name: 'description' | 'instruction', text: Text) =>
  text.zh.trim() === '' ? {} : { [name]: trimmed(text) };

/** What is sent of a draft without faults. */
export function inputOf(draft: WarningDraft): object {
  const polygons = draft.shapes.flatMap((shape) =>
    shape.kind === 'polygon' ? [[...shape.path, shape.path[0] ?? [0, 0]].map(([lng, lat]) => [lng, lat])] : [],
  );
  // The radius of CAP is in km.
  const circles = draft.shapes.flatMap((shape) =>
    shape.kind === 'circle' ? [[shape.at[0], shape.at[1], shape.metres / 1000]] : [],
  );
  const shapes = { polygons: [...draft.kept.polygons, ...polygons], circles: [...draft.kept.circles, ...circles] };
  const place =
    draft.way === 'district' ? {} : draft.way === 'drawn' ? shapes : { cells: { by: draft.way, codes: draft.codes } };
  return {
    event: trimmed(draft.event),
    headline: trimmed(draft.headline),
    ...optional('description', draft.description),
    ...optional('instruction', draft.instruction),
    severity: draft.severity,
    category: [draft.category],
    responseType: draft.responseType,
    urgency: draft.urgency,
    certainty: draft.certainty,
    status: draft.status,
    scope: draft.scope,
    ...(draft.onset === '' ? {} : { onset: `${draft.onset}:00+08:00` }),
    expires: `${draft.expires}:00+08:00`,
    areas: [{ description: trimmed(draft.areaName), ...place }],
    replaces: draft.replaces === null ? [] : [draft.replaces],
  };
}

/** XML with a line for each element, so that people can read it. */
export function readableXml(xml: string): string {
  let depth = 0;
  return xml
    .trim()
    .replaceAll(/>\s*</g, '>\n<')
    .split('\n')
    .map((line) => {
      if (line.startsWith('</')) depth -= 1;
      const text = `${'  '.repeat(Math.max(0, depth))}${line}`;
      if (/^<[^/?!][^>]*>$/.test(line) && !line.endsWith('/>')) depth += 1;
      return text;
    })
    .join('\n');
}
