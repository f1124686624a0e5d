import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LoadError } from '../errors.ts';

/** A file as it was found, before anything is made of it. */
export interface FetchedFile {
  path: string;
  bytes: number;
  /** SHA-256, lower-case hexadecimal. */
  sha256: string;
}

/** Finds a file and takes its fingerprint, so that a load says exactly what it loaded. */
export async function fetchFile(path: string): Promise<FetchedFile> {
  let bytes: number;
  try {
    const found = await stat(path);
    if (found.isDirectory()) return await fetchFolder(path);
    if (!found.isFile()) throw new Error('not a file');
    bytes = found.size;
  } catch (cause) {
    throw new LoadError('FILE_NOT_FOUND', { zh: `找不到文件 ${path}。`, en: `there is no file ${path}.` }, { cause });
  }
  if (bytes === 0) throw new LoadError('EMPTY_FILE', { zh: `${path} 是 0 字节。`, en: `${path} has 0 bytes.` });
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return { path, bytes, sha256: hash.digest('hex') };
}

/** A format that is a folder of files: their names and contents together. */
async function fetchFolder(path: string): Promise<FetchedFile> {
  const hash = createHash('sha256');
  let bytes = 0;
  const entries = await readdir(path, { withFileTypes: true });
  for (const { name } of entries.filter((entry) => entry.isFile()).toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    hash.update(name);
    for await (const chunk of createReadStream(join(path, name), { highWaterMark: 1 << 20 })) {
      hash.update(chunk as Buffer);
      bytes += (chunk as Buffer).length;
    }
  }
  return { path, bytes, sha256: hash.digest('hex') };
}
