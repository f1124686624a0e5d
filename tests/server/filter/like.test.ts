import { describe, expect, it } from 'vitest';
import { compileLike } from '../../../server/filter/like.ts';

describe('compileLike', () => {
  it.each<[string, string, boolean]>([
    ['佛山%', '佛山祖庙', true],
    ['%祖庙', '佛山祖庙', true],
    ['佛_祖庙', '佛山祖庙', true],
    ['_野家', '𠮷野家', true],
    ['100\\%', '100%', true],
    ['100\\%', '1000', false],
    ['a\\_b', 'a_b', true],
    ['a\\_b', 'axb', false],
    ['%', '', true],
    ['_', '', false],
    ['', '', true],
    ['a%b%c', 'a1b2b3c', true],
    ['a%b%c', 'a1b2b3', false],
    ['ABC', 'abc', false],
    ['.*', 'abc', false],
  ])('%s on %s: %s', (pattern, text, expected) => {
    expect(compileLike(pattern)(text)).toBe(expected);
  });

  it('takes no longer for a hostile pattern', () => {
    const started = performance.now();
    expect(compileLike(`${'%a'.repeat(200)}%b`)('a'.repeat(20_000))).toBe(false);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
