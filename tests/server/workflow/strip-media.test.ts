import * as fc from 'fast-check';
import { PNG } from 'pngjs';
import { describe, expect, test } from 'vitest';
import {
  BrokenMedia,
  mediaTypeOf,
  mediaTypes,
  stripMedia,
  type MediaType,
} from '../../../server/workflow/strip-media.ts';
import { jpegWithPlace, mp4WithPlace, PLACE_WORDS, PLAIN, pngWithPlace, webpWithPlace } from '../../support/photos.ts';

const telling: Record<MediaType, Buffer> = {
  'image/jpeg': jpegWithPlace(),
  'image/png': pngWithPlace(),
  'image/webp': webpWithPlace(),
  'video/mp4': mp4WithPlace().bytes,
};
const types = Object.keys(mediaTypes) as MediaType[];

describe.each(types)('%s', (type) => {
  test('is known by its first bytes', () => {
    expect(mediaTypeOf(telling[type])).toBe(type);
    expect(mediaTypeOf(telling[type].subarray(1))).toBeUndefined();
  });

  test('says nothing of place and owner any more', () => {
    const kept = Buffer.from(stripMedia(telling[type], type));
    const told = PLACE_WORDS.filter((word) => telling[type].includes(word));
    expect(told.length).toBeGreaterThanOrEqual(4);
    expect(told.filter((word) => kept.includes(word))).toEqual([]);
    expect(mediaTypeOf(kept)).toBe(type);
    expect(Buffer.from(stripMedia(kept, type))).toEqual(kept);
  });

  test('cut off or changed anywhere it is refused or stripped: never a crash', () => {
    const bytes = telling[type];
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), fc.boolean(), (at, value, isCut) => {
        const broken = isCut ? bytes.subarray(0, at) : Buffer.from(bytes);
        if (!isCut) broken[at] = value;
        try {
          stripMedia(broken, type);
        } catch (cause) {
          expect(cause).toBeInstanceOf(BrokenMedia);
        }
      }),
      { numRuns: 500 },
    );
  });
});

test('a photo keeps how it is to be turned, and its pixels', () => {
  const kept = Buffer.from(stripMedia(telling['image/jpeg'], 'image/jpeg'));
  // The only EXIF left: one tag, orientation 6.
  expect(kept.indexOf('Exif')).toBe(kept.lastIndexOf('Exif'));
  const tiff = kept.subarray(kept.indexOf('Exif') + 6);
  expect([tiff.readUInt16BE(8), tiff.readUInt16BE(10), tiff.readUInt16BE(18)]).toEqual([1, 0x0112, 6]);
  const plain = PLAIN['image/jpeg'];
  expect(kept.subarray(-(plain.length - 20))).toEqual(plain.subarray(20));
  expect(Buffer.from(stripMedia(plain, 'image/jpeg'))).toEqual(plain);
});

test('a PNG is the picture it was', () => {
  const kept = Buffer.from(stripMedia(telling['image/png'], 'image/png'));
  expect(kept).toEqual(PLAIN['image/png']);
  expect(PNG.sync.read(kept)).toMatchObject({ width: 8, height: 8 });
});

test('a WebP announces nothing that is gone', () => {
  const kept = Buffer.from(stripMedia(telling['image/webp'], 'image/webp'));
  expect(kept.readUInt32LE(4)).toBe(kept.length - 8);
  expect(kept[20]).toBe(0);
  expect(kept.includes(PLAIN['image/webp'].subarray(12))).toBe(true);
});

test('a film keeps its frames where they were', () => {
  const { bytes, frames } = mp4WithPlace();
  const kept = Buffer.from(stripMedia(bytes, 'video/mp4'));
  expect(kept.length).toBe(bytes.length);
  expect(kept.indexOf(frames)).toBe(bytes.indexOf(frames));
});

test('what is no picture is none, however it begins', () => {
  for (const text of ['', 'GIF89a', '<svg/>', '%PDF-1.7', 'RIFF1234WAVE', '\0\0\0\x18ftypheic', 'MZ']) {
    expect(mediaTypeOf(Buffer.from(text, 'latin1'))).toBeUndefined();
  }
});
