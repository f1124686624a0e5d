import { describe, expect, test } from 'vitest';
import { Rule, RULE_KINDS } from '../../../../server/rules/contract.ts';
import {
  blankRule,
  clean,
  readFilter,
  readRow,
  writeFilter,
  writeRow,
} from '../../../../web/features/rules/rule-draft.ts';
import { faultsOfRule } from '../../../../web/features/rules/rule-faults.ts';

const texts = { name: { zh: '名', en: 'Name' }, title: { zh: '题', en: 'Title' } };
const change = (kind: (typeof RULE_KINDS)[number], changes: object): Rule => {
  const blank = blankRule(kind, texts);
  return {
    ...(kind === 'geofence' ? { ...blank, area: { circle: { centre: [113, 23], metres: 9 } } } : blank),
    ...changes,
  } as Rule;
};

describe('what is wrong with a rule', () => {
  test.each(RULE_KINDS.filter((kind) => kind !== 'geofence'))('nothing with what the form begins with: %s', (kind) => {
    const blank = blankRule(kind, texts);
    expect(faultsOfRule(blank)).toEqual({});
    expect(Rule.safeParse(clean(blank)).success).toBe(true);
  });

  const cases: [string, (typeof RULE_KINDS)[number], object][] = [
    ['clear', 'threshold', { is: 'above', limit: 3, clear: 4 }],
    ['clear', 'threshold', { is: 'below', limit: 3, clear: 2 }],
    ['clear', 'rate', { by: 1, clear: 2 }],
    ['within', 'rate', { within: 0 }],
    ['by', 'rate', { by: 0 }],
    ['limit', 'threshold', { limit: Number.NaN }],
    ['within', 'rate', { within: Number.NaN }],
    ['coolDown', 'silence', { coolDown: Number.NaN }],
    ['sensors', 'agree', { sensors: 1 }],
    ['count', 'burst', { count: 1 }],
    ['metres', 'burst', { per: 'near', metres: 0 }],
    ['coolDown', 'burst', { coolDown: 32 * 86_400 }],
    ['name.en', 'burst', { name: { zh: '名', en: '' } }],
    ['title.zh', 'burst', { title: { zh: '', en: 'Title' } }],
    ['area', 'geofence', { area: { cells: { by: 'town', codes: [] } } }],
    ['stages', 'deadline', { stages: [] }],
    ['cells', 'absence', { per: 'town', cells: { by: 'town', codes: [] } }],
    ['opens', 'absence', { per: 'all', opens: { category: '06010', severity: 1 } }],
    ['opens.category', 'burst', { opens: { category: 'x', severity: 1 } }],
    ['quiet.to', 'burst', { quiet: { from: '22:00', to: '22:00' } }],
    ['quiet.from', 'burst', { quiet: { from: '', to: '22:00' } }],
    ['watch.ids', 'silence', { watch: { of: 'sensors', ids: [], metric: 'x', delay: 0 } }],
    ['watch.sources', 'silence', { watch: { of: 'sources', sources: [] } }],
    ['watch.delay', 'silence', { watch: { of: 'sensors', layer: 'x', metric: 'x', delay: 3601 } }],
  ];
  // What the form refuses the API refuses, too, areas aside: a filter is read when the rule is saved.
  test.each(cases)('%s of %s: %j', (path, kind, changes) => {
    const rule = change(kind, changes);
    expect(Object.keys(faultsOfRule(rule))).toContain(path);
    if (path !== 'area') expect(Rule.safeParse(clean(rule)).success).toBe(false);
  });
});

describe('filters in parts', () => {
  const area = { cells: { by: 'town', codes: ['440604012000'] } };
  test.each([
    undefined,
    area,
    { field: 'category', op: 'in', value: ['06010', 'Z0902'] },
    { field: 'severity', op: '<=', value: 2 },
    {
      and: [{ field: 'category', op: 'in', value: ['06010'] }, area, { field: 'title', op: 'icontains', value: '水' }],
    },
    {
      and: [
        { field: 'department', op: 'null' },
        { field: 'reports', op: 'between', value: [2, 5] },
      ],
    },
  ])('%j is read and written back as it was', (filter) => {
    const parts = readFilter(filter, 'category');
    expect(parts).not.toBeNull();
    expect(writeFilter(parts!)).toEqual(filter);
    for (const row of parts!.rows)
      expect(readRow(writeRow(row), row.op, typeof row.value === 'string' ? 'string' : 'int')).toEqual(row.value);
  });

  test.each([{ or: [area, area] }, { not: area }, { and: [area, area] }])(
    '%j has no fields: it stays a text',
    (filter) => {
      expect(readFilter(filter, 'category')).toBeNull();
    },
  );

  test('half a value is none', () => {
    expect(readRow('x', '=', 'int')).toBeNull();
    expect(readRow('1', 'between', 'int')).toBeNull();
    expect(readRow('1, 2', 'between', 'int')).toEqual([1, 2]);
    expect(readRow('真', '=', 'bool')).toBeNull();
  });
});
