import { assert, boolean, integer, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasRightChecksum, idCheck, organisationCheck, usccCheck } from '../../../etl/checks/checksum.ts';
import { SYNTHETIC_DIVISION, makeIdNumber, makePhone, makeUscc } from '../../../etl/demo/identity.ts';
import { createRandom } from '../../../etl/demo/random.ts';

describe('check characters', () => {
  // Real codes, to hold the formulas against something not made here.
  test.each(['9144030071526726XG', '91350100M000100Y43', '91110000802100433B'])('of credit code %s', (code) => {
    expect(usccCheck(code.slice(0, 17))).toBe(code[17]);
    expect(organisationCheck(code.slice(8, 16))).toBe(code[16]);
    expect(hasRightChecksum('uscc', code)).toBe(true);
    expect(hasRightChecksum('uscc', code.replace(/^9/, '1'))).toBe(false);
  });
  test.each(['11010519491231002X', '440524188001010014'])('of identity number %s', (number) => {
    expect(idCheck(number.slice(0, 17))).toBe(number[17]);
    expect(hasRightChecksum('resident_id', number)).toBe(true);
    expect(hasRightChecksum('resident_id', `${number.slice(0, 16)}${(Number(number[16]) + 1) % 10}${number[17]}`)).toBe(
      false,
    );
  });
});

describe('made-up numbers', () => {
  test('credit codes are valid, unique and of no real division', () => {
    const codes = new Set<string>();
    for (let n = 1; n < 300_000; n += 37) {
      const code = makeUscc(n);
      codes.add(code);
      expect(code).toMatch(/^91440699[0-9A-HJ-NPQRTUWXY]{10}$/);
      expect(usccCheck(code.slice(0, 17))).toBe(code[17]);
      expect(organisationCheck(code.slice(8, 16))).toBe(code[16]);
      expect(hasRightChecksum('uscc', code)).toBe(true);
      expect(hasRightChecksum('uscc', code.replace(/^9/, '1'))).toBe(false);
    }
    expect(codes.size).toBe(Math.ceil((300_000 - 1) / 37));
  });

  test('identity numbers name no real division and tell the sex', () => {
    assert(
      property(integer({ min: 0, max: 499 }), boolean(), (sequence, isMale) => {
        const number = makeIdNumber('19870609', sequence, isMale);
        expect(number.slice(0, 6)).toBe(SYNTHETIC_DIVISION);
        expect(number).toMatch(/^\d{17}[\dX]$/);
        expect(idCheck(number.slice(0, 17))).toBe(number[17]);
        expect(hasRightChecksum('resident_id', number)).toBe(true);
        expect(
          hasRightChecksum('resident_id', `${number.slice(0, 16)}${(Number(number[16]) + 1) % 10}${number[17]}`),
        ).toBe(false);
        expect(Number(number[16]) % 2).toBe(isMale ? 1 : 0);
      }),
    );
  });

  test('phones have a prefix nobody was ever given', () => {
    const random = createRandom(3, 'phones');
    for (let i = 0; i < 500; i++) expect(makePhone(random)).toMatch(/^10[1-9]\d{8}$/);
  });
});
