import { describe, expect, it } from 'vitest';
import { parseCsv, toCsv, toTsv } from '../../../web/ui/table-text.ts';

describe('a table as text', () => {
  it('has cells apart whatever is in them', () => {
    expect(
      toTsv([
        ['a', 1, null],
        ['b\tc\nd', -2.5, ''],
      ]),
    ).toBe('a\t1\t\nb c d\t-2.5\t');
    expect(toCsv([['a,b', 'say "x"', null, -1.5]])).toBe('\uFEFF"a,b","say ""x""",,-1.5\r\n');
  });

  it('has no formulas in its file', () => {
    expect(toCsv([['=1+1', '@x', '-y', 'z=1']])).toBe("\uFEFF'=1+1,'@x,'-y,z=1\r\n");
  });

  it('is read back as it was written', () => {
    const rows = [
      ['名称', '备注 "x"', '𠮷'],
      ['a,b', 'two\r\nlines', ''],
      ['', '', '0'],
    ];
    expect(parseCsv(toCsv(rows))).toEqual(rows);
    expect(parseCsv('a,b\n\n1,\n')).toEqual([
      ['a', 'b'],
      ['1', ''],
    ]);
    expect(parseCsv('')).toEqual([]);
  });
});
