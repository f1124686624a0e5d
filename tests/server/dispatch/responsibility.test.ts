import { describe, expect, it } from 'vitest';
import { departments } from '../../../layers/departments.ts';
import { departmentOfOwner, ownerNames, responsibilityRules, ruleOf } from '../../../server/dispatch/responsibility.ts';
import { categories } from '../../../server/incidents/categories.ts';

describe('rules of responsibility', () => {
  it.each(categories.map(({ code }) => code))('%s belongs to somebody', (code) => {
    const rule = ruleOf(code);
    expect(code.startsWith(rule!.category)).toBe(true);
  });

  it.each(responsibilityRules)('$category names departments that exist, each once', ({ category, lead, help = [] }) => {
    for (const id of [lead, ...help]) expect(departments[id], id).toBeDefined();
    expect(new Set([lead, ...help]).size).toBe(1 + help.length);
    expect(responsibilityRules.filter((each) => each.category === category)).toHaveLength(1);
    expect(categories.some(({ code }) => code.startsWith(category))).toBe(true);
  });

  it('say more the more exact the category', () => {
    expect(ruleOf('Z0904')).toMatchObject({ lead: 'housing_construction', help: ['water_affairs', 'emergency'] });
    expect(ruleOf('Z0901')?.category).toBe('Z09');
    expect(ruleOf('01073')?.lead).toBe('water_affairs');
    expect(ruleOf('nothing')).toBeNull();
  });
});

describe('owners of components', () => {
  it('lead to departments that exist', () => {
    for (const [, id] of ownerNames) expect(departments[id], id).toBeDefined();
  });

  it.each([
    ['佛山市禅城区住房城乡建设和水利局', 'housing_construction'],
    ['佛山市公安局禅城分局交通警察大队', 'public_security'],
    ['佛山市禅城区城市管理和综合执法局', 'urban_management'],
    ['某某物业公司', null],
  ])('%s', (name, department) => expect(departmentOfOwner(name)).toBe(department));
});
