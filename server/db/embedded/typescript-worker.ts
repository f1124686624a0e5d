import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';

/** How much a thread that stands back does so, as `nice` counts. */
const STANDS_BACK = 10;

/**
 * Linux schedules threads: this one then comes after those that answer people, from before it compiles what it runs. On
 * another system, or where it is not allowed, all threads are equal.
 */
const standBack = `try {
  const [, thread] = /\\/task\\/(\\d+)$/.exec(require('node:fs').readlinkSync('/proc/thread-self'));
  const { getPriority, setPriority } = require('node:os');
  setPriority(Number(thread), Math.min(19, getPriority(Number(thread)) + ${STANDS_BACK}));
} catch {}`;

/**
 * Runs a TypeScript module in a worker thread: Node 20 does not read TypeScript, and the loader of the parent (tsx,
 * vitest) does not reach into its workers.
 * @param input what the module finds as `workerData`
 * @param standsBack it works in the background
 */
export function typescriptWorker(module: URL, input: unknown, { standsBack = false } = {}): Worker {
  const tsx = new URL('./esm/api/index.mjs', pathToFileURL(createRequire(import.meta.url).resolve('tsx'))).href;
  const code = `import(${JSON.stringify(tsx)}).then(({ tsImport }) => tsImport(${JSON.stringify(module.href)}, ${JSON.stringify(module.href)}))`;
  return new Worker(standsBack ? `${standBack}\n${code}` : code, { eval: true, workerData: input });
}
