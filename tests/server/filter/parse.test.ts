import { describe, expect, it } from 'vitest';
import { maskedFields } from '../../../layers/access.ts';
import { getLayer } from '../../../layers/index.ts';
import { ApiError } from '../../../server/errors.ts';
import { FILTER_LIMITS } from '../../../server/filter/check.ts';
import { parseBboxParameter, parseFilter } from '../../../server/filter/parse.ts';
import { EVERYTHING } from '../../../server/filter/predicate.ts';

const enterprise = getLayer('enterprise');
const building = getLayer('building_footprint');
const person = getLayer('person');

function failure(filter: unknown, layer = enterprise, masked: string[] = []): ApiError {
  try {
    parseFilter(typeof filter === 'string' ? filter : JSON.stringify(filter), layer, masked);
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error(`accepted: ${JSON.stringify(filter)}`);
}

function bornFilter(op: string, value: unknown) {
  return { field: 'birth_date', op, value };
}

const SQUARE = [
  [113, 22],
  [114, 22],
  [114, 23],
  [113, 23],
  [113, 22],
];

describe('parseFilter', () => {
  it('takes no filter as everything', () => {
    expect(parseFilter(undefined, enterprise)).toBe(EVERYTHING);
    expect(parseFilter('', enterprise)).toBe(EVERYTHING);
  });

  it('reads a tree with the types of the fields', () => {
    const filter = {
      and: [
        { field: 'status', op: 'in', value: ['active', 'revoked'] },
        { not: { field: 'reg_capital_10k', op: '<', value: 100 } },
        {
          or: [
            { field: 'established_on', op: '>=', value: '2020-02-29' },
            { field: 'name', op: 'null' },
          ],
        },
        { cells: { by: 'town', codes: ['440604010000'] } },
      ],
    };
    expect(parseFilter(JSON.stringify(filter), enterprise)).toEqual({
      kind: 'and',
      of: [
        { kind: 'in', field: { name: 'status', type: 'string' }, values: ['active', 'revoked'] },
        {
          kind: 'not',
          of: { kind: 'compare', field: { name: 'reg_capital_10k', type: 'number' }, op: '<', value: 100 },
        },
        {
          kind: 'or',
          of: [
            { kind: 'compare', field: { name: 'established_on', type: 'date' }, op: '>=', value: '2020-02-29' },
            { kind: 'null', field: { name: 'name', type: 'string' } },
          ],
        },
        { kind: 'cells', by: 'town', codes: ['440604010000'] },
      ],
    });
  });

  it('takes SQL as the text it is', () => {
    const value = "'; drop table layers.enterprise; --";
    expect(parseFilter(JSON.stringify({ field: 'name', op: '=', value }), enterprise)).toMatchObject({ value });
  });

  it.each<[string, unknown, string, RegExp]>([
    ['no JSON', '{"field":', 'filter', /not JSON/],
    ['a list', [], 'filter', /must be an object/],
    ['null', null, 'filter', /character 1: null cannot stand here/],
    ['nothing', {}, 'filter', /exactly one of/],
    ['two keys', { and: [], or: [] }, 'filter', /exactly one of/],
    ['an unknown key', { xor: [] }, 'filter.xor', /unknown/],
    ['an unknown field', { field: 'nope', op: '=', value: 1 }, 'filter.field', /no field "nope"/],
    ['a field of every object', { field: 'constructor', op: '=', value: 1 }, 'filter.field', /no field "constructor"/],
    ['__proto__', '{"__proto__":{"field":"name"}}', 'filter.__proto__', /unknown/],
    ['a field that is not filterable', { field: 'uscc', op: '=', value: 'x' }, 'filter.field', /not a field to filter/],
    ['an unknown operator', { field: 'name', op: '~', value: 'x' }, 'filter.op', /must be one of/],
    ['an operator of another type', { field: 'reg_capital_10k', op: 'like', value: 'x' }, 'filter.op', /type number/],
    ['a value of another type', { field: 'reg_capital_10k', op: '=', value: '1' }, 'filter.value', /must be a number/],
    ['a value too many', { field: 'name', op: 'null', value: 1 }, 'filter.value', /unknown key/],
    ['no value', { field: 'name', op: '=' }, 'filter', /"value" is missing/],
    ['an extra key', { field: 'name', op: '=', value: 'x', comment: '' }, 'filter.comment', /unknown key/],
    ['a day that does not exist', { field: 'established_on', op: '=', value: '2026-02-30' }, 'filter.value', /a day/],
    ['half a between', { field: 'established_on', op: 'between', value: ['2026-01-01'] }, 'filter.value', /two values/],
    ['an empty list', { field: 'name', op: 'in', value: [] }, 'filter.value', /at least one/],
    ['a character that is no text', { field: 'name', op: '=', value: 'a\0b' }, 'filter.value', /not text/],
    ['half a character', '{"field":"name","op":"=","value":"\\ud842"}', 'filter.value', /not text/],
    ['an open escape', { field: 'name', op: 'like', value: 'a\\' }, 'filter.value', /escape/],
    ['a bbox of three', { bbox: [1, 2, 3] }, 'filter.bbox', /four numbers/],
    ['a bbox turned round', { bbox: [2, 0, 1, 1] }, 'filter.bbox', /greater/],
    ['a bbox off the earth', { bbox: [0, 0, 181, 1] }, 'filter.bbox', /outside/],
    ['a point as area', { within: { type: 'Point', coordinates: [1, 2] } }, 'filter.within.type', /Polygon/],
    [
      'an open ring',
      { within: { type: 'Polygon', coordinates: [SQUARE.slice(0, 4)] } },
      'filter.within.coordinates[0]',
      /closed/,
    ],
    [
      'a bow-tie',
      {
        within: {
          type: 'Polygon',
          coordinates: [
            [
              [0, 0],
              [1, 1],
              [1, 0],
              [0, 1],
              [0, 0],
            ],
          ],
        },
      },
      'filter.within.coordinates',
      /crosses itself/,
    ],
    [
      'a text in a position',
      { within: { type: 'Polygon', coordinates: [[['a', 1], ...SQUARE]] } },
      'filter.within.coordinates[0][0]',
      /position/,
    ],
    ['an unknown level', { cells: { by: 'street', codes: ['1'] } }, 'filter.cells.by', /grid, community, town/],
    ['a code that is none', { cells: { by: 'town', codes: ["'"] } }, 'filter.cells.codes[0]', /code of a town/],
    ['a path in depth', { and: [{ or: [{ not: { field: 'x' } }] }] }, 'filter.and[0].or[0].not.field', /no field "x"/],
  ])('refuses %s and names the place', (_, filter, field, message) => {
    const error = failure(filter);
    expect(error.code).toBe('FILTER_INVALID');
    expect(error.field).toBe(field);
    expect(error.message).toMatch(message);
  });

  it('wants whole numbers for int, within its range', () => {
    expect(failure({ field: 'floors', op: '=', value: 1.5 }, building).message).toMatch(/whole number/);
    expect(failure({ field: 'floors', op: '<', value: 3e9 }, building).message).toMatch(/2147483647/);
  });

  it('bounds depth, size and length', () => {
    expect(failure(`${'{"not":'.repeat(30)}{"field":"name","op":"null"}${'}'.repeat(30)}`).message).toMatch(/deeper/);
    expect(failure(`${'['.repeat(50_000)}${']'.repeat(50_000)}`).code).toBe('FILTER_INVALID');
    const wide = { or: Array.from({ length: FILTER_LIMITS.parts }, () => ({ field: 'name', op: 'null' })) };
    expect(failure(wide).message).toMatch(/more than 500 parts/);
    expect(failure({ field: 'name', op: 'in', value: Array.from({ length: 2001 }, () => 'x') }).message).toMatch(
      /2001/,
    );
    expect(failure(' '.repeat(FILTER_LIMITS.characters + 1)).message).toMatch(/longer than/);
    const circle = Array.from({ length: 2100 }, (_, i) => [Math.cos((i / 2100) * 6.283), Math.sin((i / 2100) * 6.283)]);
    expect(failure({ within: { type: 'Polygon', coordinates: [circle] } }).message).toMatch(/2000 positions/);
  });

  it('compares a masked date by whole years only, and other masked fields not at all', () => {
    const masked = maskedFields(person, 'staff');
    expect(masked).toContain('birth_date');
    for (const allowed of [
      bornFilter('<', '1960-01-01'),
      bornFilter('>=', '1960-01-01'),
      bornFilter('<=', '1960-12-31'),
      bornFilter('between', ['1960-01-01', '1969-12-31']),
    ]) {
      expect(parseFilter(JSON.stringify(allowed), person, masked)).toBeTruthy();
    }
    for (const refused of [
      bornFilter('=', '1960-01-01'),
      bornFilter('<', '1960-06-01'),
      bornFilter('<=', '1960-01-01'),
      bornFilter('in', ['1960-01-01']),
      bornFilter('between', ['1960-01-01', '1960-01-01']),
    ]) {
      expect(failure(refused, person, masked).message).toMatch(/masked/);
      // Counts hide small numbers, so they may ask for a day.
      expect(parseFilter(JSON.stringify(refused), person)).toBeTruthy();
    }
  });
});

describe('parseBboxParameter', () => {
  it('reads four numbers', () => {
    expect(parseBboxParameter('113,22.5,114,23')).toEqual({ kind: 'bbox', bbox: [113, 22.5, 114, 23] });
    expect(parseBboxParameter(undefined)).toBe(EVERYTHING);
  });

  it.each(['1,2,3', '1,2,3,x', '1,2,3,', '3,2,1,4', '1,2,3,1e400', '0x1,2,3,4', "1,2,3,4'; select 1", 'NaN,1,2,3'])(
    'refuses %s',
    (text) => {
      expect(() => parseBboxParameter(text)).toThrow(
        expect.objectContaining({ code: 'PARAMETER_INVALID', field: 'bbox' }),
      );
    },
  );
});
