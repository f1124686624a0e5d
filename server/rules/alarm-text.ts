import type { Text } from '../../layers/define.ts';
import { ALL } from './cell-of.ts';
import type { CompiledRule } from './compile-rule.ts';
import type { Detail } from './event.ts';

/** What a rule that looks at everything at once is about. */
const DISTRICT: Text = { zh: '全区', en: 'The whole district' };

/** Where an alarm is: its originator's place, otherwise that of what made it. */
export function placeOf({ watched }: CompiledRule, originator: string, detail: Detail) {
  const known = watched.get(originator) ?? watched.get(detail.evidence.readings?.at(0)?.sensor ?? '');
  if (known !== undefined) return { lon: known.lon, lat: known.lat, grid: known.grid };
  return { lon: detail.lon ?? null, lat: detail.lat ?? null, grid: detail.grid ?? null };
}

/** What an alarm is called: the title of its rule with its blanks filled in. */
export function titleOf({ rule, watched }: CompiledRule, originator: string, detail: Detail, count: number): Text {
  const own = watched.get(originator)?.title ?? originator;
  const name: Text = 'per' in rule && originator === ALL ? DISTRICT : { zh: own, en: own };
  const limit = 'limit' in rule ? rule.limit : 'by' in rule ? rule.by : 'count' in rule ? rule.count : null;
  const blanks: Record<string, string> = {
    value: detail.value === undefined ? '–' : String(Math.round(detail.value * 1000) / 1000),
    limit: limit === null ? '–' : String(limit),
    count: String(count),
  };
  const fill = (lang: 'zh' | 'en') =>
    rule.title[lang].replaceAll(/\{(\w+)\}/g, (whole, key: string) =>
      key === 'name' ? name[lang] : (blanks[key] ?? whole),
    );
  return { zh: fill('zh'), en: fill('en') };
}
