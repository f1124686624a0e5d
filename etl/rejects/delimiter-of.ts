import { open } from 'node:fs/promises';
import iconv from 'iconv-lite';

const HEAD = 65_536;

/** The delimiter of a CSV file, by its header line; a comma where the file is gone or the line does not say. */
export async function delimiterOf(path: string, encoding: string): Promise<string> {
  const file = await open(path).catch(() => null);
  if (file === null) return ',';
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD), 0, HEAD, 0);
    const header = iconv.decode(buffer.subarray(0, bytesRead), encoding).split(/\r?\n/, 1)[0] ?? '';
    const counts = [',', '\t', ';', '|'].map((delimiter) => ({ delimiter, count: header.split(delimiter).length }));
    return counts.toSorted((a, b) => b.count - a.count)[0]?.delimiter ?? ',';
  } finally {
    await file.close();
  }
}
