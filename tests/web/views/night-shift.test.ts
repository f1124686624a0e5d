import { expect, it } from 'vitest';
import { nightShift } from '../../../web/views/night-shift.ts';

it('moves the picture each minute, and by a few pixels only', () => {
  const places = Array.from({ length: 60 }, (_, minute) => nightShift(minute));
  places.slice(1).forEach((place, index) => expect(place).not.toBe(places[index]));
  for (const place of places) {
    for (const pixels of place.match(/-?\d+/g) ?? []) expect(Math.abs(Number(pixels))).toBeLessThanOrEqual(3);
  }
});
