import { describe, expect, it } from 'vitest';
import { generateIncidents } from '../../../etl/demo/events.ts';
import { sourceTitle } from '../../../web/i18n/source-title.ts';

/** Every reporting system of the demo. */
const incidents = generateIncidents({ seed: 1, count: 2_000, start: new Date(0), ratePerSecond: 1 });
const sources = new Set(Array.from(incidents, ({ source }) => source));

describe('sourceTitle', () => {
  it.each([...sources])('%s has a title in both languages', (source) => {
    expect(sourceTitle(source, 'zh')).toMatch(/\p{Script=Han}/u);
    expect(sourceTitle(source, 'en')).toMatch(/^[A-Z][A-Za-z0-9 ]+$/);
  });

  it('looked at more than one system', () => {
    expect(sources.size).toBe(6);
  });

  it('shows a system it does not know by the name it reports under', () => {
    expect(sourceTitle('fire-station-3', 'zh')).toBe('fire-station-3');
    expect(sourceTitle('constructor', 'en')).toBe('constructor');
  });
});
