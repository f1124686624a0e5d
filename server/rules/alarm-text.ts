import type { Text } from '../../layers/define.ts';
import type { CompiledRule } from './compile-rule.ts';
import type { Detail } from './event.ts';

/** Where an alarm is: its originator's place, otherwise that of what made it. */
export function placeOf({ watched }: CompiledRule, originator: string, detail: Detail) {
  const known = watched.get(originator) ?? watched.get(detail.evidence.readings?.at(0)?.sensor ?? '');
  if (known !== undefined) return { lon: known.lon, lat: known.lat, grid: known.grid };
  return { lon: detail.lon ?? null, lat: detail.lat ?? null, grid: detail.grid ?? null };
}

/** What an alarm is called: the title of its rule with its blanks filled in. */
export function titleOf({ rule, watched }: CompiledRule, originator: string, detail: Detail, count: number): Text {
  const name = watched.get(originator)?.title ?? originator;
  const limit = 'limit' in rule ? rule.limit : 'by' in rule ? rule.by : 'count' in rule ? rule.count : null;
  const blanks: Record<string, string> = {
    name,
    value: detail.value === undefined ? '–' : String(Math.round(detail.value * 1000) / 1000),
    limit: limit === null ? '–' : String(limit),
    count: String(count),
  };
  const fill = (text: string) => text.replaceAll(/\{(\w+)\}/g, (whole, key: string) => blanks[key] ?? whole);
  return { zh: fill(rule.title.zh), en: fill(rule.title.en) };
}
