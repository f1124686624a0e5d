import { describe, expect, it } from 'vitest';
import { getLayer } from '../../layers/index.ts';
import { LayerShapeError, parseLayer } from '../../layers/parse.ts';

// oxlint-disable-next-line typescript/no-explicit-any -- a definition is broken on purpose, in ways its type forbids.
type Breakable = any;

/** The JSON of a layer after one change. */
function changed(id: string, change: (json: Breakable) => void): unknown {
  const json: Breakable = JSON.parse(JSON.stringify(getLayer(id)));
  change(json);
  return json;
}

describe('parseLayer', () => {
  it.each<[string, string, unknown, string]>([
    ['nothing', '', undefined, 'layer: expected an object, got nothing'],
    ['a list', '', [], 'layer: expected an object, got []'],
    ['no id', 'id', changed('person', (json) => delete json['id']), 'id: expected a text, got nothing'],
    [
      'an unknown property',
      'colour',
      changed('person', (json) => (json['colour'] = 'red')),
      'colour: is not a property of a definition',
    ],
    [
      'an unknown property deep inside',
      'fields.sex.titel',
      changed('person', (json) => (json['fields'].sex.titel = {})),
      'fields.sex.titel: is not a property of a definition',
    ],
    [
      'a misspelt type',
      'fields.sex.type',
      changed('person', (json) => (json['fields'].sex.type = 'text')),
      'fields.sex.type: expected one of string, int, number, bool, date, datetime, got "text"',
    ],
    [
      'a title in one language',
      'fields.sex.values.M.en',
      changed('person', (json) => delete json['fields'].sex.values.M.en),
      'fields.sex.values.M.en: expected a text, got nothing',
    ],
    [
      'a range of one number',
      'fields.members.range',
      changed('household', (json) => (json['fields'].members.range = [1])),
      'fields.members.range: expected two numbers, got [1]',
    ],
    [
      'a number that is none',
      'checks.rows.0',
      changed('household', (json) => (json['checks'].rows = [null, 1])),
      'checks.rows.0: expected a number, got null',
    ],
    [
      'an unknown kind of symbology',
      'symbology.kind',
      changed('person', (json) => (json['symbology'].kind = 'heat')),
      'symbology.kind: expected one of none, categorical, ramp, got "heat"',
    ],
    [
      'a property of another kind of symbology',
      'symbology.stops',
      changed('person', (json) => (json['symbology'].stops = [1])),
      'symbology.stops: is not a property of a definition',
    ],
    [
      'a prototype',
      'fields.__proto__.type',
      JSON.parse(
        '{"id":"x","title":{"zh":"x","en":"x"},"department":"d","class":"c","subclass":"s","geometry":"point","fields":{"__proto__":{}}}',
      ),
      'fields.__proto__.type: expected one of string, int, number, bool, date, datetime, got nothing',
    ],
  ])('refuses %s', (_name, path, json, message) => {
    let error: unknown;
    try {
      parseLayer(json);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(LayerShapeError);
    expect((error as LayerShapeError).path).toBe(path);
    expect((error as LayerShapeError).message).toBe(message);
  });

  it('shows no more than the beginning of a long value', () => {
    expect(() => parseLayer('x'.repeat(10_000))).toThrow(/^layer: expected an object, got "x{79}…$/);
  });

  it('returns a copy: later changes of the JSON do not reach the layer', () => {
    const json = changed('person', () => {}) as { title: { zh: string } };
    const layer = parseLayer(json);
    json.title.zh = '变';
    expect(layer.title.zh).toBe('实有人口');
  });
});
