import { describe, expect, it } from 'vitest';
import { dateTime } from '../../web/time.ts';

const now = Date.parse('2026-11-28T10:00:00Z');

describe('day and time of a moment', () => {
  it('has no year when it is this one', () => {
    expect(dateTime(Date.parse('2026-11-22T01:05:00Z'), 'zh', now)).toBe('11月22日 09:05');
  });

  it('has its year when it is another one, by the clock of Shanghai', () => {
    expect(dateTime(Date.parse('2025-12-31T15:59:00Z'), 'zh', now)).toBe('2025年12月31日 23:59');
    expect(dateTime(Date.parse('2025-12-31T16:00:00Z'), 'zh', now)).toBe('1月1日 00:00');
    expect(dateTime(Date.parse('2024-06-01T00:00:00Z'), 'en', now)).toContain('2024');
  });
});
