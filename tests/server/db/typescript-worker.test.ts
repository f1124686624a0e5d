import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { typescriptWorker } from '../../../server/db/embedded/typescript-worker.ts';

let dir = '';
let module: URL;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'one-map-worker-'));
  const file = join(dir, 'tells-priority.mts');
  await writeFile(
    file,
    `import { readlinkSync } from 'node:fs';
     import { getPriority } from 'node:os';
     import { parentPort, workerData } from 'node:worker_threads';
     const thread: number = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
     parentPort!.postMessage({ given: workerData as unknown, priority: getPriority(thread) });`,
  );
  module = pathToFileURL(file);
});
afterAll(() => rm(dir, { recursive: true, force: true }));

function told(standsBack?: boolean): Promise<{ given: unknown; priority: number }> {
  const worker = typescriptWorker(module, 'input', standsBack === undefined ? {} : { standsBack });
  return new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
}

describe.runIf(process.platform === 'linux')('a thread', () => {
  it('runs like the others, or stands back from its first line on when it works in the background', async () => {
    const own = getPriority();
    expect(await told()).toEqual({ given: 'input', priority: own });
    expect(await told(true)).toEqual({ given: 'input', priority: Math.min(19, own + 10) });
    // It alone does.
    expect(getPriority()).toBe(own);
  });
});
