import { describe, expect, it } from 'vitest';
import { makeReport } from '../../../etl/replay/demo-reports.ts';
import { sourceTitle } from '../../../web/i18n/source-title.ts';

/** Every reporting system of the demo: the kinds are walked through from the first to the last. */
const sources = new Set(Array.from({ length: 1_000 }, (_, step) => makeReport(() => step / 1_000).source));

describe('sourceTitle', () => {
  it.each([...sources])('%s has a title in both languages', (source) => {
    expect(sourceTitle(source, 'zh')).toMatch(/\p{Script=Han}/u);
    expect(sourceTitle(source, 'en')).toMatch(/^[A-Z][A-Za-z0-9 ]+$/);
  });

  it('looked at more than one system', () => {
    expect(sources.size).toBe(4);
  });

  it('shows a system it does not know by the name it reports under', () => {
    expect(sourceTitle('fire-station-3', 'zh')).toBe('fire-station-3');
    expect(sourceTitle('constructor', 'en')).toBe('constructor');
  });
});
