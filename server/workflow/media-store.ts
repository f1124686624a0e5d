import { randomUUID } from 'node:crypto';
import { createReadStream, type ReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Photos and videos on disk, each once, under the SHA-256 of what it holds. */
export interface MediaStore {
  /** Keeps the bytes. The same again change nothing. */
  put(sha256: string, bytes: Uint8Array): Promise<void>;
  /** Undefined when the file is gone. */
  read(sha256: string): Promise<ReadStream | undefined>;
  remove(sha256: string): Promise<void>;
}

export function createMediaStore(folder: string): MediaStore {
  const pathOf = (sha256: string): string => {
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw new Error(`not a SHA-256: ${sha256}`);
    return join(folder, sha256.slice(0, 2), sha256);
  };
  return {
    async put(sha256, bytes) {
      const path = pathOf(sha256);
      await mkdir(dirname(path), { recursive: true });
      // Under another name first: nobody reads half a file, and a crash leaves none under the right name.
      const draft = `${path}.${randomUUID()}`;
      const file = await open(draft, 'wx');
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(draft, path);
    },
    async read(sha256) {
      const path = pathOf(sha256);
      const found = await stat(path).catch(() => undefined);
      return found ? createReadStream(path) : undefined;
    },
    remove: (sha256) => rm(pathOf(sha256), { force: true }),
  };
}
