import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fileCodes, rejectCodes, repairCodes } from '../etl/checks/codes.ts';
import { ERROR_STATUS } from '../server/errors.ts';
import { Rule, RULE_KINDS } from '../server/rules/contract.ts';

const ROOT = join(import.meta.dirname, '..');
const DOCS = [
  'docs/api.md',
  'docs/conformance.md',
  'docs/dispatch.md',
  'docs/duplicates.md',
  'docs/formats.md',
  'docs/indicators.md',
  'docs/intake.md',
  'docs/loading.md',
  'docs/notifications.md',
  'docs/operations.md',
  'docs/planner.md',
  'docs/rules.md',
  'docs/sensors.md',
  'docs/wall.md',
  'docs/workflow.md',
];

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

/** Names of the settings, from the schema: `  PORT: z.preprocess(`. */
const variables = Array.from(
  read('server/env.ts').matchAll(/^ {2}([A-Z][A-Z_]+): z\./gm),
  ([, name]) => name as string,
);

/** Code blocks, without their fences. */
function codeBlocks(text: string): string[] {
  return Array.from(text.matchAll(/^```[^\n]*\n(.*?)^```$/gms), ([, block]) => block as string);
}

/** Headings with their level, outside code blocks. */
function headings(text: string): { level: number; title: string }[] {
  const plain = text.replaceAll(/^```.*?^```$/gms, '');
  return Array.from(plain.matchAll(/^(#+) (.+)$/gm), ([, marks, title]) => ({
    level: (marks as string).length,
    title: title as string,
  }));
}

/** The cells of the table row that begins with `code`. */
function tableRow(text: string, code: string): string[] | undefined {
  const line = text.split('\n').find((row) => row.startsWith(`| \`${code}\` |`));
  return line
    ?.split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
}

/** GitHub's anchor of a heading. */
function anchor(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} -]/gu, '')
    .replaceAll(' ', '-');
}

describe('settings', () => {
  test('are found in server/env.ts', () => {
    expect(variables).toEqual(expect.arrayContaining(['PORT', 'DATABASE_URL', 'LIVE_RING', 'ONEMAP_TOKENS']));
  });

  test.each(['README.md', 'README.zh-CN.md', 'docs/operations.md'])('%s has each of them', (file) => {
    const text = read(file);
    expect(variables.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
  });

  test('docs/operations.md has no row for a setting that does not exist', () => {
    const named = Array.from(read('docs/operations.md').matchAll(/^\| `([A-Z][A-Z_]+)` \|/gm), ([, name]) => name);
    expect(named.toSorted()).toEqual(variables.toSorted());
  });
});

describe('error codes', () => {
  test.each(Object.entries(ERROR_STATUS))('docs/api.md has a row for %s with status %i', (code, status) => {
    expect(tableRow(read('docs/api.md'), code)?.[1]).toBe(String(status));
  });

  test('docs/api.md has no row for a code that does not exist', () => {
    const named = Array.from(read('docs/api.md').matchAll(/^\| `([A-Z_]+)` \| \d{3} \|/gm), ([, code]) => code);
    expect(named.toSorted()).toEqual(Object.keys(ERROR_STATUS).toSorted());
  });
});

describe('docs/rules.md', () => {
  const text = read('docs/rules.md');
  const examples = codeBlocks(text).map((block) => JSON.parse(block) as { kind: string });

  test('has a heading and an example of every kind of rule', () => {
    expect(examples.map(({ kind }) => kind).toSorted()).toEqual(RULE_KINDS.toSorted());
    const kinds = headings(text).filter(({ level }) => level === 3);
    expect(kinds.map(({ title }) => title).toSorted()).toEqual(RULE_KINDS.toSorted());
  });

  test.each(examples)('the example of $kind is a rule', (example) => {
    expect(Rule.safeParse(example).error?.issues ?? []).toEqual([]);
  });
});

describe('codes of loading', () => {
  const text = read('docs/loading.md');

  test.each(Object.entries({ ...rejectCodes, ...fileCodes }))('docs/loading.md has a row for %s', (code, title) => {
    const row = tableRow(text, code);
    expect(row?.[1]).toBe(title.zh);
    expect(row?.[2]).toBeTruthy();
  });

  test.each(Object.entries(rejectCodes))('%s is called in English as the code calls it', (code, title) => {
    expect(tableRow(text, code)?.[2]).toBe(title.en);
  });

  test.each(Object.entries(repairCodes))('docs/loading.md explains the repair %s', (code, title) => {
    expect(text).toContain(`\`${code}\` ${title.zh}`);
  });
});

describe('npm scripts', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const guides = read('README.md') + read('CONTRIBUTING.md');
  const mentioned = new Set(
    [...guides.matchAll(/\bnpm (?:run )?([a-z]+(?::[a-z]+)?)/g)].map(([, name]) => name as string),
  );

  // npm itself runs what begins with pre and post.
  test.each(Object.keys(scripts).filter((name) => !/^(pre|post)/.test(name)))(
    'README or CONTRIBUTING mentions %s',
    (name) => {
      expect(mentioned).toContain(name);
    },
  );

  test.each([...DOCS, 'README.md', 'README.zh-CN.md', 'CONTRIBUTING.md'])(
    '%s names no script that is not there',
    (file) => {
      const named = [...read(file).matchAll(/\bnpm run ([a-z]+(?::[a-z]+)?)/g)].map(([, name]) => name as string);
      expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
    },
  );
});

function tableRows(text: string): number {
  return text.split('\n').filter((line) => line.startsWith('|')).length;
}

/** Targets of links, the one to the other language aside. */
function links(text: string): string[] {
  return Array.from(text.matchAll(/\]\(([^)]+)\)/g), ([, target]) => target as string).filter(
    (target) => !target.startsWith('README'),
  );
}

describe('README.zh-CN.md', () => {
  const [english, chinese] = [read('README.md'), read('README.zh-CN.md')];

  test('has the headings of README.md', () => {
    const [levels, expected] = [chinese, english].map((text) => headings(text).map(({ level }) => level));
    expect(expected?.length).toBeGreaterThan(3);
    expect(levels).toEqual(expected);
  });

  test('has the code blocks of README.md', () => {
    expect(codeBlocks(english).length).toBeGreaterThan(1);
    expect(codeBlocks(chinese)).toEqual(codeBlocks(english));
  });

  test('has the table rows and links of README.md', () => {
    expect(tableRows(chinese)).toBe(tableRows(english));
    expect(links(chinese)).toEqual(links(english));
  });
});

describe('links between documents', () => {
  test.each(DOCS)('%s leads somewhere', (file) => {
    const broken: string[] = [];
    for (const [, target = ''] of read(file).matchAll(/\]\(([^)]+)\)/g)) {
      if (/^https?:/.test(target)) continue;
      const [path = '', fragment] = target.split('#');
      const to = path === '' ? file : join(dirname(file), path);
      if (!existsSync(join(ROOT, to))) broken.push(target);
      else if (fragment !== undefined && !headings(read(to)).some(({ title }) => anchor(title) === fragment)) {
        broken.push(target);
      }
    }
    expect(broken).toEqual([]);
  });
});
