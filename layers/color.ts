/** Colours of incident severity: red, orange, yellow, blue and grey for ordinary matters. No layer may look like them. */
export const SEVERITY_COLORS = {
  red: '#d7191c',
  orange: '#f58220',
  yellow: '#f2c500',
  blue: '#2b83ba',
} as const;

/** Numbers of layers that nobody has chosen colours for, from low to high. */
export const RAMP = ['#dcd6ee', '#b9aedd', '#9180c4', '#6c55a8', '#4a2f86'];

const HEX = /^#[0-9a-f]{6}$/;

export function isHexColor(color: string): boolean {
  return HEX.test(color);
}

/** How the colours reach the eye: undisturbed, or with the commonest colour blindness (8 % of men see red and green alike). */
export type Vision = 'normal' | 'deuteranopia';

/** Oklab coordinates `[L, a, b]` of `#rrggbb`; L runs from 0 (black) to 1 (white). */
function oklab(color: string, vision: Vision = 'normal'): [number, number, number] {
  if (!isHexColor(color)) throw new Error(`not a colour like #1a2b3c: ${JSON.stringify(color)}`);
  const linear = (start: number): number => {
    const value = Number.parseInt(color.slice(start, start + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  let [r, g, b] = [linear(1), linear(3), linear(5)];
  if (vision === 'deuteranopia') {
    // Viénot, Brettel, Mollon 1999: red and green fall together.
    const redGreen = 0.29275 * r + 0.70725 * g;
    [r, g, b] = [redGreen, redGreen, -0.02234 * r + 0.02234 * g + b];
  }
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

/** Perceived lightness, 0 (black) to 1 (white). */
export function lightness(color: string): number {
  return oklab(color)[0];
}

/** Perceived difference of two colours: Euclidean distance in Oklab, 0 = same, 1 = black to white. */
export function colorDistance(a: string, b: string, vision: Vision = 'normal'): number {
  const [first, second] = [oklab(a, vision), oklab(b, vision)];
  return Math.hypot(first[0] - second[0], first[1] - second[1], first[2] - second[2]);
}
