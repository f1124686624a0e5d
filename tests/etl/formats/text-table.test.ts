import { parse } from 'csv-parse/sync';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cutText, readRecord } from '../../../etl/formats/text-table.ts';

function quote(value: string): string {
  return /[",\n\r]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

interface Records {
  rows: string[][];
  lines: number[];
  /** The part of the text that begins an unfinished record. */
  rest: string;
  nextLine: number;
}

function readRecords(text: string, delimiter: string, firstLine: number, isLast: boolean): Records {
  const bytes = Buffer.from(text, 'utf8');
  const { table, consumed, nextLine } = cutText(bytes, delimiter, firstLine, isLast);
  const lines = [...table.lines];
  return {
    rows: lines.map((_, index) => readRecord(table, index)),
    lines,
    rest: bytes.subarray(consumed).toString('utf8'),
    nextLine,
  };
}

describe('records', () => {
  test('lines of the file are known, whatever stands in quotes', () => {
    const text = 'a,b\n"1\n1",2\r\n\n3,"x ""y"" z"\n4,5';
    const { rows, lines } = readRecords(text, ',', 1, true);
    expect(rows).toEqual([
      ['a', 'b'],
      ['1\n1', '2'],
      ['3', 'x "y" z'],
      ['4', '5'],
    ]);
    expect(lines).toEqual([1, 2, 5, 6]);
  });

  test('a short or long row stays a row of its own', () => {
    expect(readRecords('1,2,3\n1,2\n1,2,3,4\n', ',', 1, true).rows.map((row) => row.length)).toEqual([3, 2, 4]);
  });

  test('a quote inside a field is a character', () => {
    expect(readRecords('5" pipe,b\n', ',', 1, true).rows).toEqual([['5" pipe', 'b']]);
  });

  test('an unfinished record waits for the rest', () => {
    const first = readRecords('1,2\n3,"4', ',', 10, false);
    expect(first.rows).toEqual([['1', '2']]);
    expect(first.rest).toBe('3,"4');
    expect(first.nextLine).toBe(11);
  });

  test('reads what csv-parse reads', () => {
    const cell = fc.string({
      unit: fc.constantFrom('a', '中', '𠮷', '"', ',', '\n', '\r\n', ' ', ';', ''),
      maxLength: 6,
    });
    fc.assert(
      fc.property(fc.array(fc.array(cell, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 8 }), (rows) => {
        // A row of nothing but one empty field is an empty line; three fields never are.
        const text = rows.map((row) => row.map(quote).join(',')).join('\n');
        const expected = parse(text, { relax_column_count: true, record_delimiter: ['\n', '\r\n'] }) as string[][];
        expect(readRecords(text, ',', 1, true).rows).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  test('cut anywhere, the records are the same', () => {
    const text = 'a,中\n"1\n1",2\r\n3,"x ""y"" z"\n"",5\n';
    const whole = readRecords(text, ',', 1, true);
    for (let cut = 1; cut < text.length; cut += 1) {
      const first = readRecords(text.slice(0, cut), ',', 1, false);
      const second = readRecords(first.rest + text.slice(cut), ',', first.nextLine, true);
      expect([...first.rows, ...second.rows], `cut at ${cut}`).toEqual(whole.rows);
      expect([...first.lines, ...second.lines], `cut at ${cut}`).toEqual(whole.lines);
    }
  });
});
