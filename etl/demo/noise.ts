import { hashText } from './random.ts';

function fade(t: number): number {
  return t * t * t * (t * (t * 6 - 15) + 10);
}

/** Smooth value noise in [-1, 1] over the plane. `wavelength` in the units of x and y. */
export function createNoise(name: string, wavelength: number): (x: number, y: number) => number {
  const salt = hashText(name);
  const corner = (i: number, j: number): number => {
    let h = salt ^ Math.imul(i, 0x27d4eb2d) ^ Math.imul(j, 0x165667b1);
    h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
    h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
    return ((h ^ (h >>> 15)) >>> 0) / 2147483648 - 1;
  };
  return (x, y) => {
    const u = x / wavelength;
    const v = y / wavelength;
    const i = Math.floor(u);
    const j = Math.floor(v);
    const s = fade(u - i);
    const t = fade(v - j);
    const low = corner(i, j) * (1 - s) + corner(i + 1, j) * s;
    const high = corner(i, j + 1) * (1 - s) + corner(i + 1, j + 1) * s;
    return low * (1 - t) + high * t;
  };
}
