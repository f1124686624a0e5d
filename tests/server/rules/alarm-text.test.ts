import { expect, test } from 'vitest';
import { titleOf } from '../../../server/rules/alarm-text.ts';
import type { CompiledRule } from '../../../server/rules/compile-rule.ts';

const title = { zh: '{name} 短时间内 {limit} 件以上', en: '{name}: {limit} incidents or more' };
const burst = (per: string) =>
  ({ rule: { kind: 'burst', title, per, count: 5 }, watched: new Map() }) as unknown as CompiledRule;

test('an alarm of a rule that looks at everything at once is about the whole district', () => {
  expect(titleOf(burst('all'), 'all', { evidence: {} }, 1)).toEqual({
    zh: '全区 短时间内 5 件以上',
    en: 'The whole district: 5 incidents or more',
  });
  expect(titleOf(burst('town'), '440604012000', { evidence: {} }, 1).zh).toBe('440604012000 短时间内 5 件以上');
});
