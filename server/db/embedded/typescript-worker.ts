import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';

/**
 * Runs a TypeScript module in a worker thread: Node 20 does not read TypeScript, and the loader of the parent (tsx,
 * vitest) does not reach into its workers.
 * @param input what the module finds as `workerData`
 */
export function typescriptWorker(module: URL, input: unknown): Worker {
  const tsx = new URL('./esm/api/index.mjs', pathToFileURL(createRequire(import.meta.url).resolve('tsx'))).href;
  const code = `import(${JSON.stringify(tsx)}).then(({ tsImport }) => tsImport(${JSON.stringify(module.href)}, ${JSON.stringify(module.href)}))`;
  return new Worker(code, { eval: true, workerData: input });
}
