import { describe, expect, it } from 'vitest';
import type { Aggregate } from '../../../../server/app.ts';
import { crossOf } from '../../../../web/features/analysis/cross.ts';
import { choiceOf, groupingsOf, keyText } from '../../../../web/features/analysis/groupings.ts';
import type { Field } from '../../../../web/field-text.ts';

const answer: Aggregate = {
  layer: 'person',
  load: 1,
  metric: 'count',
  by: ['birth_date:age:15,60', 'sex'],
  keys: [
    ['(,15)', '[15,60)', '[15,60)', '[60,)'],
    ['M', 'F', 'M', 'F'],
  ],
  counts: [7, 40, null, 9],
  total: 60,
  outside: 0,
  suppressed: { k: 5, groups: 1, count: 4 },
};

const field = (name: string, change: Partial<Field>): Field => ({
  name,
  type: 'string',
  title: { zh: name, en: name },
  filterable: true,
  masked: false,
  ...change,
});

describe('a table of two groupings', () => {
  it('has every group in its place, none as nought and withheld as null', () => {
    expect(crossOf(answer)).toEqual({
      rows: ['(,15)', '[15,60)', '[60,)'],
      columns: ['F', 'M'],
      values: [
        [0, 7],
        [40, null],
        [9, 0],
      ],
      most: 40,
    });
  });

  it('has one column for one grouping, and leaves figures out where there is no group', () => {
    const bands = ['[100,)', '(,-5)', '[-5,10)', '[10,100)'];
    const by = ['a', 'floors:-5,10,100'];
    const figures = crossOf({
      ...answer,
      metric: 'avg:x',
      by,
      keys: [['p', 'p', 'q', 'q'], bands],
      values: [1, 2, 3, 4],
    });
    expect(figures.columns).toEqual(['(,-5)', '[-5,10)', '[10,100)', '[100,)']);
    expect(figures.values).toEqual([
      [2, undefined, undefined, 1],
      [undefined, 3, 4, undefined],
    ]);
    expect(crossOf({ ...answer, by: ['sex'], keys: [['F', 'M']], counts: [1, 2] })).toMatchObject({
      columns: [null],
      values: [[1], [2]],
    });
  });
});

describe('what one may group by', () => {
  const fields = [
    field('sex', { values: { F: { zh: '女', en: 'female' } } }),
    field('birth_date', { type: 'date', masked: true }),
    field('built_on', { type: 'date' }),
    field('name', {}),
    field('secret', { masked: true, values: {} }),
    field('floors', { type: 'int' }),
    field('hidden', { type: 'int', filterable: false }),
  ];
  const choices = groupingsOf(fields);

  it('is what the service allows', () => {
    expect(choices.map(({ value }) => value)).toEqual([
      'sex',
      'birth_date:age',
      'birth_date:year',
      'built_on:year',
      'built_on:month',
      'floors:0,10,100,1000',
    ]);
  });

  it('is found again in an address and in an answer, which has all breaks', () => {
    expect(choiceOf('birth_date:age:15,60', choices)?.how).toBe('age');
    expect(choiceOf('floors:3,7', choices)?.how).toBe('bands');
    expect(choiceOf('nothing', choices)).toBeUndefined();
  });

  it('has keys that can be read', () => {
    const [sex, age] = choices;
    expect(keyText('F', sex, 'zh')).toBe('女');
    expect(keyText('(,15)', age, 'zh')).toBe('< 15 岁');
    expect(keyText('[15,60)', age, 'en')).toBe('15–59');
    expect(keyText('[100,)', choiceOf('floors', choices), 'zh')).toBe('≥ 100');
    expect(keyText('[10,100)', choices.at(-1), 'zh')).toBe('10 – 100');
  });
});
