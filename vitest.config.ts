import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** Test files of vitest; tests/e2e, tests/chaos and tests/bench have runners of their own. */
const files = readdirSync(join(import.meta.dirname, 'tests'), { recursive: true, encoding: 'utf8' })
  .map((file) => `tests/${file.replaceAll('\\', '/')}`)
  .filter((file) => /\.test\.tsx?$/.test(file) && !/^tests\/(e2e|chaos|bench)\//.test(file));

/** Opens embedded databases of its own, whatever `DATABASE_URL` says: once is enough. */
const opensItsOwn = (file: string): boolean => file === 'tests/server/db/embedded/open.test.ts';

/** A test needs the database of the run if it says so by what it imports. */
const needsDatabase = (file: string): boolean => {
  if (opensItsOwn(file)) return false;
  const source = readFileSync(join(import.meta.dirname, file), 'utf8');
  return /from '[./]+(support\/(database|district)|server\/db\/connect)\.ts'/.test(source);
};

/** Every file of the archive of real files is imported: minutes, for one engine, where the archive is at all. */
const isRealFiles = (file: string): boolean =>
  ['tests/etl/real-outcomes.test.ts', 'tests/etl/real-streams.test.ts'].includes(file);

const database = {
  globalSetup: 'tests/support/global-setup.ts',
  setupFiles: 'tests/support/close-database.ts',
  // All files share one database, and the embedded engine runs one statement at a time.
  fileParallelism: false,
  // One file after the other in one process: importing the server anew for each took minutes.
  isolate: false,
  testTimeout: 60_000,
  hookTimeout: 600_000,
};

export default defineConfig({
  test: {
    teardownTimeout: 60_000,
    projects: [
      {
        test: {
          name: 'unit',
          include: files.filter((file) => !needsDatabase(file)),
          // Files in one process share what they import: importing took longer than many of them.
          isolate: false,
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'database',
          include: files.filter((file) => needsDatabase(file) && !isRealFiles(file)),
          ...database,
        },
      },
      { test: { name: 'real', include: files.filter(isRealFiles), ...database } },
    ],
  },
});
