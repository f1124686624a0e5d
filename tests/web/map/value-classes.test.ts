import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { figureNumber, valueClasses, valueIndex } from '../../../web/map/value-classes.ts';

describe('classes of figures', () => {
  it('hold every figure, in order, and no class is empty', () => {
    const figures = fc.array(fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(null)), {
      minLength: 1,
      maxLength: 200,
    });
    fc.assert(
      fc.property(figures, (values) => {
        const known = values.filter((value) => value !== null);
        const classes = valueClasses(values, 5);
        expect(classes.length).toBeLessThanOrEqual(5);
        expect(classes.length === 0).toBe(known.length === 0);
        for (const value of known) {
          const own = classes.find(({ from, to }) => value >= from && value <= to);
          expect(own?.index).toBe(valueIndex(value, classes));
        }
        for (const { from, to, index } of classes) {
          expect(known).toContain(from);
          expect(known).toContain(to);
          expect(index).toBeGreaterThanOrEqual(0);
          expect(index).toBeLessThan(5);
        }
        classes.slice(1).forEach(({ from }, index) => expect(from).toBeGreaterThan(classes[index]?.to ?? Infinity));
      }),
    );
  });

  it('put about as many in each, whatever the highest is', () => {
    const values = [...Array.from({ length: 99 }, (_, index) => index), 1e9];
    const classes = valueClasses(values, 5);
    const sizes = classes.map(({ from, to }) => values.filter((value) => value >= from && value <= to).length);
    expect(sizes).toEqual([20, 20, 20, 20, 20]);
  });

  it('take days as numbers', () => {
    expect(figureNumber('2026-01-01')).toBe(Date.UTC(2026, 0, 1));
    expect(figureNumber(0.5)).toBe(0.5);
    expect(figureNumber(null)).toBeNull();
    expect(figureNumber('x')).toBeNull();
  });
});
