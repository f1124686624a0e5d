import type { Sensitivity } from '../../layers/define.ts';

/** One of the things a result was made of: rows of a layer as a load had them, or a shape that was drawn. */
export interface MadeOfInput {
  /** Which side it was, where they differ. */
  side?: 'a' | 'b';
  layer?: string;
  load?: number | null;
  /** The filter as it was asked; null: all rows. */
  filter?: unknown;
  rows?: number;
  /** Kind of a shape that was drawn, and its size. */
  shape?: { kind: string; areaM2: number };
}

/** What a result was made of, kept with its load in `app.load.made_of`. */
export interface MadeOf {
  operation: string;
  inputs: MadeOfInput[];
  /** What else was asked for, and what there is to say of the outcome. */
  parameters: Record<string, unknown>;
  by: { role: string; token: string | null };
  at: string;
  purpose: string | null;
}

const STRICTNESS: readonly Sensitivity[] = ['public', 'internal', 'restricted', 'personal'];

/**
 * How sensitive a result is: as the strictest of what it was made of. Never public: nobody has looked at what is in it, and
 * it is not published by being kept.
 */
export function strictest(sensitivities: readonly Sensitivity[]): Sensitivity {
  return STRICTNESS[Math.max(1, ...sensitivities.map((each) => STRICTNESS.indexOf(each)))] as Sensitivity;
}
