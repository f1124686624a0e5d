import { classes } from './classes.ts';
import { SEVERITY_COLORS, colorDistance, isHexColor, lightness } from './color.ts';
import { type Field, type Layer, rasterFormats, type SourceFormat, sourceFields, type Text } from './define.ts';
import { departments } from './departments.ts';
import { RESERVED_WORDS, SHARED_COLUMNS, SYSTEM_COLUMNS } from './reserved-words.ts';

const NAME = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;
const CJK = /\p{Script=Han}/u;
const PERSONAL_EVERYWHERE =
  /^(child_name|owner_name|landlord_name|lessee_name|operator_name|legal_person|cert_no)$|(^|_)(id_no|person_id)$|_phone$/;
const PERSONAL_IN_PERSONAL_LAYERS = /^(name|room_code)$/;
const CRS = ['EPSG:4326', 'EPSG:4490', 'EPSG:4526', 'EPSG:4547', 'EPSG:3857', 'GCJ-02', 'BD-09'];
const EXTENSIONS: Record<SourceFormat, string> = {
  csv: '.csv',
  shapefile: '.zip',
  geojson: '.geojson',
  gpkg: '.gpkg',
  xlsx: '.xlsx',
  xls: '.xls',
  ods: '.ods',
  dbf: '.dbf',
  json: '.json',
  xml: '.xml',
  kml: '.kml',
  gml: '.gml',
  georss: '.xml',
  gpx: '.gpx',
  filegdb: '.gdb.zip',
  dxf: '.dxf',
  mapinfo: '.zip',
  flatgeobuf: '.fgb',
  parquet: '.parquet',
  gtfs: '.zip',
  osm: '.osm.pbf',
  geotiff: '',
  hgt: '',
};
/** Formats without shapes of their own: points come from two columns. */
const TABLES: readonly SourceFormat[] = ['csv', 'xlsx', 'xls', 'ods', 'dbf', 'xml'];
/** Formats that hold shapes or plain tables. */
const EITHER: readonly SourceFormat[] = ['json', 'parquet', 'gpkg', 'filegdb', 'mapinfo'];
/** Hours: a layer that is renewed this often must count as stale before this long. */
const LONGEST_FRESHNESS = { realtime: 24, daily: 168, monthly: 2400, yearly: 20_000 };
const MOST_ROWS = 10_000_000;

/** Smallest Oklab distances at which two colours of a legend, and a colour and a severity, are told apart. */
const TOLD_APART = { normal: 0.06, deuteranopia: 0.04, severity: 0.1, rampStep: 0.05 };

/** Who wrote the definition: the catalogue's conventions of titles and files do not bind what a user uploads. */
export type Origin = 'catalogue' | 'user';

/** Collects problems as `<layer>: <path>: <message>`. */
type Report = (path: string, message: string) => void;

/** Field names that hold personal data by the naming rule of the catalogue and so need a mask. */
export function isPersonalField(layer: Pick<Layer, 'sensitivity'>, name: string): boolean {
  if (PERSONAL_EVERYWHERE.test(name)) return true;
  return layer.sensitivity === 'personal' && PERSONAL_IN_PERSONAL_LAYERS.test(name);
}

function quote(value: unknown): string {
  return JSON.stringify(value);
}

function nameProblem(name: string): string | undefined {
  // PostgreSQL cuts names at 63 bytes; index names add up to 10 to the table's.
  if (!NAME.test(name) || name.length > 50) return `${quote(name)} is not snake_case of at most 50 characters`;
  if (RESERVED_WORDS.has(name)) return `${quote(name)} is a reserved word of SQL`;
  return undefined;
}

function checkText(path: string, text: Text, origin: Origin, report: Report): void {
  for (const language of ['zh', 'en'] as const) {
    if (text[language].trim() === '') report(`${path}.${language}`, 'is empty');
    else if (text[language] !== text[language].trim()) report(`${path}.${language}`, 'has blanks around it');
  }
  if (origin === 'user') return;
  if (!CJK.test(text.zh)) report(`${path}.zh`, `${quote(text.zh)} has no Chinese character`);
  if (CJK.test(text.en)) report(`${path}.en`, `${quote(text.en)} has Chinese characters`);
}

function checkPattern(path: string, field: Field, report: Report): void {
  if (field.pattern === undefined) return;
  if (field.type !== 'string') report(`${path}.pattern`, `needs type string, not ${field.type}`);
  let pattern: RegExp;
  try {
    pattern = new RegExp(`^(?:${field.pattern})$`, 'u');
  } catch (error) {
    report(`${path}.pattern`, `is not a regular expression: ${(error as Error).message}`);
    return;
  }
  for (const value of Object.keys(field.values ?? {})) {
    if (!pattern.test(value)) report(`${path}.values`, `${quote(value)} does not match the pattern`);
  }
}

/** What the loader finds out belongs to no column of the file, and need not be found. */
function checkDerived(layer: Layer, name: string, derived: NonNullable<Field['derived']>, report: Report): void {
  const field = layer.fields[name];
  const path = `fields.${name}.derived`;
  if (layer.address === undefined || layer.geometry !== 'point') report(path, 'needs points with an address');
  if (field?.type !== 'string') report(path, 'is a text');
  if (field?.required === true || name === layer.key)
    report(path, 'cannot be required: not every address is understood');
  if (layer.source.columns?.[name] !== undefined) report(path, 'is no column of the file');
  if (Object.entries(layer.fields).some(([other, { derived: same }]) => other !== name && same === derived))
    report(path, `is also another field's`);
}

function checkField(layer: Layer, name: string, field: Field, origin: Origin, report: Report): void {
  const path = `fields.${name}`;
  const problem = nameProblem(name);
  if (problem !== undefined) report(path, problem);
  if (SYSTEM_COLUMNS.has(name)) report(path, 'is the name of a system column');
  if (SHARED_COLUMNS.has(name) && field.type !== 'string') report(path, 'shares a system column and must be a string');
  checkText(`${path}.title`, field.title, origin, report);
  if (field.derived !== undefined) checkDerived(layer, name, field.derived, report);
  checkPattern(path, field, report);
  if (field.unit !== undefined) {
    if (field.type !== 'int' && field.type !== 'number') report(`${path}.unit`, `needs a number, not ${field.type}`);
    if (field.unit.trim() === '') report(`${path}.unit`, 'is empty');
    if (CJK.test(field.unit)) report(`${path}.unit`, `${quote(field.unit)} is not the same in both languages`);
  }
  if (field.range !== undefined) {
    if (field.type !== 'int' && field.type !== 'number') report(`${path}.range`, `needs a number, not ${field.type}`);
    if (!(field.range[0] < field.range[1])) report(`${path}.range`, `${quote(field.range)} is not ascending`);
  }
  if (field.format !== undefined && field.type !== 'string') report(`${path}.format`, 'needs type string');
  if (field.maxLength !== undefined) {
    if (field.type !== 'string') report(`${path}.maxLength`, 'needs type string');
    if (!(Number.isInteger(field.maxLength) && field.maxLength > 0))
      report(`${path}.maxLength`, 'is not a whole number above 0');
  }
  if (field.values !== undefined) {
    if (field.type !== 'string') report(`${path}.values`, `needs type string, not ${field.type}`);
    if (Object.keys(field.values).length === 0) report(`${path}.values`, 'is empty');
    for (const [value, title] of Object.entries(field.values))
      checkText(`${path}.values.${value}`, title, origin, report);
  }
  if (field.mask === undefined) {
    if (isPersonalField(layer, name)) report(`${path}.mask`, 'is missing: the name says that it holds personal data');
  } else if (field.mask === 'birth_date' ? field.type !== 'date' : field.type !== 'string') {
    report(`${path}.mask`, `${field.mask} does not fit type ${field.type}`);
  } else if (field.filterable === true && field.mask !== 'birth_date') {
    report(`${path}.filterable`, 'a masked value could be found out by filtering');
  }
}

function checkSource(layer: Layer, origin: Origin, report: Report): void {
  const { source } = layer;
  const isTabular = TABLES.includes(source.format);
  const fieldNames = Object.keys(layer.fields);
  if (origin === 'catalogue') {
    const expected = `${layer.department}/${layer.id}${EXTENSIONS[source.format]}`;
    if (source.file !== expected) report('source.file', `${quote(source.file)} should be ${quote(expected)}`);
  }
  if (!CRS.includes(source.crs)) report('source.crs', `${quote(source.crs)} is none of ${CRS.join(', ')}`);
  const isPicture = rasterFormats.some((format) => format === source.format);
  if (isPicture !== (layer.geometry === 'raster'))
    report('source.format', `${source.format} and ${layer.geometry} do not go together`);
  if (isTabular && (layer.geometry === 'line' || layer.geometry === 'polygon')) {
    report('source.format', `${source.format} cannot hold a ${layer.geometry}`);
  }
  const needsEncoding = source.format === 'csv' || source.format === 'shapefile';
  if (needsEncoding && source.encoding === undefined) report('source.encoding', `is missing for ${source.format}`);
  if (!needsEncoding && source.encoding === 'gb18030') report('source.encoding', `${source.format} is always UTF-8`);
  const mayBeTable = isTabular || EITHER.includes(source.format);
  if (source.coordinates !== undefined && !(mayBeTable && layer.geometry === 'point')) {
    report('source.coordinates', 'are for points in tables only');
  }
  if (source.url !== undefined && !/^https?:\/\/\S+$/.test(source.url)) {
    report('source.url', `${quote(source.url)} is no http or https address`);
  }
  if (isTabular && layer.geometry === 'point' && source.coordinates === undefined && layer.place === undefined) {
    report('source.coordinates', 'are missing, and there is no place either');
  }
  for (const name of Object.keys(source.columns ?? {})) {
    if (!fieldNames.includes(name)) report(`source.columns.${name}`, 'is no field');
  }
  const columns = sourceFields(layer).map((name) => source.columns?.[name] ?? name);
  if (source.coordinates !== undefined) columns.push(source.coordinates.x, source.coordinates.y);
  for (const [index, column] of columns.entries()) {
    if (column.trim() === '') report('source.columns', 'has an empty column name');
    if (columns.indexOf(column) !== index) report('source.columns', `${quote(column)} is used twice`);
    // A dBase field name has 10 bytes: 5 Chinese characters in GB 18030, 3 in UTF-8.
    const bytes = Array.from(column).reduce((sum, char) => sum + dbfBytes(char, source.encoding), 0);
    if (source.format === 'shapefile' && bytes > 10)
      report('source.columns', `${quote(column)} has more than 10 bytes`);
  }
}

function dbfBytes(char: string, encoding: 'utf-8' | 'gb18030' | undefined): number {
  if (char.codePointAt(0)! < 0x80) return 1;
  return encoding === 'gb18030' ? (CJK.test(char) && char.length === 1 ? 2 : 4) : new TextEncoder().encode(char).length;
}

function checkColors(path: string, colors: readonly string[], report: Report): boolean {
  let valid = true;
  for (const color of colors) {
    if (!isHexColor(color)) {
      report(path, `${quote(color)} is not a colour like #1a2b3c`);
      valid = false;
      continue;
    }
    for (const [severity, reserved] of Object.entries(SEVERITY_COLORS)) {
      if (colorDistance(color, reserved) < TOLD_APART.severity) {
        report(path, `${color} looks like the ${severity} of incident severity`);
      }
    }
  }
  return valid;
}

function checkSymbology(layer: Layer, report: Report): void {
  const { symbology } = layer;
  if (symbology.kind === 'none') {
    checkColors('symbology.color', [symbology.color], report);
    return;
  }
  const field = layer.fields[symbology.field];
  if (field === undefined) {
    report('symbology.field', `${quote(symbology.field)} is no field`);
    return;
  }
  if (layer.tiles !== undefined && !layer.tiles.fields.includes(symbology.field)) {
    report('symbology.field', `${quote(symbology.field)} is not in tiles.fields, so no map can draw it`);
  }
  if (symbology.kind === 'categorical') {
    if (Object.keys(symbology.colors).length === 0) report('symbology.colors', 'is empty');
    for (const value of Object.keys(symbology.colors)) {
      if (field.values?.[value] === undefined) {
        report('symbology.colors', `${quote(value)} is no declared value of ${symbology.field}`);
      }
    }
    const colors = [...Object.values(symbology.colors), symbology.other];
    if (!checkColors('symbology.colors', colors, report)) return;
    for (const [index, color] of colors.entries()) {
      for (const other of colors.slice(0, index)) {
        if (
          colorDistance(color, other) < TOLD_APART.normal ||
          colorDistance(color, other, 'deuteranopia') < TOLD_APART.deuteranopia
        ) {
          report('symbology.colors', `${other} and ${color} are hard to tell apart`);
        }
      }
    }
    return;
  }
  const { stops, colors, shaded } = symbology;
  if (shaded !== undefined && !(layer.geometry === 'raster' && shaded > 0))
    report('symbology.shaded', 'is a factor above 0, for rasters of heights');
  if (field.type !== 'int' && field.type !== 'number')
    report('symbology.field', `a ramp needs a number, not ${field.type}`);
  if (stops.length === 0) report('symbology.stops', 'is empty');
  if (colors.length !== stops.length + 1) {
    report('symbology.colors', `${stops.length} stops need ${stops.length + 1} colours, not ${colors.length}`);
  }
  if (stops.some((stop, index) => index > 0 && !(stops[index - 1]! < stop)))
    report('symbology.stops', 'are not ascending');
  const [low, high] = field.range ?? [-Infinity, Infinity];
  if (stops.some((stop) => stop < low || stop > high))
    report('symbology.stops', `leave the range of ${symbology.field}`);
  if (!checkColors('symbology.colors', colors, report)) return;
  const steps = colors.slice(1).map((color, index) => lightness(color) - lightness(colors[index]!));
  const isMonotone =
    steps.every((step) => step <= -TOLD_APART.rampStep) || steps.every((step) => step >= TOLD_APART.rampStep);
  if (!isMonotone) report('symbology.colors', 'do not run from light to dark: colour-blind readers see no order');
}

function checkLinks(layer: Layer, all: ReadonlyMap<string, Layer>, report: Report): void {
  const check = (path: string, fieldName: string, targetId: string): void => {
    const field = layer.fields[fieldName];
    const target = all.get(targetId);
    if (field === undefined) report(`${path}.field`, `${quote(fieldName)} is no field`);
    if (target === undefined) report(`${path}.layer`, `${quote(targetId)} is no layer`);
    if (field === undefined || target === undefined) return;
    if (target.geometry === 'raster') report(`${path}.layer`, `${quote(targetId)} is a raster and has no keys`);
    const key = target.fields[target.key];
    if (key === undefined) return;
    if (key.type !== field.type) report(path, `${fieldName} is ${field.type}, the key of ${targetId} is ${key.type}`);
    if (key.pattern !== field.pattern)
      report(path, `the patterns of ${fieldName} and of the key of ${targetId} differ`);
  };
  for (const [index, reference] of (layer.checks.references ?? []).entries()) {
    check(`checks.references.${index}`, reference.field, reference.layer);
    if (layer.place?.field === reference.field) {
      report(`checks.references.${index}`, 'is also the place: a row without a place stays, it is not rejected');
    }
  }
  if (layer.place === undefined) return;
  check('place', layer.place.field, layer.place.layer);
  const chain = new Set([layer.id]);
  for (let at = all.get(layer.place.layer); at !== undefined; at = all.get(at.place?.layer ?? '')) {
    if (chain.has(at.id)) {
      report('place', `goes round in a circle: ${[...chain, at.id].join(' -> ')}`);
      return;
    }
    chain.add(at.id);
  }
}

/** Fields that checks name must exist and be of a type that fits. */
function checkChecks(layer: Layer, report: Report): void {
  const isTime = (name: string): boolean => ['date', 'datetime'].includes(layer.fields[name]?.type ?? '');
  for (const [index, [first, second]] of (layer.checks.order ?? []).entries()) {
    for (const name of second === 'today' ? [first] : [first, second]) {
      if (!isTime(name)) report(`checks.order.${index}`, `${quote(name)} is no date`);
    }
    if (first === second) report(`checks.order.${index}`, 'compares a field with itself');
  }
  const { timestamp } = layer.source;
  if (timestamp !== undefined && !isTime(timestamp)) report('source.timestamp', `${quote(timestamp)} is no date`);
  if (layer.checks.distinctShapes === true && layer.geometry !== 'polygon' && layer.geometry !== 'line')
    report('checks.distinctShapes', 'is for lines and polygons: points may well lie on each other');
  const { change } = layer.checks;
  if (change !== undefined && !(change > 0)) report('checks.change', `${change} is not above 0`);
  if (layer.address !== undefined && layer.fields[layer.address]?.type !== 'string')
    report('address', `${quote(layer.address)} is no text`);
}

/** Readings of numbers, of features that anybody who sees the layer may see in full. */
function checkSeries(layer: Layer, report: Report): void {
  const { series } = layer;
  if (series === undefined) return;
  if (layer.geometry === 'raster') report('series', 'is of features, which a raster does not have');
  if (
    !series.file.startsWith(`${layer.department}/`) ||
    !series.file.endsWith('.csv') ||
    series.file === layer.source.file
  )
    report('series.file', `${quote(series.file)} is no CSV file of its own in the folder of the department`);
  if (layer.fields[series.time]?.type !== 'datetime') report('series.time', `${quote(series.time)} is no time`);
  if (series.values.length < 1 || series.values.length > 6) report('series.values', 'are one to six');
  for (const [index, name] of series.values.entries()) {
    if (!['int', 'number'].includes(layer.fields[name]?.type ?? ''))
      report('series.values', `${quote(name)} is no number`);
    if (layer.fields[name]?.mask !== undefined) report('series.values', `${quote(name)} is masked`);
    if (series.values.indexOf(name) !== index) report('series.values', `${quote(name)} is named twice`);
  }
  if (!(Number.isInteger(series.stepMinutes) && series.stepMinutes > 0))
    report('series.stepMinutes', `${series.stepMinutes} is no number of minutes`);
  if (layer.sensitivity === 'personal' || layer.fields[layer.key]?.mask !== undefined)
    report('series', 'would follow a person: not of personal layers, nor where the key is masked');
}

/** What is measured and sent by itself is a number of the layer, and of nobody. */
function checkSensor(layer: Layer, report: Report): void {
  const { sensor, moving, series } = layer;
  if (sensor !== undefined) {
    if (layer.geometry === 'raster') report('sensor', 'is of features, which a raster does not have');
    if (layer.cadence !== 'realtime') report('sensor', 'is of live layers: `cadence: realtime`');
    if (sensor.metrics.length < 1 || sensor.metrics.length > 12) report('sensor.metrics', 'are one to twelve');
    for (const [index, name] of sensor.metrics.entries()) {
      const field = Object.hasOwn(layer.fields, name) ? layer.fields[name] : undefined;
      if (!['int', 'number'].includes(field?.type ?? '')) report('sensor.metrics', `${quote(name)} is no number`);
      if (field?.range === undefined) report('sensor.metrics', `${quote(name)} has no range to be checked by`);
      if (field?.mask !== undefined) report('sensor.metrics', `${quote(name)} is masked`);
      if (sensor.metrics.indexOf(name) !== index) report('sensor.metrics', `${quote(name)} is named twice`);
    }
    for (const name of series?.values ?? []) {
      if (!sensor.metrics.includes(name)) report('sensor.metrics', `${quote(name)} of the series is missing`);
    }
    if (!(Number.isInteger(sensor.everyMinutes) && sensor.everyMinutes > 0))
      report('sensor.everyMinutes', `${sensor.everyMinutes} is no number of minutes`);
    if (layer.sensitivity === 'personal' || layer.fields[layer.key]?.mask !== undefined)
      report('sensor', 'would follow a person: not of personal layers, nor where the key is masked');
  }
  if (moving !== undefined) {
    if (layer.geometry !== 'point') report('moving', 'is of points');
    if (moving.speed !== undefined && layer.fields[moving.speed]?.range === undefined)
      report('moving.speed', `${quote(moving.speed)} is no number with a range`);
    if (!(moving.everySeconds > 0)) report('moving.everySeconds', `${moving.everySeconds} is no number of seconds`);
  }
}

/** Few values, known beforehand. */
function canBeTold({ filterable, values, type }: Field): boolean {
  return filterable === true && (values !== undefined || type === 'bool');
}

/** What the reports of areas and the finding of routes rely on. */
function checkAnalysis(layer: Layer, report: Report): void {
  const need = (path: string, name: string | undefined, fits: (field: Field) => boolean, what: string): void => {
    if (name === undefined) return;
    const field = Object.hasOwn(layer.fields, name) ? layer.fields[name] : undefined;
    if (field === undefined) report(path, `${quote(name)} is no field`);
    else if (!fits(field)) report(path, `${quote(name)} is not ${what}`);
  };
  const told = layer.report === false ? undefined : layer.report;
  for (const [index, name] of (told?.by ?? []).entries()) {
    need(`report.by.${index}`, name, canBeTold, 'filterable with declared values');
  }
  need(
    'report.ages',
    told?.ages,
    ({ type, filterable }) => type === 'date' && filterable === true,
    'a filterable date',
  );
  need('report.where.field', told?.where?.field, ({ filterable }) => filterable === true, 'filterable');
  if (told?.section === 'network' && layer.geometry !== 'line') report('report.section', 'network needs lines');
  if (told?.section === 'land' && layer.geometry !== 'polygon') report('report.section', 'land needs polygons');
  const { travel } = layer;
  if (travel === undefined) return;
  if (layer.geometry !== 'line') report('travel', 'needs lines');
  need('travel.class', travel.class, ({ values }) => values !== undefined, 'a field with declared values');
  need('travel.oneway', travel.oneway, ({ type }) => type === 'bool', 'true or false');
  need('travel.limit', travel.limit, ({ type }) => type === 'int' || type === 'number', 'a number');
  for (const mode of ['drive', 'walk'] as const) {
    for (const [value, speed] of Object.entries(travel.speeds[mode])) {
      if (layer.fields[travel.class]?.values?.[value] === undefined) {
        report(`travel.speeds.${mode}`, `${quote(value)} is no declared value of ${travel.class}`);
      }
      if (!(speed > 0 && speed <= 200)) report(`travel.speeds.${mode}.${value}`, 'is not a speed in km/h');
    }
  }
}

type TileRules = NonNullable<Layer['tiles']>;

function checkTiles(layer: Layer, report: Report): void {
  if (layer.tiles === undefined) return;
  const { minzoom, maxzoom, fields } = layer.tiles;
  const areZooms = [minzoom, maxzoom].every((zoom) => Number.isInteger(zoom) && zoom >= 0 && zoom <= 22);
  if (!areZooms || minzoom > maxzoom) report('tiles', `zooms ${minzoom}-${maxzoom} are not within 0-22, ascending`);
  for (const [index, name] of fields.entries()) {
    if (layer.fields[name] === undefined) report('tiles.fields', `${quote(name)} is no field`);
    else if (layer.fields[name].mask !== undefined)
      report('tiles.fields', `${quote(name)} is masked and stays out of tiles`);
    if (fields.indexOf(name) !== index) report('tiles.fields', `${quote(name)} is named twice`);
  }
  if (layer.tiles.detail !== undefined) checkDetail(layer, layer.tiles.detail, report);
}

function checkDetail(layer: Layer, { field, from }: NonNullable<TileRules['detail']>, report: Report): void {
  const values = layer.fields[field]?.values;
  if (values === undefined) report('tiles.detail', `${quote(field)} is no field with values`);
  for (const [value, zoom] of Object.entries(from)) {
    if (values !== undefined && values[value] === undefined)
      report('tiles.detail', `${quote(value)} is no value of ${field}`);
    const { minzoom, maxzoom } = layer.tiles as TileRules;
    // From the last zoom on tiles are stretched: what is missing there is never seen.
    if (!(zoom > minzoom && zoom <= maxzoom))
      report('tiles.detail', `${value} from zoom ${zoom} is not within the zooms of the tiles`);
  }
}

/** Every problem of one definition that types cannot say, as `<layer>: <path>: <message>`. `all` holds the layers it may point at. */
export function checkLayer(layer: Layer, all: ReadonlyMap<string, Layer>, origin: Origin): string[] {
  const problems: string[] = [];
  const report: Report = (path, message) => problems.push(`${layer.id}: ${path}: ${message}`);

  const idProblem = nameProblem(layer.id);
  if (idProblem !== undefined) report('id', idProblem);
  checkText('title', layer.title, origin, report);
  if (departments[layer.department] === undefined) report('department', `${quote(layer.department)} is no department`);
  if (classes[layer.class] === undefined) report('class', `${quote(layer.class)} is no class`);
  else if (classes[layer.class]?.subclasses[layer.subclass] === undefined) {
    report('subclass', `${quote(layer.subclass)} is no subclass of ${layer.class}`);
  }

  for (const [name, field] of Object.entries(layer.fields)) checkField(layer, name, field, origin, report);
  const key = layer.fields[layer.key];
  if (key === undefined) report('key', `${quote(layer.key)} is no field`);
  else {
    if (key.required !== true) report('key', `${quote(layer.key)} must be required`);
    if (key.type !== 'string' && key.type !== 'int') report('key', `must be a string or an int, not ${key.type}`);
  }
  if (layer.label !== undefined && layer.fields[layer.label] === undefined)
    report('label', `${quote(layer.label)} is no field`);
  for (const name of layer.search ?? []) {
    const field = layer.fields[name];
    if (field === undefined) report('search', `${quote(name)} is no field`);
    else if (field.type !== 'string') report('search', `${name} must be a string, not ${field.type}`);
    else if (field.mask !== undefined && layer.sensitivity !== 'personal') {
      report('search', `${name} has a mask, and would be told by searching`);
    }
  }

  checkSource(layer, origin, report);
  checkTiles(layer, report);
  checkSeries(layer, report);
  checkSensor(layer, report);
  checkAnalysis(layer, report);
  checkSymbology(layer, report);
  checkLinks(layer, all, report);
  checkChecks(layer, report);

  const [least, most] = layer.checks.rows;
  if (![least, most].every(Number.isInteger) || least < 0 || least > most || most > MOST_ROWS || most === 0) {
    report('checks.rows', `${quote(layer.checks.rows)} is not a sane range`);
  }
  for (const name of layer.checks.unique ?? []) {
    if (layer.fields[name] === undefined) report('checks.unique', `${quote(name)} is no field`);
    if (name === layer.key) report('checks.unique', 'the key is unique anyway');
  }
  if (!(layer.freshnessHours > 0)) report('freshnessHours', `${layer.freshnessHours} is not above 0`);
  else if (layer.freshnessHours > LONGEST_FRESHNESS[layer.cadence]) {
    report('freshnessHours', `${layer.freshnessHours} is too long for a ${layer.cadence} layer`);
  }
  return problems;
}
