import * as fc from 'fast-check';
import iconv from 'iconv-lite';
import { expect, test } from 'vitest';
import { utf8OfGb18030 } from '../../../etl/formats/gb18030.ts';

const platform = new TextDecoder('gb18030', { fatal: true, ignoreBOM: true });

/** What the platform makes of bytes; null where it refuses them. */
function utf8ByPlatform(bytes: Uint8Array): Buffer | null {
  try {
    return Buffer.from(platform.decode(bytes));
  } catch {
    return null;
  }
}

test('every character of two bytes, and rare ones of four, become what the platform makes of them', () => {
  const others: number[] = [];
  for (let pair = 0x8000; pair <= 0xffff; pair += 1) {
    const bytes = Uint8Array.from([0x41, pair >> 8, pair & 0xff, 0x2c, 0x42, 0x0a]);
    const utf8 = utf8OfGb18030(bytes);
    if (utf8 && utf8ByPlatform(bytes)?.equals(utf8) !== true) others.push(pair);
  }
  expect(others).toEqual([]);
  const text = 'P000000001,王㘵,𠮷野·Ä,男\r\nP000000002,迪丽热巴·迪力木拉提,女\r\n';
  expect(utf8OfGb18030(iconv.encode(text, 'gb18030'))?.toString()).toBe(text);
  // Most characters are certain to be known: otherwise all would be left to the platform.
  expect(utf8OfGb18030(iconv.encode('佛山市禅城区祖庙街道，；、“”·×', 'gb18030'))).not.toBeNull();
});

test('any bytes are either read as the platform reads them, or left to it', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary' }).map((text) => iconv.encode(text, 'gb18030')),
    fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes)),
    fc.string().map((text) => Buffer.from(text, 'latin1')),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const bytes = Buffer.concat(pieces);
      const utf8 = utf8OfGb18030(bytes);
      if (utf8) expect(utf8).toEqual(utf8ByPlatform(bytes));
    }),
    { numRuns: 2000 },
  );
});
