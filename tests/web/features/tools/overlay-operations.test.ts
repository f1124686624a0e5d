import { expect, it } from 'vitest';
import { kindOfPieces, OVERLAY_OPERATIONS as SERVED, type ShapeKind } from '../../../../server/results/overlay.ts';
import { dimensionOf, OVERLAY_OPERATIONS, operationsOf } from '../../../../web/features/tools/overlay-operations.ts';

const KINDS = ['point', 'line', 'polygon'] as const satisfies readonly ShapeKind[];

it('knows the operations of the service', () => {
  expect([...OVERLAY_OPERATIONS].toSorted()).toEqual([...SERVED].toSorted());
});

it.each(KINDS.flatMap((a) => KINDS.map((b) => [a, b] as const)))('offers for %s and %s what is answered', (a, b) => {
  const answered = OVERLAY_OPERATIONS.filter((operation) => {
    try {
      kindOfPieces(operation, a, b);
      return true;
    } catch {
      return false;
    }
  });
  expect(operationsOf(dimensionOf({ geometry: a }), dimensionOf({ geometry: b }))).toEqual(answered);
});
