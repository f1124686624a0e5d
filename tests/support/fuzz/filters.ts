import * as fc from 'fast-check';
import type { LayerDetail } from '../../../server/contract/layers.ts';
import { garbage } from './garbage.ts';
import { box, day, lat, lon } from './places.ts';

/** A value of the type of a field, or close to one. */
function fieldValue(field: LayerDetail['fields'][number] | undefined): fc.Arbitrary<unknown> {
  const values = Object.keys(field?.values ?? { x: 1 });
  const fitting: fc.Arbitrary<unknown> =
    field === undefined
      ? fc.jsonValue({ maxDepth: 1 })
      : {
          string: fc.oneof(fc.constantFrom(...values), garbage),
          int: fc.oneof(fc.integer({ min: -10, max: 3000 }), fc.integer()),
          number: fc.double({ noNaN: true }),
          bool: fc.boolean(),
          date: day.map((text) => text.slice(0, 10)),
          datetime: day,
        }[field.type];
  return fc.oneof({ weight: 6, arbitrary: fitting }, { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) });
}

/** A filter of a layer: mostly one that is understood, sometimes a little wrong. */
export function filterOf(layer: LayerDetail): fc.Arbitrary<string> {
  const names = [...layer.fields.map(({ name }) => name), 'nothing', 'fid', 'geom'];
  const comparison = fc.constantFrom(...names).chain((name) => {
    const field = layer.fields.find((each) => each.name === name);
    const value = fieldValue(field);
    const op = fc.constantFrom(
      '=',
      '!=',
      '<',
      '<=',
      '>',
      '>=',
      'in',
      'between',
      'like',
      'contains',
      'null',
      'notnull',
      'or',
    );
    return fc.record(
      { field: fc.constant(name), op, value: fc.oneof(value, fc.array(value, { maxLength: 4 })) },
      { requiredKeys: ['field', 'op'] },
    );
  });
  const ring = fc.tuple(lon, lat, fc.double({ min: 0.001, max: 0.05, noNaN: true })).map(([x, y, r]) => [
    [x, y],
    [x + r, y],
    [x + r, y + r],
    [x, y + r],
    [x, y],
  ]);
  const part = fc.oneof(
    { weight: 6, arbitrary: comparison as fc.Arbitrary<unknown> },
    { weight: 1, arbitrary: box.map((bbox) => ({ bbox })) },
    { weight: 1, arbitrary: ring.map((coordinates) => ({ within: { type: 'Polygon', coordinates: [coordinates] } })) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom('grid', 'community', 'town', 'room'), fc.array(fc.constantFrom('440604010000', 'x', '')))
        .map(([by, codes]) => ({ cells: { by, codes } })),
    },
    { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  );
  const tree = fc.oneof(
    { weight: 4, arbitrary: part },
    { weight: 1, arbitrary: part.map((not) => ({ not })) },
    { weight: 1, arbitrary: fc.array(part, { maxLength: 4 }).map((and) => ({ and })) },
    { weight: 1, arbitrary: fc.array(part, { maxLength: 4 }).map((or) => ({ or })) },
  );
  return tree.map((each) => JSON.stringify(each));
}

/** A filter of a layer that it takes. */
export function fittingFilter(layer: LayerDetail): fc.Arbitrary<string> {
  const fields = layer.fields.filter(({ filterable, masked }) => filterable && !masked);
  const comparisons = fields.map((field): fc.Arbitrary<object> => {
    const { name, type } = field;
    const values = Object.keys(field.values ?? {});
    switch (type) {
      case 'int':
        return fc
          .tuple(fc.constantFrom('=', '!=', '<', '<=', '>', '>='), fc.integer({ min: 0, max: 3000 }))
          .map(([op, value]) => ({ field: name, op, value }));
      case 'number':
        return fc
          .tuple(
            fc.constantFrom('<', '>='),
            fc.integer({ min: 0, max: 10_000 }).map((tenths) => tenths / 10),
          )
          .map(([op, value]) => ({ field: name, op, value }));
      case 'bool':
        return fc.boolean().map((value) => ({ field: name, op: '=', value }));
      case 'date':
        return day.map((value) => ({ field: name, op: '>', value: value.slice(0, 10) }));
      case 'datetime':
        return day.map((value) => ({ field: name, op: '<=', value }));
      case 'string':
        return values.length === 0
          ? fc.constantFrom('a', '大', '4').map((value) => ({ field: name, op: 'contains', value }))
          : fc.subarray(values, { minLength: 1 }).map((value) => ({ field: name, op: 'in', value }));
    }
  });
  const area: fc.Arbitrary<object> = fc.oneof(
    box.map((bbox) => ({ bbox })),
    fc.record({ centre: fc.tuple(lon, lat), metres: fc.integer({ min: 1, max: 3000 }) }).map((circle) => ({ circle })),
    fc.constantFrom('440604010000', '440604011000').map((code) => ({ cells: { by: 'town', codes: [code] } })),
    fc.integer({ min: 1, max: 500 }).map((metres) => ({ inside: { layer: 'park', metres } })),
  );
  const part = fc.oneof(...comparisons, ...(layer.geometry === 'table' && fields.length > 0 ? [] : [area]));
  return fc
    .oneof(
      { weight: 4, arbitrary: part },
      { weight: 1, arbitrary: part.map((not) => ({ not })) },
      { weight: 1, arbitrary: fc.array(part, { minLength: 1, maxLength: 3 }).map((and) => ({ and })) },
      { weight: 1, arbitrary: fc.array(part, { minLength: 1, maxLength: 3 }).map((or) => ({ or })) },
    )
    .map((filter) => JSON.stringify(filter));
}
