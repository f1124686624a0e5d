import * as fc from 'fast-check';
import { OPERATORS, type FilterNode } from '../../web/filter.ts';

const field = fc.stringMatching(/^[a-z][a-z0-9_]{0,12}$/);
const layer = fc.stringMatching(/^[a-z][a-z0-9_]{0,12}$/);
const metres = fc.integer({ min: 1, max: 50_000 });
const level = fc.constantFrom('grid' as const, 'community' as const, 'town' as const);
const place = fc.tuple(fc.integer({ min: 112, max: 114 }), fc.integer({ min: 22, max: 24 }));
const square = {
  type: 'Polygon' as const,
  coordinates: [
    [
      [113, 23],
      [114, 23],
      [114, 24],
      [113, 23],
    ],
  ],
};

const condition: fc.Arbitrary<FilterNode> = fc.oneof(
  fc.record({
    field,
    op: fc.constantFrom(...OPERATORS),
    value: fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 12 }),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(fc.oneof(fc.string(), fc.integer()), { maxLength: 3 }),
    ),
  }),
  fc.record({ circle: fc.record({ centre: place, metres }) }),
  fc.record({ inside: fc.record({ layer, fid: fc.nat(), metres }) }),
  fc.record({ inside: fc.record({ layer, metres }) }),
  fc.record({ cells: fc.record({ by: level, codes: fc.array(fc.stringMatching(/^[0-9]{12}$/), { maxLength: 3 }) }) }),
  fc.record({ outside: level }),
  fc.constant({ within: square }),
);

const { tree } = fc.letrec<{ tree: FilterNode; group: FilterNode }>((tie) => ({
  tree: fc.oneof({ maxDepth: 3, withCrossShrink: true }, condition, tie('group')),
  group: fc.oneof(
    fc.record({ and: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ or: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ not: tie('tree') }),
  ),
}));

/** Any tree that a form can make. */
export const filterTree: fc.Arbitrary<FilterNode> = tree;
