import { isUtf8 } from 'node:buffer';
import { createWriteStream } from 'node:fs';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import { type Entry, type ZipFile, open } from 'yauzl';
import { LoadError } from '../errors.ts';

export interface ZipMember {
  /** Path inside the archive, decoded. */
  name: string;
  size: number;
  /** Writes the member to a file; fails when bytes are missing or do not match their checksum. */
  extract(path: string): Promise<void>;
}

export interface ZipArchive {
  members: ZipMember[];
  close(): void;
}

/** Largest member that is unpacked, against archives that grow without end. */
const MAX_MEMBER = 8 * 1024 ** 3;

/**
 * Lists an archive. Names without the UTF-8 flag are read as UTF-8 if they are, otherwise as GB18030: what Windows
 * tools in China write. Folders and what macOS adds are left out.
 */
export async function openZip(path: string): Promise<ZipArchive> {
  const zip = await new Promise<ZipFile>((resolve, reject) => {
    open(path, { lazyEntries: true, decodeStrings: false, autoClose: false }, (error, opened) =>
      error ? reject(truncated(path, error)) : resolve(opened),
    );
  });
  try {
    const members = await new Promise<ZipMember[]>((resolve, reject) => {
      const found: ZipMember[] = [];
      zip.on('error', (error: Error) => reject(truncated(path, error)));
      zip.on('end', () => resolve(found));
      zip.on('entry', (entry: Entry) => {
        const name = memberName(entry);
        if (!name.endsWith('/') && !/(^|\/)(__MACOSX\/|\.)/.test(name)) {
          found.push({
            name,
            size: entry.uncompressedSize,
            extract: (target) => extract(zip, entry, path, target),
          });
        }
        zip.readEntry();
      });
      zip.readEntry();
    });
    return { members, close: () => zip.close() };
  } catch (error) {
    zip.close();
    throw error;
  }
}

function memberName(entry: Entry): string {
  // With `decodeStrings: false` yauzl hands the name over as bytes, whatever its type declaration says.
  const raw = entry.fileName as unknown as Buffer;
  const isFlagged = (entry.generalPurposeBitFlag & 0x800) !== 0;
  const name = isFlagged || isUtf8(raw) ? raw.toString('utf8') : new TextDecoder('gb18030').decode(raw);
  return name.replaceAll('\\', '/');
}

async function extract(zip: ZipFile, entry: Entry, archive: string, target: string): Promise<void> {
  if (entry.uncompressedSize > MAX_MEMBER) {
    throw new LoadError('UNREADABLE', {
      zh: `压缩包成员解压后超过 ${MAX_MEMBER / 1024 ** 3} GB。`,
      en: `a member of the archive is larger than ${MAX_MEMBER / 1024 ** 3} GB.`,
    });
  }
  try {
    const stream = await new Promise<Readable>((resolve, reject) => {
      zip.openReadStream(entry, (error, opened) => (error ? reject(error) : resolve(opened)));
    });
    let checksum = 0;
    await pipeline(
      stream,
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          checksum = crc32(chunk, checksum);
          yield chunk;
        }
        // The zip reader checks lengths only.
        if (checksum !== entry.crc32) throw new Error(`wrong checksum of ${memberName(entry)}`);
      },
      createWriteStream(target),
    );
  } catch (error) {
    throw truncated(archive, error);
  }
}

function truncated(path: string, cause: unknown): LoadError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new LoadError(
    'TRUNCATED_ARCHIVE',
    {
      zh: `${basename(path)} 不是完整的 zip：${reason}。请重新导出或重新传送。`,
      en: `${basename(path)} is not a whole zip archive: ${reason}. Export or send it again.`,
    },
    { cause },
  );
}
