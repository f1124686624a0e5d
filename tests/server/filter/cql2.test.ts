import { describe, expect, it } from 'vitest';
import { getLayer } from '../../../layers/index.ts';
import { ApiError } from '../../../server/errors.ts';
import { Checker } from '../../../server/filter/check.ts';
import { parseDraft, parseFilter, type FilterLanguage } from '../../../server/filter/parse.ts';
import type { Draft, Predicate } from '../../../server/filter/predicate.ts';
import { toCql2 } from '../../../server/filter/to-cql2.ts';

const enterprise = getLayer('enterprise');
const building = getLayer('building_footprint');
const person = getLayer('person');

const name = { name: 'name', type: 'string' };
const capital = { name: 'reg_capital_10k', type: 'number' };
const founded = { name: 'established_on', type: 'date' };
const WORLD = { kind: 'bbox', bbox: [-180, -90, 180, 90] };
const SQUARE = [
  [
    [113, 23],
    [114, 23],
    [114, 24],
    [113, 23],
  ],
];

function read(text: string, layer = enterprise): Predicate {
  return parseFilter(text, layer);
}

function from(op: string): object {
  return { kind: 'compare', field: founded, op, value: '2020-01-01' };
}

function to(op: string): object {
  return { kind: 'compare', field: founded, op, value: '2020-12-31' };
}

function nulls(...fields: string[]): object[] {
  return fields.map((field) => ({ kind: 'null', field: { name: field } }));
}

function draft(text: string, language?: FilterLanguage): Draft {
  return parseDraft(new Checker(enterprise, []), text, language);
}

function property(of: string): object {
  return { property: of };
}

describe('CQL2 text', () => {
  it.each<[string, unknown]>([
    [`name = 'O''Brien'`, { kind: 'compare', field: name, op: '=', value: "O'Brien" }],
    [String.raw`name = 'O\'Brien'`, { kind: 'compare', field: name, op: '=', value: "O'Brien" }],
    [String.raw`name = 'a\\'`, { kind: 'compare', field: name, op: '=', value: String.raw`a\\` }],
    [`"name" <> '𠮷野家'`, { kind: 'compare', field: name, op: '!=', value: '𠮷野家' }],
    ['reg_capital_10k>=-1.5e2', { kind: 'compare', field: capital, op: '>=', value: -150 }],
    ['100 < reg_capital_10k', { kind: 'compare', field: capital, op: '>', value: 100 }],
    ['reg_capital_10k between 1 and 2', { kind: 'between', field: capital, low: 1, high: 2 }],
    ["established_on > DATE('2020-01-31')", { kind: 'compare', field: founded, op: '>', value: '2020-01-31' }],
    ["name LIKE '佛山%'", { kind: 'like', field: name, pattern: '佛山%' }],
    ["CASEI(name) LIKE casei('ABC_')", { kind: 'like', field: name, pattern: 'ABC_', ignoreCase: true }],
    ["CASEI(name) = CASEI('50%')", { kind: 'like', field: name, pattern: String.raw`50\%`, ignoreCase: true }],
    ["name IN ('a', 'b')", { kind: 'in', field: name, values: ['a', 'b'] }],
    ['name IS NULL', { kind: 'null', field: name }],
    ['NOT name IS NULL', { kind: 'notnull', field: name }],
    ['name IS NOT NULL', { kind: 'notnull', field: name }],
    ['TRUE', { kind: 'and', of: [] }],
    ['NOT TRUE', { kind: 'or', of: [] }],
    ["town_code = '440604010000'", { kind: 'cells', by: 'town', codes: ['440604010000'] }],
    ["grid_code IN ('A1')", { kind: 'cells', by: 'grid', codes: ['A1'] }],
    ['community_code IS NULL', { kind: 'outside', by: 'community' }],
    ['geom IS NOT NULL', WORLD],
    ['S_INTERSECTS(geom, BBOX(113, 23, 114, 24))', { kind: 'bbox', bbox: [113, 23, 114, 24] }],
    ['s_within(geom, POINT(113 23))', { kind: 'bbox', bbox: [113, 23, 113, 23] }],
    ['S_CONTAINS(POLYGON((113 23, 114 23, 114 24, 113 23)), geom)', { kind: 'within', polygons: [SQUARE] }],
    ['S_INTERSECTS(geometry, MULTIPOLYGON(((113 23,114 23,114 24,113 23))))', { kind: 'within', polygons: [SQUARE] }],
    ["T_AFTER(established_on, DATE('2020-01-01'))", { kind: 'compare', field: founded, op: '>', value: '2020-01-01' }],
    ["T_BEFORE(DATE('2020-01-01'), established_on)", { kind: 'compare', field: founded, op: '>', value: '2020-01-01' }],
  ])('reads %s', (text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  it('joins by precedence and brackets', () => {
    expect(read('name IS NULL OR status IS NULL AND established_on IS NULL')).toMatchObject({
      kind: 'or',
      of: [...nulls('name'), { kind: 'and', of: nulls('status', 'established_on') }],
    });
    expect(read('(name IS NULL OR status IS NULL) AND established_on IS NULL')).toMatchObject({
      kind: 'and',
      of: [{ kind: 'or', of: nulls('name', 'status') }, ...nulls('established_on')],
    });
  });

  it('carries NOT to the conditions, where a row without a value satisfies neither side', () => {
    expect(read("NOT (name = 'a' OR reg_capital_10k < 5)")).toEqual({
      kind: 'and',
      of: [
        { kind: 'compare', field: name, op: '!=', value: 'a' },
        { kind: 'compare', field: capital, op: '>=', value: 5 },
      ],
    });
    expect(read("name NOT LIKE 'a%'")).toEqual({
      kind: 'and',
      of: [
        { kind: 'notnull', field: name },
        { kind: 'not', of: { kind: 'like', field: name, pattern: 'a%' } },
      ],
    });
    const disjoint = { kind: 'and', of: [WORLD, { kind: 'not', of: { kind: 'bbox', bbox: [1, 2, 3, 4] } }] };
    expect(read('S_DISJOINT(geom, BBOX(1,2,3,4))')).toEqual(disjoint);
    expect(read('NOT S_INTERSECTS(geom, BBOX(1,2,3,4))')).toEqual(disjoint);
  });

  it('reads intervals, ends left out of T_DURING only', () => {
    const interval = "INTERVAL('2020-01-01','2020-12-31')";
    expect(read(`T_DURING(established_on, ${interval})`)).toEqual({ kind: 'and', of: [from('>'), to('<')] });
    expect(read(`T_INTERSECTS(established_on, ${interval})`)).toEqual({ kind: 'and', of: [from('>='), to('<=')] });
    expect(read(`T_DISJOINT(established_on, ${interval})`)).toEqual({ kind: 'or', of: [from('<'), to('>')] });
    expect(read("T_DURING(established_on, INTERVAL('2020-01-01','..'))")).toEqual({ kind: 'and', of: [from('>')] });
    expect(read("T_AFTER(established_on, INTERVAL('2020-01-01','..'))")).toEqual({ kind: 'or', of: [] });
  });

  it('reads areas to be made', () => {
    expect(draft('S_INTERSECTS(geom, CIRCLE(113.1, 23, 500))')).toMatchObject({
      kind: 'unmade',
      of: { kind: 'circle', centre: [113.1, 23], metres: 500 },
    });
    expect(draft("S_INTERSECTS(geom, inside('poi', 7, 20))")).toMatchObject({ of: { kind: 'feature', fid: 7 } });
    expect(draft("S_INTERSECTS(geom, inside('poi', 'name = ''a''', 20))")).toMatchObject({
      of: { kind: 'features', layer: 'poi', filter: "name = 'a'", metres: 20 },
    });
  });

  it.each<[string, RegExp]>([
    ['name', /"name" .*bool|must be one of|must be a/],
    ["name = 'a", /character 8: a quote is not closed/],
    ["name = 'a' AND", /character 15: expected a property/],
    ['name == 1', /character 7: expected a property/],
    ["name = 'a' name = 'b'", /character 12: expected AND, OR or the end/],
    ["nope = 'a'", /character 1: layer enterprise has no field "nope"/],
    ["uscc = 'a'", /not a field to filter/],
    ['name = status', /status is a property/],
    ['reg_capital_10k + 1 > 5', /character 17: arithmetic \(\+\) is not supported/],
    ['reg_capital_10k > 2 * 3', /arithmetic \(\*\) is not supported/],
    ['reg_capital_10k = 1e999', /must be a number/],
    ['reg_capital_10k = NaN', /NaN is a property/],
    ["established_on = TIMESTAMP('2020-01-01T00:00:00Z')", /TIMESTAMP cannot be compared/],
    ["established_on = DATE('2020-02-30')", /must be a day/],
    ["ACCENTI(name) = ACCENTI('a')", /accenti is not supported/],
    ["CASEI(name) = 'a'", /CASEI must be on both sides/],
    ["upper(name) = 'A'", /upper is not supported/],
    ["avg(name) AND name = 'A'", /avg is not supported as a condition/],
    ['S_TOUCHES(geom, BBOX(1,2,3,4))', /s_touches is not supported/],
    ['S_INTERSECTS(geom, LINESTRING(1 2, 3 4))', /LineString is not supported/],
    ['S_INTERSECTS(geom, BUFFER(geom, 3))', /buffer is not supported as an area/],
    ['S_INTERSECTS(geom, POLYGON((0 0, 1 1, 1 0, 0 1, 0 0)))', /crosses itself/],
    ['S_INTERSECTS(geom, POLYGON((0 0, 1 1, 1 0)))', /at least four positions/],
    ['S_INTERSECTS(name, BBOX(1,2,3,4))', /needs the property geom/],
    ['S_INTERSECTS(geom, BBOX(1,2,3,4,5,6))', /four numbers/],
    ["T_MEETS(established_on, INTERVAL('..','..'))", /t_meets is not supported/],
    ["T_AFTER(name, DATE('2020-01-01'))", /name is no date/],
    ["A_CONTAINS(name, ('a'))", /brackets around values/],
    ['name = 1; DROP TABLE layers.enterprise', /";" is not CQL2/],
    [`${'('.repeat(5000)}name IS NULL${')'.repeat(5000)}`, /nested deeper/],
    [`${'NOT '.repeat(5000)}name IS NULL`, /nested deeper/],
    [`name IN (${'(('.repeat(3000)}`, /brackets around values/],
    [Array.from({ length: 600 }, () => 'name IS NULL').join(' OR '), /more than 500 parts/],
    ["name = '\u0000'", /not text/],
    ["name = '\ud800'", /not text/],
    ['ﬁlter ≠ 1', /"≠" is not CQL2/],
    [`name = '${'\\'.repeat(40_000)}`, /a quote is not closed/],
    [`name = ${"'".repeat(40_001)}`, /a quote is not closed/],
  ])('refuses %s', (text, message) => {
    const started = performance.now();
    let error: unknown;
    try {
      read(text);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ code: 'FILTER_INVALID', field: 'filter', message: expect.stringMatching(message) });
    expect(performance.now() - started).toBeLessThan(500);
  });

  it('is within only for points: shapes are met or not', () => {
    expect(() => read('S_WITHIN(geom, BBOX(1,2,3,4))', building)).toThrow(/s_within is not supported for polygons/);
    expect(read('S_INTERSECTS(geom, BBOX(1,2,3,4))', building)).toEqual({ kind: 'bbox', bbox: [1, 2, 3, 4] });
  });

  it('keeps masked values as it keeps them from JSON', () => {
    expect(() => parseFilter("birth_date = DATE('1960-06-15')", person, ['birth_date'])).toThrow(/masked/);
    expect(() => parseFilter("NOT birth_date > DATE('1960-06-15')", person, ['birth_date'])).toThrow(/masked/);
    expect(() => parseFilter("T_AFTER(birth_date, DATE('1960-06-15'))", person, ['birth_date'])).toThrow(/masked/);
    expect(parseFilter("birth_date < DATE('1960-01-01')", person, ['birth_date'])).toBeTruthy();
  });
});

describe('CQL2 JSON', () => {
  it.each<[unknown, string]>([
    [{ op: '=', args: [property('name'), 'a'] }, "name = 'a'"],
    [{ op: 'isNull', args: [property('name')] }, 'name IS NULL'],
    [{ op: 'in', args: [property('name'), ['a', 'b']] }, "name IN ('a', 'b')"],
    [{ op: 'between', args: [property('reg_capital_10k'), 1, 2] }, 'reg_capital_10k BETWEEN 1 AND 2'],
    [
      { op: 'and', args: [{ op: 'not', args: [{ op: 'like', args: [property('name'), 'a%'] }] }, true] },
      "name NOT LIKE 'a%' AND TRUE",
    ],
    [
      {
        op: 'like',
        args: [
          { op: 'casei', args: [property('name')] },
          { op: 'casei', args: ['a%'] },
        ],
      },
      "CASEI(name) LIKE CASEI('a%')",
    ],
    [{ op: 's_intersects', args: [property('geom'), { bbox: [1, 2, 3, 4] }] }, 'S_INTERSECTS(geom, BBOX(1,2,3,4))'],
    [
      { op: 's_intersects', args: [property('geom'), { type: 'Polygon', coordinates: SQUARE }] },
      'S_INTERSECTS(geom, POLYGON((113 23,114 23,114 24,113 23)))',
    ],
    [
      { op: 't_during', args: [property('established_on'), { interval: ['2020-01-01', '..'] }] },
      "T_DURING(established_on, INTERVAL('2020-01-01','..'))",
    ],
    [{ op: '>', args: [property('established_on'), { date: '2020-01-01' }] }, "established_on > DATE('2020-01-01')"],
  ])('says the same as the text %#', (json, text) => {
    expect(read(JSON.stringify(json))).toEqual(read(text));
  });

  it.each<[unknown, string]>([
    [{ op: '=', args: [property('nope'), 'a'] }, 'filter.args[0]'],
    [{ op: 'and', args: [true, { op: '=', args: [property('name'), 5] }] }, 'filter.args[1].args[1]'],
    [{ op: '=', args: [property('name')] }, 'filter'],
    [{ op: '=', args: {} }, 'filter.args'],
    [{ op: 'and', args: [null] }, 'filter.args[0]'],
    [{ op: '=', args: [property('name'), { op: '+', args: [1, 2] }] }, 'filter.args[1]'],
    [{ op: { toString: 'and' }, args: [] }, 'filter.op'],
    [{ op: '__proto__', args: [] }, 'filter'],
    [
      { op: 's_intersects', args: [property('geom'), { type: 'Polygon', coordinates: 'x' }] },
      'filter.args[1].coordinates',
    ],
  ])('names the place at fault %#', (json, field) => {
    expect(() => read(JSON.stringify(json))).toThrow(expect.objectContaining({ code: 'FILTER_INVALID', field }));
  });

  it('is read as JSON of this service or of CQL2 as the caller says', () => {
    const json = JSON.stringify({ op: 'isNull', args: [property('name')] });
    expect(draft(json, 'cql2-json')).toEqual({ kind: 'null', field: name });
    expect(draft('true', 'cql2-json')).toEqual({ kind: 'and', of: [] });
    expect(() => draft(json, 'one-map')).toThrow(/exactly one of/);
    expect(() => draft(json, 'cql2-text')).toThrow(/"{" is not CQL2/);
  });
});

describe('a predicate as CQL2 text', () => {
  it.each([
    [{ field: 'name', op: '=', value: "O'Brien" }, "name = 'O''Brien'"],
    [{ field: 'name', op: 'contains', value: '50%' }, String.raw`name LIKE '%50\%%'`],
    [{ field: 'name', op: '=', value: 'a\\' }, String.raw`name LIKE 'a\\'`],
    [{ not: { field: 'reg_capital_10k', op: '>', value: 5 } }, 'reg_capital_10k <= 5 OR reg_capital_10k IS NULL'],
    [
      { field: 'established_on', op: 'between', value: ['2020-01-01', '2020-12-31'] },
      "established_on >= DATE('2020-01-01') AND established_on <= DATE('2020-12-31')",
    ],
    [
      {
        and: [
          { cells: { by: 'town', codes: ['440604010000'] } },
          { or: [{ bbox: [1, 2, 3, 4] }, { outside: 'grid' }] },
        ],
      },
      "town_code IN ('440604010000') AND (S_INTERSECTS(geom, BBOX(1, 2, 3, 4)) OR grid_code IS NULL)",
    ],
    [
      { within: { type: 'Polygon', coordinates: SQUARE } },
      'S_INTERSECTS(geom, POLYGON((113 23, 114 23, 114 24, 113 23)))',
    ],
  ])('is plain to read %#', (json, text) => {
    const predicate = read(JSON.stringify(json));
    expect(toCql2(predicate)).toBe(text);
    expect(toCql2(read(text))).toBe(text);
  });

  it('is null where CQL2 has no words for it', () => {
    expect(toCql2(read(JSON.stringify({ field: 'name', op: '<', value: 'a\\' })))).toBeNull();
  });
});
