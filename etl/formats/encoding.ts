import { isAscii, isUtf8 } from 'node:buffer';
import { open } from 'node:fs/promises';
import { analyse } from 'chardet';

/** What the bytes of a text file say about their encoding. */
export interface EncodingVerdict {
  /** A label of the WHATWG Encoding Standard: `utf-8`, `gb18030`, `big5`, `utf-16le`, … */
  encoding: string;
  /** 0..1 */
  confidence: number;
  reasons: string[];
  /** Length of the byte order mark to skip. */
  bom: number;
}

const BLOCK = 1 << 20;
const SAMPLE = 1 << 18;

/** Reads a whole file once (some 2 GB/s) and says how its text is encoded. */
export async function detectFileEncoding(path: string): Promise<EncodingVerdict> {
  const file = await open(path);
  try {
    const block = Buffer.allocUnsafe(BLOCK);
    const sample: Buffer[] = [];
    let sampled = 0;
    let blocks = 0;
    let utf8 = true;
    let head: Buffer | null = null;
    let carry = Buffer.alloc(0);
    for (;;) {
      const { bytesRead } = await file.read(block, 0, BLOCK);
      if (bytesRead === 0) break;
      head ??= Buffer.from(block.subarray(0, Math.min(bytesRead, 4096)));
      const text = carry.length ? Buffer.concat([carry, block.subarray(0, bytesRead)]) : block.subarray(0, bytesRead);
      // A block may end inside a character: the last incomplete one waits for the next block.
      const end = utf8 ? completeUtf8(text) : text.length;
      const whole = text.subarray(0, end);
      if (!isAscii(whole)) {
        if (utf8 && !isUtf8(whole)) utf8 = false;
        if (sampled < SAMPLE) {
          const piece = Buffer.from(nonAsciiLines(whole, SAMPLE - sampled, blocks === 0, bytesRead < BLOCK));
          sample.push(piece);
          sampled += piece.length;
        }
      }
      carry = Buffer.from(text.subarray(end));
      blocks += 1;
    }
    if (carry.length > 0) utf8 = false;
    return judgeEncoding(head ?? Buffer.alloc(0), Buffer.concat(sample), utf8);
  } finally {
    await file.close();
  }
}

/** The same verdict for bytes in memory, e.g. the texts of a dBASE file. */
export function detectEncoding(bytes: Buffer): EncodingVerdict {
  return judgeEncoding(bytes.subarray(0, 4096), isAscii(bytes) ? Buffer.alloc(0) : bytes, isUtf8(bytes));
}

function judgeEncoding(head: Buffer, sample: Buffer, utf8: boolean): EncodingVerdict {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) {
    return utf8
      ? { encoding: 'utf-8', confidence: 1, reasons: ['UTF-8 byte order mark'], bom: 3 }
      : {
          encoding: 'utf-8',
          confidence: 0.3,
          reasons: ['UTF-8 byte order mark, but some bytes are not UTF-8'],
          bom: 3,
        };
  }
  if (head[0] === 0xff && head[1] === 0xfe) {
    return { encoding: 'utf-16le', confidence: 1, reasons: ['UTF-16 byte order mark'], bom: 2 };
  }
  if (head[0] === 0xfe && head[1] === 0xff) {
    return { encoding: 'utf-16be', confidence: 1, reasons: ['UTF-16 byte order mark'], bom: 2 };
  }
  const wide = wideEncoding(head);
  if (wide !== null)
    return {
      encoding: wide,
      confidence: 0.95,
      reasons: ['every other byte is zero: UTF-16 without byte order mark'],
      bom: 0,
    };
  if (sample.length === 0) return { encoding: 'utf-8', confidence: 1, reasons: ['only ASCII characters'], bom: 0 };
  if (utf8) return { encoding: 'utf-8', confidence: 0.99, reasons: ['every byte sequence is valid UTF-8'], bom: 0 };

  const chinese = commonHanziShare(sample);
  if (chinese !== null && chinese >= 0.5) {
    return {
      encoding: 'gb18030',
      confidence: Math.min(0.97, 0.5 + chinese / 2),
      reasons: [`not UTF-8; valid GB18030, ${Math.round(chinese * 100)} % of the double bytes are common hanzi`],
      bom: 0,
    };
  }
  const traditional = commonBig5Share(sample);
  if (traditional !== null && traditional >= 0.85) {
    return {
      encoding: 'big5',
      confidence: Math.min(0.95, 0.45 + traditional / 2),
      reasons: [`not UTF-8; valid Big5, ${Math.round(traditional * 100)} % of the double bytes are common hanzi`],
      bom: 0,
    };
  }
  for (const guess of analyse(sample)) {
    const encoding = encodingLabel(guess.name);
    if (encoding === null || encoding === 'utf-8' || !decodes(sample, encoding)) continue;
    return {
      encoding,
      confidence: (guess.confidence / 100) * 0.9,
      reasons: [`not UTF-8; letter statistics suggest ${guess.name} (${guess.confidence} %)`],
      bom: 0,
    };
  }
  return { encoding: 'utf-8', confidence: 0, reasons: ['not UTF-8 and no other encoding fits'], bom: 0 };
}

/** UTF-16 without a mark, told by the zero half of its ASCII characters; null when it is not that. */
function wideEncoding(head: Buffer): string | null {
  if (head.length < 4) return null;
  let [even, odd] = [0, 0];
  for (const [i, byte] of head.entries()) {
    if (byte !== 0) continue;
    if (i % 2 === 0) even += 1;
    else odd += 1;
  }
  const half = head.length / 2;
  if (odd >= half * 0.4 && even <= half * 0.02) return 'utf-16le';
  return even >= half * 0.4 && odd <= half * 0.02 ? 'utf-16be' : null;
}

/** Canonical label of an encoding name, or null when it is not known. GBK and GB2312 are read as GB18030, which contains them. */
export function encodingLabel(name: string): string | null {
  const plain = name.trim().toLowerCase();
  try {
    const label = new TextDecoder(
      SPELLINGS[plain.replace(/^(cp|ms|windows|ansi|ibm|x)?[ _-]?/, '').replaceAll(/[ _-]/g, '')] ?? plain,
    ).encoding;
    return label === 'gbk' ? 'gb18030' : label;
  } catch {
    return null;
  }
}

/** Spellings of .cpg files, DBF tools and Windows, without prefix and hyphens, that the standard does not know. */
const SPELLINGS: Record<string, string> = {
  936: 'gb18030',
  54936: 'gb18030',
  950: 'big5',
  big5: 'big5',
  932: 'shift_jis',
  shiftjis: 'shift_jis',
  949: 'euc-kr',
  65001: 'utf-8',
  koi8r: 'koi8-r',
  koi8u: 'koi8-u',
  20866: 'koi8-r',
};

/** Encoding of a dBASE language driver id (byte 29 of a .dbf), or null. */
export function encodingOfLdid(ldid: number): string | null {
  const known: Record<number, string> = {
    0x03: 'windows-1252',
    0x4d: 'gb18030',
    0x4e: 'euc-kr',
    0x4f: 'big5',
    0x57: 'windows-1252',
    0x58: 'windows-1252',
    0x59: 'windows-1252',
    0x7a: 'gb18030',
    0x79: 'euc-kr',
    0x78: 'big5',
    0x7b: 'shift_jis',
    0x13: 'shift_jis',
    0xc8: 'windows-1250',
    0xc9: 'windows-1251',
    0xca: 'windows-1254',
    0xcb: 'windows-1253',
  };
  return known[ldid] ?? null;
}

/** True when all bytes are valid in an encoding. */
export function decodes(bytes: Buffer, encoding: string): boolean {
  try {
    new TextDecoder(encoding, { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/**
 * Share of GB2312 level-1 characters (the 3,755 most common, lead byte B0-D7) and full-width punctuation among the
 * multi-byte characters, or null when the bytes are not GB18030. Other encodings read as GB18030 score low.
 */
function commonHanziShare(bytes: Buffer): number | null {
  if (!decodes(bytes, 'gb18030')) return null;
  let common = 0;
  let multi = 0;
  for (let i = 0; i < bytes.length; i += 1) {
    const lead = bytes[i] as number;
    if (lead < 0x80) continue;
    const trail = bytes[i + 1] ?? 0;
    multi += 1;
    if (trail >= 0xa1 && ((lead >= 0xb0 && lead <= 0xd7) || (lead >= 0xa1 && lead <= 0xa3))) common += 1;
    i += trail >= 0x30 && trail <= 0x39 ? 3 : 1;
  }
  return multi === 0 ? null : common / multi;
}

/** The same for Big5: its common characters (lead byte A4-C6) and punctuation, or null when the bytes are not Big5. */
function commonBig5Share(bytes: Buffer): number | null {
  if (!decodes(bytes, 'big5')) return null;
  let common = 0;
  let multi = 0;
  let inRuns = 0;
  let last = -2;
  for (let i = 0; i < bytes.length; i += 1) {
    const lead = bytes[i] as number;
    if (lead < 0x80) continue;
    multi += 1;
    if (lead >= 0xa1 && lead <= 0xc6) common += 1;
    if (last === i - 2) inRuns += 1;
    last = i;
    i += 1;
  }
  // Hanzi stand beside each other; accented letters of another encoding stand alone.
  return multi < 10 || inRuns < multi / 2 ? null : common / multi;
}

function completeUtf8(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] as number;
    if (byte < 0x80) return bytes.length;
    if (byte >= 0xc0) {
      const needs = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return needs > back ? bytes.length - back : bytes.length;
    }
  }
  return bytes.length;
}

/** Whole lines with characters beyond ASCII: at block borders a line, and a character in it, may be cut. */
function nonAsciiLines(bytes: Buffer, limit: number, isFirst: boolean, isLast: boolean): Buffer {
  const lines: Buffer[] = [];
  let size = 0;
  for (let start = isFirst ? 0 : bytes.indexOf(0x0a) + 1; start < bytes.length && size < limit;) {
    const newline = bytes.indexOf(0x0a, start);
    if (newline < 0 && !isLast && lines.length > 0) break;
    const end = newline < 0 ? bytes.length : newline + 1;
    const line = bytes.subarray(start, end);
    if (!isAscii(line)) {
      lines.push(line);
      size += line.length;
    }
    start = end;
  }
  return Buffer.concat(lines);
}
