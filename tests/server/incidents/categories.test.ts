import { expect, test } from 'vitest';
import { IncidentInput } from '../../../server/contract/incidents.ts';
import { categories, findCategory } from '../../../server/incidents/categories.ts';

test('250 matters of the standard and the social-governance list', () => {
  expect(categories.filter((category) => /^\d/.test(category.code))).toHaveLength(250);
  expect(categories.filter((category) => /^Z\d\d$/.test(category.code))).toHaveLength(10);
  expect(new Set(categories.map((category) => category.code)).size).toBe(categories.length);
  expect(findCategory('06010')).toMatchObject({ title: { zh: '暴露垃圾', en: 'Exposed rubbish' } });
  expect(findCategory('01037')).toMatchObject({ title: { zh: '路灯异常', en: 'Street light fault' } });
  expect(findCategory('Z0902')).toMatchObject({ title: { zh: '水浸内涝' }, limit: { amount: 1, unit: 'hour' } });
  expect(findCategory('05001')).toBeUndefined();
});

test.each(categories.map((category) => [category.code, category] as const))('%s is complete', (code, category) => {
  expect(IncidentInput.shape.category.safeParse(code).success).toBe(true);
  expect(category.title.zh).toMatch(/[\u4e00-\u9fff]/);
  expect(category.title.en).toMatch(/^[A-Z][A-Za-z ,()-]+$/);
  expect(category.limit.amount).toBeGreaterThan(0);
});
