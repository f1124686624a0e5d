import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { ApiError } from '../errors.ts';

/** Bytes between two looks at the folder. */
const STEP = 16 << 20;

/** Keeps what a folder holds below a limit. */
export interface DiskLimit {
  /** Throws `EXPORT_NO_SPACE` when the folder holds more than it may. */
  check(): Promise<void>;
  /** Passes bytes on to a file in the folder, and fails when they get too many. */
  watch(): Transform;
}

/** Bytes of all files below a folder; 0 when there is none. */
export async function folderBytes(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(folder, name)).then(
        (found) => (found.isFile() ? found.size : 0),
        // Removed meanwhile.
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** @param makeRoom removes what can be done without, when there is too much */
export function createDiskLimit(folder: string, most: number, makeRoom: () => Promise<void>): DiskLimit {
  async function check(): Promise<void> {
    if ((await folderBytes(folder)) <= most) return;
    await makeRoom();
    if ((await folderBytes(folder)) <= most) return;
    throw new ApiError(
      'EXPORT_NO_SPACE',
      `Exports may take ${Math.round(most / 2 ** 20)} MiB of the disk (EXPORT_MAX_DISK_MB). Choose fewer rows or fields, or wait until others have expired.`,
    );
  }
  return {
    check,
    watch() {
      let sinceLook = 0;
      return new Transform({
        highWaterMark: 1 << 20,
        transform(chunk: Buffer, _encoding, done) {
          sinceLook += chunk.length;
          if (sinceLook < STEP) return done(null, chunk);
          sinceLook = 0;
          check().then(() => done(null, chunk), done);
        },
      });
    },
  };
}
