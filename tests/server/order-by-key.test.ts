import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const SERVER = resolve(import.meta.dirname, '../../server');

/** Statements of the server, cut at the quotes of templates: whole ones and pieces of them. */
function* statements(): Generator<{ file: string; text: string }> {
  for (const file of readdirSync(SERVER, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts')) continue;
    for (const [text] of readFileSync(join(SERVER, file), 'utf8').matchAll(/\bselect\b[^;]*?`/gs)) yield { file, text };
  }
}

/** `id::float8` as a column of the answer is called `id`. */
const CAST = /(?<!\.)\b(?:\w+\.)?id::float8(?!\s+as\b)(?!\))/;
const PAGED = /order by (?:\w+ desc, )?id( desc)?\s+limit/;

test('no page is sorted by what is only written like its key', () => {
  // `select id::float8 … order by id limit` sorts by the number that is answered, not by the column: no index has it, so that
  // every page reads and sorts all that is left.
  const wrong = [...statements()].filter(({ text }) => CAST.test(text) && PAGED.test(text));
  expect(wrong.map(({ file }) => file)).toEqual([]);
});
