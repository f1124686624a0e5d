import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const oxlint = join(root, 'node_modules/.bin/oxlint');
let tree = '';
beforeAll(() => {
  tree = mkdtempSync(join(tmpdir(), 'one-map-lint-'));
  copyFileSync(join(root, '.oxlintrc.json'), join(tree, '.oxlintrc.json'));
});
afterAll(() => rmSync(tree, { recursive: true }));

/** What the linter says of one file with one import, in a tree of its own under the project's configuration. */
function lint(file: string, statement: string): { passes: boolean; output: string } {
  const path = join(tree, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${statement}\nexport const used = [thing];\n`);
  const { status, stdout } = spawnSync(oxlint, ['--deny-warnings', file], { cwd: tree, encoding: 'utf8' });
  rmSync(path);
  return { passes: status === 0, output: stdout };
}

describe('forbidden edges fail the linter', () => {
  test.each([
    ['layers/agriculture/fish_pond.ts', "import { thing } from '../../server/db/mesh.ts';"],
    ['layers/legend.ts', "import { thing } from 'zod';"],
    ['server/routes/tiles.ts', "import { thing } from '../../etl/load.ts';"],
    ['server/routes/tiles.ts', "import { thing } from '../../web/theme.ts';"],
    ['server/db/mesh.ts', "import { thing } from '../errors.ts';"],
    ['server/db/mesh.ts', "import { thing } from '../filter/parse.ts';"],
    ['etl/load.ts', "import { thing } from '../server/filter/parse.ts';"],
    ['etl/load.ts', "import { thing } from '../server/errors.ts';"],
    ['etl/steps/check.ts', "import { thing } from '../../web/theme.ts';"],
    ['web/map/layer-style.ts', "import { thing } from '../../layers/public_security/person.ts';"],
    ['web/map/layer-style.ts', "import { thing } from '../../layers/index.ts';"],
    ['web/api.ts', "import { thing } from '../server/contract.ts';"],
    ['web/api.ts', "import { thing } from '../server/app.ts';"],
    ['web/features/legend/legend.tsx', "import { thing } from '../why/why.tsx';"],
    ['web/features/legend/legend.tsx', "import { thing } from '../../views/plan.tsx';"],
  ])('%s: %s', (file, statement) => {
    const { passes, output } = lint(file, statement);
    expect(output).toContain('no-restricted-imports');
    expect(passes).toBe(false);
  });
});

describe('allowed edges pass', () => {
  test.each([
    ['layers/legend.ts', "import { thing } from './define.ts';"],
    ['server/routes/tiles.ts', "import { thing } from '../../layers/access.ts';"],
    ['server/db/mesh.ts', "import { thing } from '../../layers/ddl.ts';"],
    ['etl/load.ts', "import { thing } from '../server/db/mesh.ts';"],
    ['web/map/layer-style.ts', "import { thing } from '../../layers/legend.ts';"],
    ['web/features/legend/legend.tsx', "import { thing } from '../../ui/panel.tsx';"],
  ])('%s: %s', (file, statement) => {
    expect(lint(file, statement).output).not.toContain('no-restricted-imports');
  });
});
