/** One shape for each severity, in a box of 24 × 24: colour is never the only sign. */
import type { Severity } from '../theme.ts';

/** SVG path data: octagon, triangle, square, circle, and a small ring for ordinary matters. */
export const severityPath: Record<Severity, string> = {
  1: 'M8 2h8l6 6v8l-6 6H8l-6-6V8z',
  2: 'M12 2 23 21H1z',
  3: 'M3.5 3.5h17v17h-17z',
  4: 'M12 2.5a9.5 9.5 0 1 0 0 19 9.5 9.5 0 1 0 0-19z',
  0: 'M12 5a7 7 0 1 0 0 14 7 7 0 1 0 0-14z',
};

/** The API's severity as one of the five; anything unknown counts as ordinary. */
export function asSeverity(value: number): Severity {
  return value === 1 || value === 2 || value === 3 || value === 4 ? value : 0;
}
