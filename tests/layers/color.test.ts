import { describe, expect, it } from 'vitest';
import { colorDistance, isHexColor, lightness } from '../../layers/color.ts';

describe('colours', () => {
  it('are written as #rrggbb in lower case', () => {
    expect(isHexColor('#1a2b3c')).toBe(true);
    for (const wrong of ['#1A2B3C', '1a2b3c', '#fff', 'red', '#1a2b3c80']) expect(isHexColor(wrong)).toBe(false);
    expect(() => lightness('red')).toThrow('not a colour like #1a2b3c: "red"');
  });

  // Reference values of Oklab's author for the corners of sRGB.
  it.each([
    ['#000000', 0],
    ['#ffffff', 1],
    ['#ff0000', 0.628],
    ['#00ff00', 0.8664],
    ['#0000ff', 0.452],
  ])('%s has lightness %f', (color, expected) => {
    expect(lightness(color)).toBeCloseTo(expected, 3);
  });

  it('red and green of one lightness are near for a deuteranope, far for others', () => {
    const [red, green] = ['#b35c5c', '#7f7a2e'];
    expect(colorDistance(red, green, 'deuteranopia')).toBeLessThan(colorDistance(red, green) / 1.5);
    expect(colorDistance(red, red)).toBe(0);
  });
});
