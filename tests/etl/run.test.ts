import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LoadReport } from '../../etl/report.ts';
import { testDatabase, testTarget } from '../support/database.ts';

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'one-map-run-'));
});
afterAll(async () => {
  const db = await testDatabase();
  await db.sql`drop table if exists layers.user_cli_file`;
  await db.sql`delete from app.layer_state where layer_id = 'user_cli_file'`;
  await db.sql`delete from app.user_layer where layer_id = 'user_cli_file'`;
  await rm(dir, { recursive: true, force: true });
});

interface Result {
  code: number | null;
  stdout: string;
  stderr: string;
}

function etl(...args: string[]): Promise<Result> {
  const target = testTarget();
  const child = spawn(process.execPath, ['--import', 'tsx', 'etl/run.ts', ...args], {
    env: {
      ...process.env,
      DATABASE_URL: target.url ?? '',
      DATA_DIR: target.dataDir ?? join(dir, 'data'),
      PORT: '8090',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const result: Result = { code: null, stdout: '', stderr: '' };
  child.stdout.on('data', (text: Buffer) => (result.stdout += text.toString()));
  child.stderr.on('data', (text: Buffer) => (result.stderr += text.toString()));
  return new Promise((resolve) => child.once('close', (code) => resolve({ ...result, code })));
}

test('import prints what it found and where to see it; report shows it again', async () => {
  await writeFile(join(dir, 'cli file.csv'), 'id,name,lon,lat\n1,甲,24.94,60.17\n2,乙,24.95,60.18\n3,丙,,\n');
  const imported = await etl('import', join(dir, 'cli file.csv'));
  expect(imported.code, imported.stderr).toBe(0);
  expect(imported.stdout).toContain('http://localhost:8090/plan?layers=user_cli_file');
  expect(imported.stdout).toMatch(/编码 encoding: utf-8 \(99 %/);
  expect(imported.stdout).toMatch(/坐标系 CRS: EPSG:4326 \(\d+ %\)/);

  const same = await etl('import', join(dir, 'cli file.csv'), '--json');
  expect(same.code).toBe(0);
  expect(JSON.parse(same.stdout)).toMatchObject({ status: 'unchanged', rows: { in: 3, accepted: 3, unlocated: 1 } });

  const again = await etl('import', join(dir, 'cli file.csv'), '--force', '--json');
  const report = JSON.parse(again.stdout) as LoadReport;
  expect(report).toMatchObject({ status: 'published', rows: { in: 3, accepted: 3, unlocated: 1 } });
  const shown = await etl('report', String(report.load));
  expect(shown.code).toBe(0);
  expect(shown.stdout).toContain(report.file?.sha256);
  expect(shown.stdout).toContain('| 3 | 3 | 0 | 0 | 1 |');
  const reports = join(testTarget().dataDir ?? join(dir, 'data'), 'reports');
  expect(JSON.parse(await readFile(join(reports, `${report.load}.json`), 'utf8'))).toMatchObject({ load: report.load });
  expect(await readFile(join(reports, `${report.load}.md`), 'utf8')).toContain('已发布 published');
});

test('exit codes and messages', async () => {
  const unknown = await etl('load', 'enterprize');
  expect(unknown.code).toBe(2);
  expect(unknown.stderr).toContain('UNKNOWN_LAYER');
  expect(unknown.stderr).toContain('enterprise');
  expect(unknown.stderr).toMatch(/没有图层或部门/);

  const missing = await etl('import', join(dir, 'nowhere.csv'));
  expect(missing.code).toBe(1);
  expect(missing.stderr).toContain('FILE_NOT_FOUND');

  await writeFile(join(dir, 'empty.csv'), '');
  const empty = await etl('import', join(dir, 'empty.csv'));
  expect(empty.code).toBe(1);
  expect(empty.stderr).toContain('EMPTY_FILE');

  expect((await etl('load', 'hospital', '--from', join(dir, 'nothing'))).code).toBe(1);
  expect((await etl('load', '--nonsense')).code).toBe(2);
  expect((await etl('fly')).code).toBe(2);
  const help = await etl('--help');
  expect(help.code).toBe(0);
  expect(help.stdout).toContain('load <layer|department|all>');
});

test('a load stands back for the service, and not more than asked', async () => {
  expect((await etl('history', '--nice', '20')).code).toBe(2);
  expect((await etl('history', '--nice', '20')).stderr).toMatch(/--nice must be 0 to 19/);
  // In a process of its own: a priority that was given away does not come back.
  const program = `
    import { readdirSync } from 'node:fs';
    import { getPriority } from 'node:os';
    import { yieldToService } from '${join(import.meta.dirname, '../../etl/yield-to-service.ts')}';
    const threads = () => (process.platform === 'linux' ? readdirSync('/proc/self/task').map(Number) : [0]);
    const all = () => [...new Set(threads().map((thread) => getPriority(thread)))];
    const seen = [all()];
    for (const nice of [0, 4, 19]) { yieldToService(nice); seen.push(all()); }
    console.log(JSON.stringify(seen));`;
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--import',
    'tsx',
    '--input-type=module',
    '-e',
    program,
  ]);
  const own = getPriority();
  // All of its threads: those that collect garbage, too.
  expect(JSON.parse(stdout)).toEqual([[own], [own], [Math.min(19, own + 4)], [19]]);
});
