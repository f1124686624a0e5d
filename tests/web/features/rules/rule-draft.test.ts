import { describe, expect, test } from 'vitest';
import type { Rule } from '../../../../server/app.ts';
import { blankRule, toKind } from '../../../../web/features/rules/rule-draft.ts';

const first = (kind: string) => ({
  name: { zh: `${kind} 名`, en: `${kind} name` },
  title: { zh: `${kind} 题`, en: `${kind} title` },
});

describe('a rule made one of another kind', () => {
  test('keeps what was written: words, severity, pauses, what it opens, and what is watched where both watch the same', () => {
    const written = {
      ...blankRule('burst', { name: { zh: '夜间噪声', en: 'burst name' }, title: first('burst').title }),
      watch: { of: 'incidents' as const, filter: { field: 'category', op: 'in', value: ['Z0908'] } },
      severity: 1 as const,
      coolDown: 60,
      quiet: { from: '22:00', to: '06:00' },
      opens: { category: 'Z0902', severity: 2 as const },
    } as Rule;
    const next = toKind(written, 'deadline', first);
    expect(next).toMatchObject({
      kind: 'deadline',
      name: { zh: '夜间噪声', en: 'deadline name' },
      title: first('deadline').title,
      watch: written.watch,
      severity: 1,
      coolDown: 60,
      quiet: written.quiet,
      opens: written.opens,
    });
    expect(next).not.toHaveProperty('count');
  });

  test('watches what its kind watches where that is something else', () => {
    const next = toKind(blankRule('burst', first('burst')), 'rate', first);
    expect(next).toEqual({ ...blankRule('rate', first('rate')), quiet: undefined, opens: undefined });
  });
});
