import { expect, test } from 'vitest';
import { findJsonProblem } from '../../../server/intake/json-text.ts';
import { readJson } from '../../../server/intake/read-text.ts';

const TEXTS = [
  '{}',
  '[]',
  'null',
  '"a:b,{"',
  '{"a":1}',
  '{"a":1,"a":1}',
  '{"a":{"b":[{"c":1},{"c":":"}]},"d":"\\"x\\":1"}',
  '{"a":{"b":[{"c":1},{"d":1,"\\u0064":2}]}}',
  '{"a\\\\":1,"a\\\\":2}',
  '{"a\\"":1,"a":2}',
  '{"__proto__":1}',
  '{"__proto__":{"a":1},"__proto__":{"a":1,"b":2}}',
  '{"__proto__":{"a":1,"b":2},"__proto__":3}',
  '{"1":1,"0":1,"1":2}',
  '{"a":{"x":1,"y":2},"a":3}',
  '{"a":3,"a":{"x":1}}',
  '{"a":1,"b":2,"a":{"x":1,"y":2},"b":{}}',
  '{"a":{"x":1},"b":{"x":1}}',
  '{"字":1,"字":2}',
  ' { "a" : 1 , "a" : 2 } ',
  '{"a":1',
  '{"a":1,"a":2',
  '{"a',
  '{"a":1}}',
  '{"a" 1}',
  '{:}',
  '{a:1}',
  '::',
  '',
  '[1,,2]',
  `${'['.repeat(256)}${']'.repeat(256)}`,
  `${'['.repeat(257)}${']'.repeat(257)}`,
  `{"deep":${'{"a":'.repeat(300)}1${'}'.repeat(300)}}`,
  '['.repeat(100_000),
];

/** What it says, or that it is refused with which field and words. */
function said(read: () => unknown): unknown {
  try {
    return { value: read() };
  } catch (error) {
    const { message, field } = error as { message: string; field?: string };
    return { message, field };
  }
}

test('counting members finds what looking at every name finds', () => {
  for (const text of TEXTS) {
    const expected = said(() => {
      const problem = findJsonProblem(text);
      if (problem) throw Object.assign(new Error(problem.message), { field: problem.field });
      try {
        return JSON.parse(text) as unknown;
      } catch {
        throw Object.assign(new Error('The body is not valid JSON.'), { field: 'body' });
      }
    });
    expect(
      said(() => readJson(Buffer.from(text))),
      text.slice(0, 80),
    ).toEqual(expected);
  }
});

test('nor is a name overlooked, wherever it is put twice into a message', () => {
  const message = {
    incidents: [
      { a: 1, b: { c: [1, { d: '":"' }] } },
      { a: 1, e: [{}, { f: null }] },
    ],
  };
  const text = JSON.stringify(message);
  for (const { index, 0: member } of text.matchAll(/"[a-z]+":/g)) {
    for (const value of ['0', '{"x":1}', '[{"x":{"y":2}}]', '"z"']) {
      const twice = `${text.slice(0, index)}${member}${value},${text.slice(index)}`;
      expect(() => readJson(Buffer.from(twice)), twice).toThrow('the name is there twice');
    }
  }
  expect(readJson(Buffer.from(text))).toEqual(message);
});
