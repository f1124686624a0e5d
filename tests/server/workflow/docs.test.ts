import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { workflowTables } from '../../support/workflow-tables.ts';

const FILE = join(import.meta.dirname, '../../../docs/workflow.md');
const between = (name: string) => new RegExp(`(<!-- ${name} -->\n\n)[^]*?(\n\n<!-- end -->)`);

// UPDATE_DOCS=1 writes them.
test.each(Object.entries(workflowTables))(
  'docs/workflow.md has the table of %s as the machine has it',
  (name, table) => {
    const text = readFileSync(FILE, 'utf8');
    expect(between(name).test(text)).toBe(true);
    const renewed = text.replace(between(name), (_, head: string, foot: string) => head + table + foot);
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(FILE, renewed);
    else expect(text).toBe(renewed);
  },
);
