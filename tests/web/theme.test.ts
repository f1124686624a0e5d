import { describe, expect, it } from 'vitest';
import { dark, light, rampClasses, rampIndex, rgba, SEVERITIES, type Palette } from '../../web/theme.ts';

function luminance(hex: string): number {
  const [r, g, b] = rgba(hex).map((value) => {
    const share = value / 255;
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * (r ?? 0) + 0.7152 * (g ?? 0) + 0.0722 * (b ?? 0);
}

function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].toSorted((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

describe('ramps', () => {
  it.each([1, 2, 4, 5, 6, 17, 921, 1_300_000])('classes of 1 … %i are whole, ordered and without holes', (max) => {
    const classes = rampClasses(max, 5);
    expect(classes[0]?.from).toBe(1);
    expect(classes.at(-1)?.to).toBe(max);
    classes.slice(1).forEach(({ from }, index) => expect(from).toBe((classes[index]?.to ?? 0) + 1));
    for (const { index, from, to } of classes) {
      expect(rampIndex(from, classes)).toBe(index);
      expect(rampIndex(to, classes)).toBe(index);
      expect(index).toBeLessThan(5);
    }
  });

  it('gives nothing no colour', () => {
    expect(rampIndex(0, rampClasses(9, 5))).toBe(-1);
  });
});

describe.each([
  ['dark', dark],
  ['light', light],
] as [string, Palette][])('%s palette', (_, palette) => {
  it('has text that can be read on every ground (WCAG AA)', () => {
    for (const ground of [palette.ui.panel, palette.ui.raised, palette.ui.page]) {
      for (const text of [
        palette.ui.text,
        palette.ui.dim,
        palette.ui.accent,
        palette.ui.good,
        palette.ui.warn,
        palette.ui.bad,
      ]) {
        expect(contrast(text, ground)).toBeGreaterThanOrEqual(4.5);
      }
    }
    expect(contrast(palette.ui.onAccent, palette.ui.accent)).toBeGreaterThanOrEqual(4.5);
  });

  it('has map labels that can be read on land', () => {
    expect(contrast(palette.map.label, palette.map.land)).toBeGreaterThanOrEqual(4.5);
  });

  it('has five different severities', () => {
    expect(new Set(SEVERITIES.map((severity) => palette.severity[severity])).size).toBe(5);
  });
});
