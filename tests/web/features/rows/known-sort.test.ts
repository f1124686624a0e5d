import { expect, test } from 'vitest';
import { knownSort } from '../../../../web/features/rows/row-table.tsx';
import type { LayerDetail } from '../../../../server/app.ts';

test('an order by a field that the layer does not have, or that is masked, is left out', () => {
  const fields = [
    { name: 'name', masked: false },
    { name: 'owner', masked: true },
  ] as LayerDetail['fields'];
  expect(['name', '-name', 'owner', '-owner', 'gone', null].map((sort) => knownSort({ fields }, sort))).toEqual([
    'name',
    '-name',
    null,
    null,
    null,
    null,
  ]);
});
