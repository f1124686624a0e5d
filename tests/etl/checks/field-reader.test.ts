import { describe, expect, test } from 'vitest';
import { FieldReader, INVALID, parseDay, parseInstant } from '../../../etl/checks/field-reader.ts';
import type { Field } from '../../../layers/define.ts';

function reader(field: Partial<Field>, isRequired = false): FieldReader {
  return new FieldReader('f', { type: 'string', title: { zh: '字段', en: 'Field' }, ...field }, isRequired);
}

function code(field: Partial<Field>, raw: unknown, isRequired = false): string | undefined {
  const it = reader(field, isRequired);
  return it.read(raw) === INVALID ? it.fault?.code : undefined;
}

/** Days since 2000-01-01. */
const day = (text: string): number => Date.parse(`${text}T00:00:00Z`) / 86_400_000 - 10_957;
const micros = (text: string): number => (Date.parse(text) - Date.parse('2000-01-01T00:00:00Z')) * 1000;

describe('values', () => {
  test.each([
    [{ type: 'int' }, '42', 42],
    [{ type: 'int' }, ' -7 ', -7],
    [{ type: 'int' }, 12, 12],
    [{ type: 'int' }, '12.0', 12],
    [{ type: 'number' }, '1e3', 1000],
    [{ type: 'number' }, '+.5', 0.5],
    [{ type: 'bool' }, '是', true],
    [{ type: 'bool' }, 'N', false],
    [{ type: 'bool' }, 1, true],
    [{ type: 'string' }, '　禅城 ', '禅城'],
    [{ type: 'string' }, 17, '17'],
    [{ type: 'date' }, '2026-02-28', day('2026-02-28')],
    [{ type: 'date' }, '1899-12-31', day('1899-12-31')],
    [{ type: 'date' }, '2024-02-29', day('2024-02-29')],
    [{ type: 'date' }, '2026/2/3', day('2026-02-03')],
    [{ type: 'date' }, '2026年2月3日', day('2026-02-03')],
    [{ type: 'date' }, '20260203', day('2026-02-03')],
    [{ type: 'date' }, '2026/02/03 00:00:00', day('2026-02-03')],
    [{ type: 'datetime' }, '2026-11-22 08:30:00', micros('2026-11-22T08:30:00+08:00')],
    [{ type: 'datetime' }, '2026-11-22T08:30:00.25Z', micros('2026-11-22T08:30:00.250Z')],
    [{ type: 'datetime' }, '2026/11/22 8:30+0530', micros('2026-11-22T08:30:00+05:30')],
    [{ type: 'string', values: { M: { zh: '男', en: 'Male' } } }, 'M', 'M'],
    [{ type: 'string', values: { M: { zh: '男', en: 'Male' } } }, '男', 'M'],
  ] as [Partial<Field>, unknown, unknown][])('%j reads %j as %j', (field, raw, expected) => {
    expect(reader(field).read(raw)).toBe(expected);
  });

  test.each([null, undefined, '', '   '])('%j is nothing', (raw) => {
    for (const type of ['string', 'int', 'number', 'bool', 'date', 'datetime'] as const) {
      expect(reader({ type }).read(raw)).toBeNull();
      expect(code({ type }, raw, true)).toBe('MISSING_REQUIRED');
    }
  });
});

describe('faults', () => {
  test.each([
    [{ type: 'int' }, '约二十', 'BAD_TYPE'],
    [{ type: 'int' }, '1.5', 'BAD_TYPE'],
    [{ type: 'int' }, '0x10', 'BAD_TYPE'],
    [{ type: 'int' }, '3000000000', 'OUT_OF_RANGE'],
    [{ type: 'number' }, 'NaN', 'BAD_TYPE'],
    [{ type: 'number' }, Number.POSITIVE_INFINITY, 'BAD_TYPE'],
    [{ type: 'number', range: [0, 10] }, '10.1', 'OUT_OF_RANGE'],
    [{ type: 'bool' }, 'perhaps', 'BAD_TYPE'],
    [{ type: 'date' }, '2026-02-30', 'BAD_TYPE'],
    [{ type: 'date' }, '2025-02-29', 'BAD_TYPE'],
    [{ type: 'date' }, '2026-13-01', 'BAD_TYPE'],
    [{ type: 'date' }, '20a6-01-01', 'BAD_TYPE'],
    [{ type: 'datetime' }, '2026-11-22 24:30:00', 'BAD_TYPE'],
    [{ type: 'string', values: { M: { zh: '男', en: 'Male' } } }, 'X', 'BAD_VALUE'],
    [{ type: 'string', pattern: '^P\\d{3}$' }, 'P12', 'BAD_PATTERN'],
    [{ type: 'string', pattern: 'P\\d{3}' }, 'xP123', 'BAD_PATTERN'],
    [{ type: 'string' }, 'a\0b', 'BAD_TYPE'],
  ] as [Partial<Field>, unknown, string][])('%j refuses %j as %s', (field, raw, expected) => {
    expect(code(field, raw)).toBe(expected);
  });

  test('names field, value, and what was expected, in both languages', () => {
    const it = reader({ type: 'number', range: [0, 10] });
    it.read('11');
    expect(it.fault).toMatchObject({ field: 'f', value: '11' });
    expect(it.fault?.message).toContain('应在 0 至 10 之间');
    expect(it.fault?.message).toContain('between 0 and 10');
  });
});

test('every day of four centuries, by both ways of reading it', () => {
  const it = reader({ type: 'date' });
  for (let at = day('1799-12-31'); at <= day('2201-01-01'); at += 1) {
    const text = new Date((at + 10_957) * 86_400_000).toISOString().slice(0, 10);
    if (it.read(text) !== at || parseDay(text) !== at) throw new Error(`${text}: ${String(it.read(text))}, not ${at}`);
  }
});

test('a time without zone is China Standard Time', () => {
  expect(parseInstant('2026-01-01 00:00')).toBe(micros('2025-12-31T16:00:00Z'));
});
