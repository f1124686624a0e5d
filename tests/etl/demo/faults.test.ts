import { expect, test } from 'vitest';
import { FaultPlanter, unknownKey } from '../../../etl/demo/faults.ts';
import { makeUscc } from '../../../etl/demo/identity.ts';
import { layers } from '../../../layers/index.ts';

test.each([
  ['440604012001B00012', '440604012001B00000'],
  ['440604012001B00012R0301', '440604012001B00000R0301'],
  ['440604012001W007', '440604012001W000'],
  ['440604012001', '440604012999'],
  ['440699000123', '440699000000'],
  ['44060401002000123', '44060401002000000'],
  ['JY14406040012345', 'JY10000000000000'],
  ['HC017', 'HC000'],
  ['P001234567', 'P000000000'],
])('what points nowhere has the form of what it replaces: %s', (key, expected) => {
  expect(unknownKey(key)).toBe(expected);
});

test('a credit code that points nowhere is one, and nobody has it', () => {
  const key = makeUscc(17);
  expect(unknownKey(key)).not.toBe(key);
  expect(unknownKey(key)).toMatch(/^[0-9A-HJ-NPQRTUWXY]{18}$/);
});

test('an added copy of a row gets a key of the pattern, whatever the pattern ends in', () => {
  const layer = layers.find(({ id }) => id === 'pollutant_permit');
  if (!layer) throw new Error('no such layer');
  const planter = new FaultPlanter(layer, 60, 1);
  const written: unknown[] = [];
  for (let i = 1; i <= 60; i++) {
    const planted = planter.plant({
      values: {
        permit_no: `${makeUscc(i)}001V`,
        source_no: 'WR000001',
        uscc: makeUscc(i),
        name: '某厂',
        category: 'key',
      },
    });
    written.push(...planted.map(({ values }) => values.permit_no));
  }
  // Rows that are no rows of data have no key, and one may be soiled so that it must be cleaned.
  const others = new Set(
    planter.faults.flatMap(({ code, row }) =>
      ['FOOTER_ROW', 'REPEATED_HEADER', 'EMPTY_ROW', 'SHIFTED_COLUMNS', 'TEXT_CLEANED'].includes(code) ? [row] : [],
    ),
  );
  const rows = written.length;
  const keys = new Set(written.filter((_, i) => !others.has(i + 1)).map(String));
  const duplicates = planter.faults.filter(({ code }) => code === 'DUPLICATE_KEY').length;
  expect(rows).toBe(60 + planter.faults.filter(({ kind }) => kind === 'reject').length);
  expect(keys.size).toBe(rows - others.size - duplicates);
  for (const key of keys) expect(key).toMatch(new RegExp(layer.fields.permit_no?.pattern ?? '', 'u'));
});
