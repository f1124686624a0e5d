import { describe, expect, it } from 'vitest';
import { checkLayer, isPersonalField } from '../../layers/check-layer.ts';
import { checkLayers, listDefinitionFiles } from '../../layers/check.ts';
import type { Layer } from '../../layers/define.ts';
import { getLayer, layers } from '../../layers/index.ts';

/** A deep copy whose fields may be changed in ways the type forbids. */
// oxlint-disable-next-line typescript/no-explicit-any -- each case breaks one promise that the type or the checker holds.
type Breakable = any;

function broken(id: string, change: (layer: Breakable) => void): Layer {
  const copy = structuredClone(getLayer(id));
  change(copy);
  return copy;
}

/** Problems of the catalogue after one layer was changed. */
function problemsAfter(id: string, change: (layer: Breakable) => void): string[] {
  const layer = broken(id, change);
  return checkLayers(layers.map((other) => (other.id === id ? layer : other)));
}

function rename(from: string, to: string): (layer: Breakable) => void {
  return (layer) => {
    layer.fields[to] = layer.fields[from];
    delete layer.fields[from];
  };
}

describe('checkLayers', () => {
  it('finds nothing in the catalogue', () => {
    expect(checkLayers(layers, listDefinitionFiles())).toEqual([]);
  });

  const mistakes: [string, string, (layer: Breakable) => void][] = [
    // the layer
    ['park', 'Park: id: "Park" is not snake_case', (layer) => (layer.id = 'Park')],
    ['park', 'table: id: "table" is a reserved word', (layer) => (layer.id = 'table')],
    ['person', 'person: title.zh: is empty', (layer) => (layer.title.zh = ' ')],
    ['person', 'person: title.zh: "Persons" has no Chinese character', (layer) => (layer.title.zh = 'Persons')],
    ['person', 'person: title.en: "实有人口" has Chinese characters', (layer) => (layer.title.en = '实有人口')],
    ['person', 'person: title.en: has blanks around it', (layer) => (layer.title.en = 'Person ')],
    ['person', 'person: class: "people" is no class', (layer) => (layer.class = 'people')],
    [
      'person',
      'person: subclass: "fire" is no subclass of population_livelihood',
      (layer) => (layer.subclass = 'fire'),
    ],
    ['person', 'person: department: "police" is no department', (layer) => (layer.department = 'police')],
    ['person', 'person: key: "id" is no field', (layer) => (layer.key = 'id')],
    ['person', 'person: key: "person_id" must be required', (layer) => delete layer.fields.person_id.required],
    ['person', 'person: key: must be a string or an int, not date', (layer) => (layer.fields.person_id.type = 'date')],
    ['person', 'person: label: "nick" is no field', (layer) => (layer.label = 'nick')],
    ['person', 'person: freshnessHours: 0 is not above 0', (layer) => (layer.freshnessHours = 0)],
    ['person', 'person: freshnessHours: NaN is not above 0', (layer) => (layer.freshnessHours = Number.NaN)],
    ['person', 'person: freshnessHours: 9999 is too long for a daily layer', (layer) => (layer.freshnessHours = 9999)],
    ['person', 'person: checks.rows: [5,1] is not a sane range', (layer) => (layer.checks.rows = [5, 1])],
    ['person', 'person: checks.rows: [0,0] is not a sane range', (layer) => (layer.checks.rows = [0, 0])],
    ['person', 'person: checks.rows: [1.5,2] is not a sane range', (layer) => (layer.checks.rows = [1.5, 2])],
    ['person', 'person: checks.unique: "passport" is no field', (layer) => (layer.checks.unique = ['passport'])],
    ['person', 'person: checks.unique: the key is unique anyway', (layer) => (layer.checks.unique = ['person_id'])],
    // fields
    ['park', 'park: fields.Kind: "Kind" is not snake_case of at most 50 characters', rename('kind', 'Kind')],
    ['park', 'park: fields.user: "user" is a reserved word of SQL', rename('kind', 'user')],
    ['park', 'park: fields.geom: is the name of a system column', rename('kind', 'geom')],
    [
      'governance_grid',
      'governance_grid: fields.community_code: shares a system column and must be a string',
      (layer) => (layer.fields.community_code.type = 'int'),
    ],
    ['park', 'park: fields.name.pattern: is not a regular expression', (layer) => (layer.fields.name.pattern = '(')],
    [
      'park',
      'park: fields.area_m2.pattern: needs type string, not number',
      (layer) => (layer.fields.area_m2.pattern = 'x'),
    ],
    ['park', 'park: fields.kind.values: "pocket" does not match', (layer) => (layer.fields.kind.pattern = '[a-o]+')],
    ['park', 'park: fields.name.unit: needs a number, not string', (layer) => (layer.fields.name.unit = 'm')],
    ['park', 'park: fields.area_m2.unit: is empty', (layer) => (layer.fields.area_m2.unit = ' ')],
    ['park', 'park: fields.area_m2.unit: "亩" is not the same', (layer) => (layer.fields.area_m2.unit = '亩')],
    ['park', 'park: fields.area_m2.range: [9,1] is not ascending', (layer) => (layer.fields.area_m2.range = [9, 1])],
    ['park', 'park: fields.name.range: needs a number, not string', (layer) => (layer.fields.name.range = [1, 2])],
    ['park', 'park: fields.kind.values: is empty', (layer) => (layer.fields.kind.values = {})],
    [
      'park',
      'park: fields.area_m2.values: needs type string, not number',
      (layer) => (layer.fields.area_m2.values = {}),
    ],
    ['park', 'park: fields.kind.values.pocket.en: is empty', (layer) => (layer.fields.kind.values.pocket.en = '')],
    ['park', 'park: fields.kind.title.zh: "Kind" has no Chinese', (layer) => (layer.fields.kind.title.zh = 'Kind')],
    // personal data
    ['person', 'person: fields.name.mask: is missing', (layer) => delete layer.fields.name.mask],
    ['person', 'person: fields.id_no.mask: is missing', (layer) => delete layer.fields.id_no.mask],
    ['person', 'person: fields.room_code.mask: is missing', (layer) => delete layer.fields.room_code.mask],
    [
      'household',
      'household: fields.head_person_id.mask: is missing',
      (layer) => delete layer.fields.head_person_id.mask,
    ],
    [
      'enterprise',
      'enterprise: fields.legal_person.mask: is missing',
      (layer) => delete layer.fields.legal_person.mask,
    ],
    ['person', 'person: fields.sex.mask: birth_date does not fit', (layer) => (layer.fields.sex.mask = 'birth_date')],
    ['person', 'person: fields.birth_date.mask: name does not fit', (layer) => (layer.fields.birth_date.mask = 'name')],
    ['person', 'person: fields.name.filterable: a masked value', (layer) => (layer.fields.name.filterable = true)],
    ['person', 'person: tiles.fields: "name" is masked', (layer) => layer.tiles.fields.push('name')],
    // source
    ['park', 'park: source.file: "park.geojson" should be', (layer) => (layer.source.file = 'park.geojson')],
    ['park', 'park: source.crs: "EPSG:2345" is none of', (layer) => (layer.source.crs = 'EPSG:2345')],
    [
      'park',
      'park: source.format: geotiff and polygon do not go together',
      (layer) => (layer.source.format = 'geotiff'),
    ],
    ['park', 'park: source.format: csv cannot hold a polygon', (layer) => (layer.source.format = 'csv')],
    ['park', 'park: source.columns.owner: is no field', (layer) => (layer.source.columns.owner = '业主')],
    ['park', 'park: source.columns: "公园名称" is used twice', (layer) => (layer.source.columns.kind = '公园名称')],
    ['park', 'park: source.columns: has an empty column name', (layer) => (layer.source.columns.kind = '')],
    ['park', 'park: source.encoding: geojson is always UTF-8', (layer) => (layer.source.encoding = 'gb18030')],
    ['park', 'park: source.coordinates: are for points', (layer) => (layer.source.coordinates = { x: 'x', y: 'y' })],
    ['fire_hydrant', 'fire_hydrant: source.encoding: is missing', (layer) => delete layer.source.encoding],
    ['fire_hydrant', 'fire_hydrant: source.coordinates: are missing', (layer) => delete layer.source.coordinates],
    ['fire_hydrant', '"状态" is used twice', (layer) => (layer.source.coordinates.x = '状态')],
    ['water_area', '"水系编码" has more than 10 bytes', (layer) => (layer.source.columns.water_code = '水系编码')],
    ['fish_pond', '"养殖鱼塘编号" has more than 10 bytes', (layer) => (layer.source.columns.pond_no = '养殖鱼塘编号')],
    // tiles
    ['park', 'park: tiles: zooms 16-15 are not within', (layer) => (layer.tiles.minzoom = 16)],
    ['park', 'park: tiles: zooms 10-23 are not within', (layer) => (layer.tiles.maxzoom = 23)],
    ['park', 'park: tiles.fields: "owner" is no field', (layer) => layer.tiles.fields.push('owner')],
    ['park', 'park: tiles.fields: "kind" is named twice', (layer) => layer.tiles.fields.push('kind')],
    [
      'park',
      'park: tiles.detail: "name" is no field with values',
      (layer) => (layer.tiles.detail = { field: 'name', from: {} }),
    ],
    [
      'park',
      'park: tiles.detail: "none" is no value of kind',
      (layer) => (layer.tiles.detail = { field: 'kind', from: { none: 14 } }),
    ],
    [
      'park',
      'from zoom 22 is not within the zooms of the tiles',
      (layer) => (layer.tiles.detail = { field: 'kind', from: { none: 22 } }),
    ],
    // symbology
    ['park', 'park: symbology.field: "level" is no field', (layer) => (layer.symbology.field = 'level')],
    ['park', 'park: symbology.field: "kind" is not in tiles.fields', (layer) => (layer.tiles.fields = ['name'])],
    ['park', '"zoo" is no declared value of kind', (layer) => (layer.symbology.colors.zoo = '#544b92')],
    ['park', '"green" is not a colour like', (layer) => (layer.symbology.colors.pocket = 'green')],
    ['park', '#d8201f looks like the red', (layer) => (layer.symbology.colors.pocket = '#d8201f')],
    ['park', '#f0c800 looks like the yellow', (layer) => (layer.symbology.other = '#f0c800')],
    ['park', 'are hard to tell apart', (layer) => (layer.symbology.colors.pocket = '#11693e')],
    ['park', 'park: symbology.colors: is empty', (layer) => (layer.symbology.colors = {})],
    ['metro_station', 'looks like the blue', (layer) => (layer.symbology.color = '#2b83ba')],
    ['bus_stop', '4 stops need 5 colours, not 4', (layer) => layer.symbology.colors.pop()],
    ['bus_stop', 'bus_stop: symbology.stops: are not ascending', (layer) => (layer.symbology.stops = [3, 6, 6, 15])],
    ['bus_stop', 'bus_stop: symbology.stops: leave the range', (layer) => (layer.symbology.stops = [3, 6, 10, 99])],
    [
      'bus_stop',
      'do not run from light to dark',
      (layer) => layer.symbology.colors.push(layer.symbology.colors.shift()),
    ],
    ['bus_stop', 'a ramp needs a number, not string', (layer) => (layer.symbology.field = 'name')],
    // links
    ['person', 'person: place.layer: "rooms" is no layer', (layer) => (layer.place.layer = 'rooms')],
    ['person', 'person: place.field: "room" is no field', (layer) => (layer.place.field = 'room')],
    [
      'person',
      'person: place.layer: "satellite_image_current" is a raster',
      (layer) => (layer.place.layer = 'satellite_image_current'),
    ],
    ['person', 'person: place: the patterns of room_code', (layer) => (layer.fields.room_code.pattern = 'R\\d+')],
    ['person', 'person: place: room_code is int', (layer) => (layer.fields.room_code.type = 'int')],
    ['person', 'is also the place', (layer) => (layer.checks.references[0] = { field: 'room_code', layer: 'room' })],
    [
      'person',
      'person: checks.references.0.layer: "family" is no layer',
      (layer) => (layer.checks.references[0].layer = 'family'),
    ],
    [
      'building_footprint',
      'place: goes round in a circle: building_footprint -> room -> building_footprint',
      (layer) => (layer.place = { field: 'building_code', layer: 'room' }),
    ],
  ];

  it.each(mistakes)('%s: %s', (id, message, change) => {
    expect(problemsAfter(id, change)).toContainEqual(expect.stringContaining(message));
  });

  it('an id, a file or a title used twice', () => {
    const problems = checkLayers([...layers, getLayer('park')]);
    expect(problems).toEqual([
      'park: id: is used twice',
      'source.file: urban_management/park.geojson is used twice',
      'title.zh: "公园" is used twice',
      'title.en: "Park" is used twice',
    ]);
  });

  it('a department without a layer', () => {
    const problems = checkLayers(layers.filter((layer) => layer.department !== 'health'));
    expect(problems).toEqual(['health: the department has no layer']);
  });

  it('a file that nobody registered, and a layer without its file', () => {
    const files = listDefinitionFiles().filter((file) => file !== 'health/hospital.ts');
    expect(checkLayers(layers, [...files, 'health/nobody.ts'])).toEqual([
      "health/nobody.ts: is not registered under this name in its department's index",
      'health/hospital.ts: there is no such file',
    ]);
  });
});

describe('checkLayer of a user', () => {
  const catalogue = new Map(layers.map((layer) => [layer.id, layer]));

  it('may have titles in one language and a file of any name', () => {
    const layer = broken('park', (copy) => {
      copy.title = { zh: 'Trees', en: 'Trees' };
      copy.fields.kind.title = { zh: 'kind', en: 'kind' };
      copy.source.file = 'upload/my trees.geojson';
    });
    expect(checkLayer(layer, catalogue, 'user')).toEqual([]);
    expect(checkLayer(layer, catalogue, 'catalogue')).toHaveLength(3);
  });

  it('may not show what looks personal by its name', () => {
    const layer = broken('park', (copy) => {
      copy.fields.guardian_phone = { type: 'string', title: { zh: 'x', en: 'x' } };
    });
    expect(checkLayer(layer, catalogue, 'user')).toEqual([
      'park: fields.guardian_phone.mask: is missing: the name says that it holds personal data',
    ]);
  });
});

describe('isPersonalField', () => {
  it.each([
    ['public', 'name', false],
    ['personal', 'name', true],
    ['restricted', 'room_code', false],
    ['personal', 'room_code', true],
    ['public', 'legal_person', true],
    ['public', 'keeper_phone', true],
    ['public', 'phone', false],
    ['public', 'child_id_no', true],
    ['internal', 'person_id', true],
    ['personal', 'sex', false],
    ['personal', 'unit_name', false],
  ] as const)('%s layer, %s: %s', (sensitivity, name, expected) => {
    expect(isPersonalField({ sensitivity }, name)).toBe(expected);
  });
});
