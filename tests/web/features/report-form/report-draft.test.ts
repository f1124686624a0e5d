import { describe, expect, it } from 'vitest';
import {
  draftOf,
  emptyDraft,
  isBlank,
  keepDraft,
  readDraft,
  reportOf,
} from '../../../../web/features/report-form/report-draft.ts';

function storage() {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, text: string) => kept.set(key, text),
  };
}

const AT = new Date('2026-11-28T02:00:00Z');

describe('a report that is being written', () => {
  it('is there again with its id after the page was put away, apart for citizens and collectors', () => {
    const box = storage();
    const draft = { ...emptyDraft(), category: '06028', description: '井盖没了', severity: 3 as const };
    keepDraft(box, 'collector', draft);
    expect(readDraft(box, 'collector')).toEqual(draft);
    expect(isBlank(readDraft(box, 'citizen'))).toBe(true);
    expect(reportOf(draft, 'collector', AT)).toMatchObject({ id: draft.id, severity: 3, description: '井盖没了' });
    expect(reportOf(draft, 'citizen', AT)).not.toHaveProperty('severity');
  });

  it('begins empty where nothing, or something else, is kept', () => {
    const box = storage();
    box.setItem('om-report-draft:citizen', '{"id":');
    expect(isBlank(readDraft(box, 'citizen'))).toBe(true);
    box.setItem('om-report-draft:citizen', '[1]');
    expect(isBlank(readDraft(box, 'citizen'))).toBe(true);
  });

  it('that was refused is mended with all it had, under a new id', () => {
    const report = {
      ...emptyDraft(),
      category: '06028',
      place: { lon: 116.4, lat: 39.9, accuracy: 5 },
      severity: 4 as const,
    };
    const sent = reportOf({ ...report, phone: '0757-86250001' }, 'collector', AT);
    const mended = draftOf(sent);
    expect(mended.id).not.toBe(sent.id);
    expect(mended).toMatchObject({ category: '06028', phone: '0757-86250001', severity: 4 });
    expect(mended.place).toMatchObject({ lon: 116.4, lat: 39.9 });
  });
});
