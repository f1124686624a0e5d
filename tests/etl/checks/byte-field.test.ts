import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteField } from '../../../etl/checks/byte-field.ts';
import { decimalOf } from '../../../etl/checks/byte-number.ts';
import { compileBytePattern } from '../../../etl/checks/byte-pattern.ts';
import { FieldReader, INVALID, type Value } from '../../../etl/checks/field-reader.ts';
import type { Field } from '../../../layers/define.ts';
import { layers } from '../../../layers/index.ts';
import { BinaryRows } from '../../../server/db/copy-binary.ts';

const title = { zh: '值', en: 'Value' };

/** What a value that was accepted is stored as. */
function stored(field: Field, value: Value): Buffer {
  const rows = new BinaryRows(64);
  if (field.type === 'datetime') rows.int8(value as number);
  else if (field.type === 'date' || field.type === 'int') rows.int4(value as number);
  else if (field.type === 'number') rows.float8(value as number);
  else if (field.type === 'bool') rows.bool(value as boolean);
  else rows.text(value as string);
  return rows.take();
}

/** Reads a text both ways. Null when the bytes leave it to the text reader. */
function readBoth(field: Field, text: string): { fast: Buffer; slow: Buffer | null } | null {
  const byte = ByteField.of(field, false);
  const bytes = Buffer.from(`,${text},`);
  if (!byte || !byte.read(bytes, 1, bytes.length - 1)) return null;
  const rows = new BinaryRows(64);
  byte.write(rows, bytes, 1, bytes.length - 1);
  const value = new FieldReader('value', field, false).read(text);
  return { fast: rows.take(), slow: value === INVALID || value === null ? null : stored(field, value) };
}

const blank = fc.oneof(
  { weight: 4, arbitrary: fc.constant('') },
  { weight: 1, arbitrary: fc.constantFrom(' ', '\t', '\u00a0', '\u3000', '\u2003', '\ufeff', '\u0000', '\u001f') },
);
const piece = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 4 }),
  fc.constantFrom('禅', '。', '（', '𠮷', '㘵', '，'),
);
const loose = fc.tuple(blank, piece, blank, piece, blank).map((parts) => parts.join(''));
const number = fc.oneof(
  fc.double({ noNaN: true }).map(String),
  fc.integer().map(String),
  fc.tuple(fc.integer({ min: -999, max: 999 }), fc.nat(99_999_999)).map(([a, b]) => `${a}.${b}`),
  fc.constantFrom('-0', '0', '-', '1.', '.5', '1e3', '+1', '12a', '1 2', '1.2.3', '-0.0', '99999999999'),
);
const day = fc
  .tuple(fc.integer({ min: 1700, max: 2100 }), fc.integer({ min: 0, max: 13 }), fc.integer({ min: 0, max: 32 }))
  .map(([y, m, d]) => `${String(y).padStart(4, '0')}-${String(m).padStart(2, '0')}-${String(d).padStart(2, '0')}`);
const clock = fc
  .tuple(fc.integer({ min: 0, max: 25 }), fc.integer({ min: 0, max: 61 }), fc.integer({ min: 0, max: 61 }))
  .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':'));
const instant = fc
  .tuple(day, fc.constantFrom(' ', 'T', '  '), clock, fc.constantFrom('', 'Z', '+08:00', '+0800', '-03:30'))
  .map((parts) => parts.join(''));
const flag = fc.constantFrom('是', '否', 'TRUE', 'true', 'F', '0', '1', '有', '无', 'maybe', ' 是', '2');

describe('a value that the bytes accept is the one that the text reader stores', () => {
  test.each<[string, Field, fc.Arbitrary<string>, boolean]>([
    ['text', { type: 'string', title }, loose, true],
    ['int', { type: 'int', title, range: [-500, 100_000] }, number, true],
    ['number', { type: 'number', title, range: [-1e6, 1e6] }, number, true],
    ['date', { type: 'date', title }, fc.oneof(day, loose), true],
    ['datetime', { type: 'datetime', title }, fc.oneof(instant, day, loose), true],
    ['bool', { type: 'bool', title }, fc.oneof(flag, loose), true],
    [
      'coded',
      { type: 'string', title, values: { a: { zh: '甲', en: 'First' }, b: { zh: '乙', en: 'Second' } } },
      fc.constantFrom('a', 'b', '甲', 'Second', 'A', ' a', 'c', '乙 '),
      true,
    ],
    ['pattern', { type: 'string', title, pattern: '^[A-C]\\d{2,3}$' }, fc.stringMatching(/^[A-D]\d{1,4} ?$/), true],
  ])('%s', (_kind, field, texts, takesMost) => {
    let taken = 0;
    fc.assert(
      fc.property(texts, (text) => {
        if (text === '') return;
        const both = readBoth(field, text);
        if (both === null) return;
        taken += 1;
        expect(both.fast.equals(both.slow ?? Buffer.alloc(0)), JSON.stringify(text)).toBe(true);
      }),
      { numRuns: 3000 },
    );
    expect(taken > 100).toBe(takesMost);
  });
});

test('usual values of every kind are taken', () => {
  const usual: [Field, string][] = [
    [{ type: 'string', title }, '佛山市禅城区祖庙街道同济路12号'],
    [{ type: 'string', title, pattern: '^P\\d{9}$' }, 'P000000001'],
    [{ type: 'int', title }, '-12'],
    [{ type: 'number', title }, '113.0712345678'],
    [{ type: 'date', title }, '1996-02-28'],
    [{ type: 'datetime', title }, '2026-11-01T08:00:00+08:00'],
    [{ type: 'bool', title }, '是'],
  ];
  for (const [field, text] of usual) expect(readBoth(field, text), text).not.toBeNull();
});

test('a decimal is the double that Number makes of it', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -999_999_999, max: 999_999_999 }),
      fc.integer({ min: 0, max: 6 }),
      (digits, decimals) => {
        const text = (digits / 10 ** decimals).toFixed(decimals);
        const bytes = Buffer.from(text);
        expect(decimalOf(bytes, 0, bytes.length)).toBe(Number(text));
      },
    ),
    { numRuns: 3000 },
  );
});

describe('patterns', () => {
  const patterns = [
    ...new Set(layers.flatMap(({ fields }) => Object.values(fields).flatMap(({ pattern }) => pattern ?? []))),
  ];

  test('those of the catalogue are compiled, but for a few', () => {
    const left = patterns.filter((pattern) => compileBytePattern(pattern) === null);
    expect(left.length / patterns.length, left.join(' ')).toBeLessThan(0.2);
  });

  test.each(patterns)('%s passes what the expression passes', (pattern) => {
    const compiled = compileBytePattern(pattern);
    if (!compiled) return;
    const expression = new RegExp(`^(?:${pattern})$`, 'u');
    const near = fc.stringMatching(new RegExp(pattern, 'u'));
    const char = fc.constantFrom(...'09AZa-WBR.中 ');
    fc.assert(
      fc.property(near, char, fc.nat(60), fc.nat(2), (text, other, at, change) => {
        const cut = at % (text.length + 1);
        const changed = [
          text,
          text.slice(0, cut) + other + text.slice(cut + 1),
          text.slice(0, cut) + text.slice(cut + 1),
        ];
        const candidate = changed[change] as string;
        const bytes = Buffer.from(candidate);
        expect(compiled(bytes, 0, bytes.length), candidate).toBe(expression.test(candidate));
      }),
      { numRuns: 200 },
    );
  });

  test.each(['a|b', '(ab)+', '[^a]b', '\\w+', 'a.c', 'a*a', '[a-c]{1,2}b?[ab]', '^\\d+?$'])(
    '%s is left to the expression',
    (pattern) => {
      expect(compileBytePattern(pattern)).toBeNull();
    },
  );
});
