import { Spares } from './spares.ts';

/** First lead byte of a character of two bytes, and the number of lead bytes. */
const FIRST_LEAD = 0x81;
const LEADS = 126;

const platform = new TextDecoder('gb18030', { ignoreBOM: true });

/**
 * By lead less `FIRST_LEAD`, times 256, and second byte of a character of two bytes: its two or three bytes of UTF-8 as one number,
 * the first lowest, and how many they are in the highest byte. 0 for what is no character.
 */
let characters: Int32Array | null = null;

/** Made of what the decoder of the platform says, so that both agree. */
function makeCharacters(): Int32Array {
  const made = new Int32Array(LEADS * 256);
  const pair = new Uint8Array(2);
  for (let lead = 0; lead < LEADS; lead += 1) {
    for (let second = 0x40; second < 0xff; second += 1) {
      if (second === 0x7f) continue;
      pair[0] = FIRST_LEAD + lead;
      pair[1] = second;
      const text = platform.decode(pair);
      const utf8 = Buffer.from(text);
      if (text.length !== 1 || text === '\ufffd' || utf8.length > 3) continue;
      made[lead * 256 + second] =
        (utf8[0] as number) | ((utf8[1] as number) << 8) | ((utf8[2] ?? 0) << 16) | (utf8.length << 24);
    }
  }
  return made;
}

/**
 * GB18030 as UTF-8, several times faster than by way of a text: departments' registers are ASCII with some Chinese names. Null where
 * something is no character: what to say of it is left to the decoder of the platform.
 */
export function utf8OfGb18030(bytes: Uint8Array, memory: Spares = new Spares()): Buffer | null {
  const known = (characters ??= makeCharacters());
  const { length } = bytes;
  // Two bytes become three at most; a word is written with a byte that is overwritten by the next.
  const utf8 = Buffer.from(memory.take(length + (length >> 1) + 8));
  const from = new DataView(bytes.buffer, bytes.byteOffset, length);
  const to = new DataView(utf8.buffer, utf8.byteOffset, utf8.length);
  const lastWord = length - 4;
  let at = 0;
  let end = 0;
  while (at < length) {
    if (at <= lastWord) {
      const word = from.getInt32(at, true);
      if ((word & 0x80808080) === 0) {
        to.setInt32(end, word, true);
        at += 4;
        end += 4;
        continue;
      }
    }
    const byte = from.getUint8(at);
    if (byte < 0x80) {
      to.setUint8(end, byte);
      at += 1;
      end += 1;
      continue;
    }
    if (byte < FIRST_LEAD || byte === 0xff || at + 1 >= length) return null;
    const character = known[(byte - FIRST_LEAD) * 256 + from.getUint8(at + 1)] as number;
    if (character > 0) {
      to.setInt32(end, character, true);
      at += 2;
      end += character >> 24;
      continue;
    }
    const rare = rareCharacter(bytes.subarray(at, at + 4));
    if (rare === null) return null;
    end += utf8.write(rare, end);
    at += 4;
  }
  return utf8.subarray(0, end);
}

/** A character of four bytes: names have some. Null where these are none. */
function rareCharacter(bytes: Uint8Array): string | null {
  const second = bytes[1] as number;
  if (bytes.length < 4 || second < 0x30 || second > 0x39) return null;
  const text = platform.decode(bytes);
  return text.codePointAt(0) === 0xfffd || text.length !== String.fromCodePoint(text.codePointAt(0) as number).length
    ? null
    : text;
}
