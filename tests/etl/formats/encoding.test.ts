import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import iconv from 'iconv-lite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { detectEncoding, detectFileEncoding, encodingLabel } from '../../../etl/formats/encoding.ts';

const CHINESE = '佛山市禅城区祖庙街道同济路12号，居住人口统计表，户籍人口与流动人口。';
let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'one-map-encoding-'));
});
afterAll(() => rm(dir, { recursive: true }));

describe('bytes', () => {
  test.each([
    ['utf-8', Buffer.from(CHINESE)],
    ['gb18030', iconv.encode(CHINESE, 'gb18030')],
    // U+3635 is in no GBK: four bytes.
    ['gb18030', iconv.encode(`${CHINESE}㘵`, 'gb18030')],
    ['utf-8', Buffer.from('plain ASCII')],
    [
      'big5',
      iconv.encode('臺北市文山區樟新里里辦公處電話號碼及地址一覽表，戶籍人口統計資料，鄰里組織概況說明', 'big5'),
    ],
    [
      'shift_jis',
      iconv.encode(
        '福島県いわき市の住所データです。これは日本語のテキストで、ひらがなとカタカナを含みます',
        'shift_jis',
      ),
    ],
  ])('%s is recognised', (encoding, bytes) => {
    expect(detectEncoding(bytes as Buffer).encoding).toBe(encoding);
  });

  test('says how sure it is, and is not sure of noise', () => {
    expect(detectEncoding(Buffer.from(CHINESE)).confidence).toBeGreaterThan(0.95);
    expect(detectEncoding(iconv.encode(CHINESE, 'gb18030')).confidence).toBeGreaterThan(0.9);
    expect(detectEncoding(Buffer.from([0x41, 0xff, 0x00, 0x81, 0xfe, 0xff, 0x90])).confidence).toBeLessThan(0.6);
  });
});

describe('files', () => {
  test('one Chinese character at the end of 3 MB of ASCII is enough', async () => {
    const ascii = Buffer.from(`${'x'.repeat(99)}\n`.repeat(31_000));
    await writeFile(join(dir, 'late.csv'), Buffer.concat([ascii, iconv.encode(`${CHINESE}\n`, 'gb18030')]));
    expect((await detectFileEncoding(join(dir, 'late.csv'))).encoding).toBe('gb18030');
  });

  test('characters cut by the borders of blocks do not mislead', async () => {
    for (const encoding of ['utf-8', 'gb18030']) {
      // 61 bytes a line or so: the borders of 1 MB blocks fall inside characters.
      const text = `${CHINESE}\n`.repeat(60_000);
      await writeFile(join(dir, 'long.csv'), iconv.encode(`a${text}`, encoding));
      expect((await detectFileEncoding(join(dir, 'long.csv'))).encoding).toBe(encoding);
    }
  });

  test('byte order marks', async () => {
    await writeFile(join(dir, 'bom8.csv'), `\ufeff${CHINESE}`);
    expect(await detectFileEncoding(join(dir, 'bom8.csv'))).toMatchObject({ encoding: 'utf-8', bom: 3, confidence: 1 });
    await writeFile(join(dir, 'bom16.csv'), Buffer.from(`\ufeff${CHINESE}`, 'utf16le'));
    expect(await detectFileEncoding(join(dir, 'bom16.csv'))).toMatchObject({ encoding: 'utf-16le', bom: 2 });
  });
});

test('names of encodings', () => {
  expect(encodingLabel('GBK')).toBe('gb18030');
  expect(encodingLabel('gb2312')).toBe('gb18030');
  expect(encodingLabel('UTF8')).toBe('utf-8');
  expect(encodingLabel('klingon')).toBeNull();
});
