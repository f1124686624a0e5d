import { describe, expect, it } from 'vitest';
import { canSee, kAnonymity, maskedFields, ROLES } from '../../layers/access.ts';
import type { Sensitivity } from '../../layers/define.ts';
import { getLayer } from '../../layers/index.ts';

const cases: [Sensitivity, boolean, number, number][] = [
  // sensitivity, seen by the public, k for the public, k for staff
  ['public', true, 1, 1],
  ['internal', false, 1, 1],
  ['restricted', false, 1, 1],
  ['personal', false, 10, 5],
];

describe('who sees what', () => {
  it.each(cases)('%s', (sensitivity, isPublic, kPublic, kStaff) => {
    expect(canSee('public', { sensitivity })).toBe(isPublic);
    expect(canSee('staff', { sensitivity })).toBe(true);
    expect(kAnonymity('public', { sensitivity })).toBe(kPublic);
    expect(kAnonymity('staff', { sensitivity })).toBe(kStaff);
  });

  it('masks what tells who a person is, for every role', () => {
    for (const role of ROLES) {
      expect(maskedFields(getLayer('person'), role).toSorted()).toEqual([
        'birth_date',
        'household_id',
        'id_no',
        'name',
        'person_id',
        'room_code',
      ]);
      expect(maskedFields(getLayer('enterprise'), role)).toEqual(['legal_person']);
      expect(maskedFields(getLayer('fire_hydrant'), role)).toEqual([]);
    }
  });
});
