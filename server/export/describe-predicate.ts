import type { Layer } from '../../layers/define.ts';
import type { MadeArea, Predicate, Scalar, Within } from '../filter/predicate.ts';

type Language = 'zh' | 'en';

const OPERATORS: Record<string, string> = { '=': '=', '!=': '≠', '<': '<', '<=': '≤', '>': '>', '>=': '≥' };

const WORDS = {
  zh: {
    and: '且',
    or: '或',
    not: (part: string) => `非（${part}）`,
    group: (part: string) => `（${part}）`,
    all: '全部',
    none: '无',
    between: (low: string, high: string) => `在 ${low} 与 ${high} 之间`,
    in: (values: string) => `属于 ${values}`,
    like: '匹配',
    contains: '包含',
    null: '为空',
    notnull: '不为空',
    bbox: (box: string) => `位于经纬度范围 ${box} 内`,
    within: (positions: number) => `位于所画的面内（${positions} 个顶点）`,
    circle: (centre: string, metres: number) => `距 ${centre} ${metres} 米以内`,
    around: (what: string, metres: number) => (metres === 0 ? `位于${what}之内` : `距${what} ${metres} 米以内`),
    feature: (layer: string, fid: number) => `图层 ${layer} 的要素 ${fid} `,
    features: (layer: string) => `图层 ${layer} 中所选的要素`,
    outside: '之外',
    ignoreCase: '（不区分大小写）',
    cells: { grid: '网格', community: '社区', town: '镇街' },
  },
  en: {
    and: ' and ',
    or: ' or ',
    not: (part: string) => `not (${part})`,
    group: (part: string) => `(${part})`,
    all: 'everything',
    none: 'nothing',
    between: (low: string, high: string) => `between ${low} and ${high}`,
    in: (values: string) => `one of ${values}`,
    like: 'like',
    contains: 'contains',
    null: 'is empty',
    notnull: 'is not empty',
    bbox: (box: string) => `within the longitudes and latitudes ${box}`,
    within: (positions: number) => `within the drawn area (${positions} corners)`,
    circle: (centre: string, metres: number) => `within ${metres} m of ${centre}`,
    around: (what: string, metres: number) => (metres === 0 ? `inside ${what}` : `within ${metres} m of ${what}`),
    feature: (layer: string, fid: number) => `feature ${fid} of layer ${layer}`,
    features: (layer: string) => `the chosen features of layer ${layer}`,
    outside: ': in none',
    ignoreCase: ' (case ignored)',
    cells: { grid: 'micro-grid', community: 'community', town: 'town' },
  },
};

/** Values named one by one; of more the number is told. */
const MOST_NAMED = 20;

function list(values: readonly string[]): string {
  const more = values.length - MOST_NAMED;
  return values.slice(0, MOST_NAMED).join(', ') + (more > 0 ? `, … +${more}` : '');
}

function cornersOf({ polygons }: Within): number {
  return polygons.flat().reduce((sum, ring) => sum + ring.length - 1, 0);
}

/** A predicate in words, as the README of an export has it. */
export function describePredicate(predicate: Predicate, layer: Layer, language: Language): string {
  const words = WORDS[language];
  const title = (name: string): string => layer.fields[name]?.title[language] ?? name;

  function value(name: string, scalar: Scalar): string {
    const named = layer.fields[name]?.values?.[String(scalar)]?.[language];
    return named === undefined ? JSON.stringify(scalar) : `${JSON.stringify(scalar)} [${named}]`;
  }

  function madeArea(area: MadeArea['of']): string {
    switch (area.kind) {
      case 'circle':
        return words.circle(area.centre.join(', '), area.metres);
      case 'feature':
        return words.around(words.feature(area.layer, area.fid), area.metres);
      case 'features':
        return words.around(words.features(area.layer), area.metres);
    }
  }

  function inWords(part: Predicate): string {
    switch (part.kind) {
      case 'and':
      case 'or': {
        if (part.of.length === 0) return part.kind === 'and' ? words.all : words.none;
        const parts = part.of.map(inWords);
        return parts.length === 1 ? (parts[0] as string) : words.group(parts.join(words[part.kind]));
      }
      case 'not':
        return words.not(inWords(part.of));
      case 'compare':
        return `${title(part.field.name)} ${OPERATORS[part.op]} ${value(part.field.name, part.value)}`;
      case 'between':
        return `${title(part.field.name)} ${words.between(value(part.field.name, part.low), value(part.field.name, part.high))}`;
      case 'in':
        return `${title(part.field.name)} ${words.in(list(part.values.map((each) => value(part.field.name, each))))}`;
      case 'like':
        return `${title(part.field.name)} ${words.like} ${JSON.stringify(part.pattern)}${part.ignoreCase ? words.ignoreCase : ''}`;
      case 'contains':
        return `${title(part.field.name)} ${words.contains} ${JSON.stringify(part.text)}${part.ignoreCase ? words.ignoreCase : ''}`;
      case 'null':
      case 'notnull':
        return `${title(part.field.name)} ${words[part.kind]}`;
      case 'bbox':
        return words.bbox(part.bbox.join(', '));
      case 'within':
        return part.made === undefined ? words.within(cornersOf(part)) : madeArea(part.made.of);
      case 'cells':
        return `${words.cells[part.by]} ${words.in(list(part.codes))}`;
      case 'outside':
        return `${words.cells[part.by]}${words.outside}`;
    }
  }

  return inWords(predicate);
}
