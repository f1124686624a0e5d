import { expect, test } from 'vitest';
import { AlertInput, type Alert } from '../../../../server/contract/alerts.ts';
import {
  blankWarning,
  draftOf,
  faultsOf,
  inputOf,
  localTime,
  readableXml,
  timeOf,
} from '../../../../web/features/warnings/warning-draft.ts';

const NOW = Date.parse('2026-11-27T12:00:00Z');

test('times are those of Asia/Shanghai, wherever the screen stands', () => {
  expect(localTime(NOW)).toBe('2026-11-27T20:00');
  expect(timeOf('2026-11-27T20:00')).toBe(NOW);
});

test('what the form begins with is a warning that the API takes', () => {
  const blank = blankWarning(NOW);
  expect(faultsOf(blank, NOW)).toEqual({});
  expect(AlertInput.parse(inputOf(blank))).toMatchObject({ severity: 3, expires: '2026-11-28T02:00:00+08:00' });
});

test('what is wrong is said of each field', () => {
  const draft = {
    ...blankWarning(NOW),
    headline: { zh: '暴雨', en: ' ' },
    description: { zh: '大雨', en: '' },
    way: 'town' as const,
    expires: '2026-11-27T19:59',
    onset: '2026-11-27T20:00',
  };
  expect(faultsOf(draft, NOW)).toEqual({
    'headline.en': 'missing',
    description: 'half',
    area: 'missing',
    expires: 'past',
    onset: 'late',
  });
  expect(faultsOf({ ...draft, way: 'drawn' }, NOW).area).toBe('missing');
  expect(faultsOf({ ...draft, expires: '' }, NOW).expires).toBe('missing');
});

test('shapes become rings that are closed and circles in km', () => {
  const draft = {
    ...blankWarning(NOW),
    way: 'drawn' as const,
    shapes: [
      { kind: 'circle' as const, at: [113.1, 23] as const, metres: 500 },
      { kind: 'polygon' as const, path: [[113, 23] as const, [113.1, 23] as const, [113.1, 23.1] as const] },
    ],
  };
  const { areas } = AlertInput.parse(inputOf(draft));
  expect(areas[0]?.circles).toEqual([[113.1, 23, 0.5]]);
  expect(areas[0]?.polygons[0]).toHaveLength(4);
  expect(areas[0]?.polygons[0]?.at(-1)).toEqual([113, 23]);
});

test('a warning that is to be changed comes back as it was, its cells as cells', () => {
  const alert = {
    id: 7,
    severity: 1,
    event: { zh: '暴雨', en: 'Rainstorm' },
    category: ['Met'],
    headline: { zh: '暴雨红色预警', en: 'Red rainstorm warning' },
    description: { zh: '', en: '' },
    instruction: { zh: '勿外出', en: 'Stay in' },
    urgency: 'Immediate',
    certainty: 'Observed',
    responseType: ['Shelter'],
    status: 'Actual',
    scope: 'Public',
    onset: null,
    expires: new Date(NOW + 7_200_000).toISOString(),
    areas: [
      {
        description: { zh: '祖庙街道', en: 'Zumiao' },
        polygons: [[[113, 23]]],
        circles: [],
        geocodes: [
          ['adcode', '440604'],
          ['town', '440604012000'],
        ],
      },
    ],
  } as unknown as Alert;
  const draft = draftOf(alert, NOW);
  expect(faultsOf(draft, NOW)).toEqual({});
  expect(AlertInput.parse(inputOf(draft))).toMatchObject({
    severity: 1,
    replaces: [7],
    responseType: ['Shelter'],
    instruction: { zh: '勿外出', en: 'Stay in' },
    areas: [{ cells: { by: 'town', codes: ['440604012000'] }, polygons: [] }],
    expires: '2026-11-27T22:00:00+08:00',
  });
});

test('XML for people has a line for each element', () => {
  expect(readableXml('<?xml version="1.0"?>\n<a x="1"><b>1</b><c><d>2</d></c></a>\n')).toBe(
    '<?xml version="1.0"?>\n<a x="1">\n  <b>1</b>\n  <c>\n    <d>2</d>\n  </c>\n</a>',
  );
});
