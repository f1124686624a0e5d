import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { LoadError } from '../errors.ts';

/** Rewrites a text file as UTF-8, piece by piece. Throws UNKNOWN_ENCODING at a byte that does not belong. */
export async function transcode(path: string, encoding: string, bom: number, target: string): Promise<void> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  await pipeline(
    createReadStream(path, { start: bom, highWaterMark: 1 << 20 }),
    async function* (chunks: AsyncIterable<Buffer>) {
      try {
        for await (const chunk of chunks) yield decoder.decode(chunk, { stream: true });
        yield decoder.decode();
      } catch (cause) {
        throw new LoadError(
          'UNKNOWN_ENCODING',
          { zh: `文件含有不属于 ${encoding} 的字节。`, en: `the file holds bytes that are not ${encoding}.` },
          { cause },
        );
      }
    },
    createWriteStream(target),
  );
}
