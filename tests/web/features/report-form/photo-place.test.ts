import { expect, test } from 'vitest';
import { readPhotoPlace } from '../../../../web/features/report-form/photo-place.ts';
import { jpegAt } from '../../../support/photo-place.ts';
import { jpegWithPlace, pngWithPlace } from '../../../support/photos.ts';

test.each([
  [113.105, 23.03],
  [113.000001, 22.999999],
  [0.5, 0.25],
])('the place of a photo is read as it was written: %d, %d', (lon, lat) => {
  expect(readPhotoPlace(jpegAt({ lon, lat }))).toEqual({ lon, lat });
});

test('nothing is made of what says none, of rubbish, and of what ends in the middle', () => {
  expect(readPhotoPlace(jpegAt({ lon: 0, lat: 0 }))).toBeNull();
  for (const file of [jpegWithPlace(), pngWithPlace(), Buffer.alloc(0), Buffer.from('no picture')])
    expect(readPhotoPlace(file)).toBeNull();
  const whole = jpegAt({ lon: 113.1, lat: 23 });
  for (let length = 0; length < 140; length++) expect(readPhotoPlace(whole.subarray(0, length))).toBeNull();
});
