import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeTexts } from '../../../server/tiles/code-texts.ts';

/** As a column holds them, somewhere in a larger buffer. */
function column(texts: readonly (string | null)[]) {
  const before = Buffer.from('...');
  const bytes = texts.map((text) => Buffer.from(text ?? ''));
  let at = before.length;
  const starts = bytes.map((text) => (at += text.length) - text.length);
  const ends = bytes.map((text, row) => (texts[row] === null ? -1 : (starts[row] as number) + text.length));
  return {
    kind: 'bytes' as const,
    buffer: Buffer.concat([before, ...bytes, before]),
    starts: Int32Array.from(starts),
    ends: Int32Array.from(ends),
  };
}

/** The same by a map. */
function expected(texts: readonly (string | null)[]) {
  const known = new Map<string, number>();
  const firsts: number[] = [];
  const codes = texts.map((text, row) => {
    if (text === null) return -1;
    let code = known.get(text);
    if (code === undefined) known.set(text, (code = firsts.push(row) - 1));
    return code;
  });
  return { codes, firsts };
}

describe('codeTexts', () => {
  it('gives equal texts equal numbers in the order of first sight, and none to no value', () => {
    const text = fc.oneof(fc.constantFrom('', 'a', 'abcd', 'abcde', '𠮷野家', '佛山', '佛山祖庙'), fc.string());
    fc.assert(
      fc.property(fc.array(fc.option(text), { maxLength: 300 }), (texts) => {
        const { codes, firsts } = codeTexts(column(texts));
        expect({ codes: [...codes], firsts }).toEqual(expected(texts));
      }),
      { numRuns: 500 },
    );
  });

  it('tells many texts apart that are alike, also after a larger column', () => {
    const texts = Array.from({ length: 50_000 }, (_, row) => `4406040${row % 30_000}B00001`);
    for (const rows of [texts, texts.slice(0, 200), texts]) {
      const { codes, firsts } = codeTexts(column(rows));
      expect({ codes: [...codes], firsts }).toEqual(expected(rows));
    }
  });
});
