import { randomUUID } from 'node:crypto';
import { capMessage } from './cap-message.ts';
import { HERE, run } from './intake-data.ts';

/** A message that must be refused, and what the refusal must name (one of these). */
export interface MalformedMessage {
  path: string;
  type: string;
  headers?: Record<string, string>;
  body: Uint8Array<ArrayBuffer>;
  names: readonly string[];
  /** Said when it is taken after all. */
  what: string;
}

type Value = string | number | boolean | null | object;
interface Fault {
  name: string;
  /** JSON text in place of the value; undefined takes the member away. */
  json: string | undefined;
}

/** Numbers that come again: the same messages on every run. */
export function randomSequence(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const LONG = 'x'.repeat(5000);
const DEEP = `${'['.repeat(3000)}${']'.repeat(3000)}`;

/** What can be wrong with any value, whatever its type: these are refused for every field. */
const ANY: readonly Fault[] = [
  { name: 'an object', json: '{"a":1}' },
  { name: 'a list', json: '[1,2]' },
  { name: 'true', json: 'true' },
  { name: 'a deep list', json: DEEP },
  { name: 'a deep object', json: `${'{"a":'.repeat(400)}1${'}'.repeat(400)}` },
];
const MISSING: Fault = { name: 'missing', json: undefined };
const NULL: Fault = { name: 'null', json: 'null' };
const TEXT: readonly Fault[] = [
  ...ANY,
  NULL,
  { name: 'a number', json: '7' },
  { name: 'empty', json: '""' },
  { name: 'U+0000', json: '"a\\u0000b"' },
  { name: 'a control character', json: '"a\\u0007b"' },
  { name: 'half of a surrogate pair', json: '"a\\ud842"' },
  { name: 'the other half', json: '"\\udfb7a"' },
  { name: 'endless', json: JSON.stringify(LONG) },
];
const NUMBER: readonly Fault[] = [
  ...ANY,
  NULL,
  { name: 'a text', json: '"23.1"' },
  { name: 'infinite', json: '1e400' },
  { name: 'negative infinite', json: '-1e400' },
  { name: 'out of range', json: '1e9' },
];
const TIME: readonly Fault[] = [
  ...TEXT,
  { name: 'without zone', json: '"2026-11-22T08:00:00"' },
  { name: 'a day that does not exist', json: '"2026-02-30T08:00:00Z"' },
  { name: 'far future', json: '"2999-01-01T00:00:00Z"' },
  { name: 'tomorrow', json: JSON.stringify(new Date(Date.now() + 86_400_000).toISOString()) },
  { name: 'before all', json: '"1969-12-31T23:59:59Z"' },
  { name: 'a Chinese time', json: '"2026年11月22日 8时"' },
];
const CODE: readonly Fault[] = [
  ...TEXT,
  { name: 'no code', json: '"99999"' },
  { name: 'a code of 2013 that is not said to be one', json: '"0110"' },
  { name: 'a gap of the standard', json: '"06031"' },
  { name: 'the name of a method', json: '"constructor"' },
];
const LON: readonly Fault[] = [
  ...NUMBER,
  { name: 'the next district', json: '112.5' },
  { name: 'latitude', json: '23.005' },
];
const LAT: readonly Fault[] = [
  ...NUMBER,
  { name: 'another country', json: '51.5' },
  { name: 'longitude', json: '113.105' },
];

/** Faults of each field of an incident in the project's own words. */
const FIELDS: Readonly<Record<string, readonly Fault[]>> = {
  key: [...TEXT, MISSING],
  source: [...TEXT, MISSING],
  category: [...CODE, MISSING],
  title: [...TEXT, MISSING],
  severity: [
    ...NUMBER,
    MISSING,
    { name: 'a half', json: '2.5' },
    { name: 'below', json: '-1' },
    { name: 'above', json: '5' },
  ],
  lon: [...LON, MISSING],
  lat: [...LAT, MISSING],
  occurredAt: [...TIME, MISSING],
  crs: [...TEXT, { name: 'unknown', json: '"EPSG:4547"' }],
  standard: [...TEXT, { name: 'unknown', json: '"1998"' }],
  address: TEXT,
  description: TEXT.filter(({ name }) => name !== 'a control character'),
  reporter: [
    ...ANY,
    NULL,
    { name: 'a phone that is none', json: '{"phone":"ring me"}' },
    { name: 'an address that is none', json: '{"email":"x"}' },
  ],
};

const utf8 = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text, 'utf8'));

/** JSON of an object with one member as it should not be. */
function withFault(good: Readonly<Record<string, Value>>, field: string, { json }: Fault): string {
  const members = Object.entries({ ...good, [field]: good[field] ?? null }).flatMap(([name, value]) => {
    const text = name === field ? json : JSON.stringify(value);
    return text === undefined ? [] : [`${JSON.stringify(name)}:${text}`];
  });
  return `{${members.join(',')}}`;
}

let made = 0;
const own = (): Record<string, Value> => ({
  key: `bad-${run}-${(made += 1)}`,
  source: `bad-${run}`,
  category: '06010',
  title: '暴露垃圾',
  severity: 0,
  ...HERE,
  occurredAt: '2026-11-22T08:00:00+08:00',
});

/** Ways to break the bytes of any JSON message as a whole. */
const ENCODINGS: readonly [string, (text: string) => Uint8Array<ArrayBuffer>][] = [
  [
    'GBK',
    (text) =>
      new Uint8Array(
        Buffer.concat([
          Buffer.from(text.slice(0, -1)),
          Buffer.from(',"x":"'),
          Buffer.from([0xb1, 0xa9, 0xc2, 0xb6]),
          Buffer.from('"}'),
        ]),
      ),
  ],
  ['UTF-16', (text) => new Uint8Array(Buffer.from(`\ufeff${text}`, 'utf16le'))],
  ['UTF-16 without a mark', (text) => new Uint8Array(Buffer.from(text, 'utf16le'))],
  [
    'CESU-8',
    (text) =>
      new Uint8Array(
        Buffer.concat([
          Buffer.from(text.slice(0, -1)),
          Buffer.from(',"x":"'),
          Buffer.from([0xed, 0xa1, 0x82]),
          Buffer.from('"}'),
        ]),
      ),
  ],
  [
    'Latin-1',
    (text) =>
      new Uint8Array(
        Buffer.concat([Buffer.from(text.slice(0, -1)), Buffer.from(',"x":"'), Buffer.from([0xe9]), Buffer.from('"}')]),
      ),
  ],
  ['cut off', (text) => utf8(text.slice(0, Math.floor(text.length / 2)))],
  ['NaN', (text) => utf8(text.replace(/"(lon|lat)":[\d.]+/, '"$1":NaN'))],
  ['a comment', (text) => utf8(`/* */${text}`)],
  ['single quotes', (text) => utf8(text.replaceAll('"', "'"))],
  ['a comma too many', (text) => utf8(text.replace(/\}$/, ',}'))],
  ['two messages', (text) => utf8(text + text)],
  ['endless depth', (text) => utf8(`{"x":${'['.repeat(20_000)}${text}`)],
];

/** The same member twice, written in the same or another way. */
function twice(text: string, field: string, random: () => number): string {
  const spelt = random() < 0.5 ? field : `\\u${field.charCodeAt(0).toString(16).padStart(4, '0')}${field.slice(1)}`;
  return text.replace(/\}$/, `,"${spelt}":1}`);
}

function pick<T>(list: readonly T[], random: () => number): T {
  return list[Math.floor(random() * list.length)] as T;
}

/** A faulty field and what is wrong with it. */
function pickFault(fields: Readonly<Record<string, readonly Fault[]>>, random: () => number): [string, Fault] {
  const field = pick(Object.keys(fields), random);
  return [field, pick(fields[field] ?? [], random)];
}

/** A place that is none of ours is told by its longitude, whichever is wrong. */
const placeNames = (field: string): readonly string[] => (field === 'lat' ? ['lat', 'lon'] : [field]);

const JSON_TYPE = 'application/json';
/** As long as those that clients make. */
const BOUNDARY = '----formdata-test-053218793640';

/** A JSON message broken as a whole or with a member twice, or with one bad field. */
function jsonMessage(options: {
  path: string;
  type: string;
  good: Readonly<Record<string, Value>>;
  fields: Readonly<Record<string, readonly Fault[]>>;
  rename?: (field: string) => readonly string[];
  random: () => number;
}): MalformedMessage {
  const { path, type, good, fields, rename = (field) => placeNames(field), random } = options;
  const dice = random();
  if (dice < 0.15) {
    const [name, encode] = pick(ENCODINGS, random);
    return { path, type, body: encode(JSON.stringify(good)), names: ['body', 'json', 'x'], what: name };
  }
  if (dice < 0.25) {
    const field = pick(Object.keys(good), random);
    return {
      path,
      type,
      body: utf8(twice(JSON.stringify(good), field, random)),
      names: [field],
      what: `${field} twice`,
    };
  }
  if (dice < 0.3) {
    // CloudEvents take names of lower-case letters as extensions.
    const unknown = type.includes('cloudevents') ? ['a_b', '__proto__', 'Colour'] : ['colour', 'constructor', ''];
    const name = pick([...unknown, '类别'], random);
    const body = JSON.stringify(good).replace(/\}$/, `,${JSON.stringify(name)}:1}`);
    return {
      path,
      type,
      body: utf8(body),
      names: name === '' ? ['', 'json', 'incident', 'body'] : [name],
      what: `unknown member ${name}`,
    };
  }
  const [field, fault] = pickFault(fields, random);
  return {
    path,
    type,
    body: utf8(withFault(good, field, fault)),
    names: rename(field),
    what: `${field}: ${fault.name}`,
  };
}

/** Lone numbers, lists and texts in place of a message. */
const NO_MESSAGES = ['null', '7', '"incident"', '[]', 'true', '', ' ', '{}', '[[]]'] as const;

const single = (random: () => number): MalformedMessage => {
  if (random() < 0.03) {
    return {
      path: '/api/incidents',
      type: JSON_TYPE,
      body: utf8(pick(NO_MESSAGES, random)),
      names: ['json', 'key', 'body'],
      what: 'no message',
    };
  }
  return jsonMessage({ path: '/api/incidents', type: JSON_TYPE, good: own(), fields: FIELDS, random });
};

const report = (random: () => number): MalformedMessage => {
  const { category, lon, lat, reporter } = FIELDS as Required<Record<string, readonly Fault[]>>;
  return jsonMessage({
    path: '/api/reports',
    type: JSON_TYPE,
    good: { id: randomUUID(), category: '06010', ...HERE, description: '垃圾' },
    fields: {
      id: [...TEXT, MISSING, { name: 'no UUID', json: '"7"' }],
      category: [...(category ?? [])],
      lon: [...(lon ?? [])],
      lat: [...(lat ?? [])],
      description: FIELDS['description'] ?? [],
      reporter: reporter ?? [],
      at: [...ANY, NULL, { name: 'no time', json: '"soon"' }, { name: 'before all', json: '"1900-01-01T00:00:00Z"' }],
      severity: [...NUMBER, { name: 'a half', json: '0.5' }],
    },
    random,
  });
};

const event = (random: () => number): MalformedMessage => {
  const { key: id, source, occurredAt: _time, ...data } = own();
  const good = {
    specversion: '1.0',
    id: id ?? '',
    source: `/bad/${String(source)}`,
    type: 'cn.chancheng.incident.reported',
    time: '2026-11-22T08:00:00+08:00',
    data: data as object,
  };
  const path = '/api/intake/cloudevents';
  const dice = random();
  if (dice < 0.45) {
    const { key: _key, source: _source, occurredAt: _at, title: _title, ...inner } = FIELDS;
    const [field, fault] = pickFault({ ...inner, title: TEXT }, random);
    const body = JSON.stringify({ ...good, data: 0 }).replace(
      '"data":0',
      `"data":${withFault(data as Record<string, Value>, field, fault)}`,
    );
    return {
      path,
      type: 'application/cloudevents+json',
      body: utf8(body),
      names: [...placeNames(field).map((name) => `data.${name}`), 'data'],
      what: `data.${field}: ${fault.name}`,
    };
  }
  if (dice < 0.65) {
    const [name, value] = pick(
      [
        ['ce-specversion', '0.3'],
        ['ce-specversion', ''],
        ['ce-id', ''],
        ['ce-source', 'a b'],
        ['ce-source', '%zz'],
        ['ce-type', 'cn.chancheng.reading'],
        ['ce-time', 'yesterday'],
        ['ce-time', '2026-11-22T08:00:00'],
        ['ce-subject', '%E6%9A'],
        ['ce-wrong_name', 'x'],
      ] as const,
      random,
    );
    const headers = {
      'ce-specversion': '1.0',
      'ce-id': String(id),
      'ce-source': '/bad',
      'ce-type': 'x.incident.reported',
      'ce-time': '2026-11-22T08:00:00Z',
      [name]: value,
    };
    return {
      path,
      type: JSON_TYPE,
      headers,
      body: utf8(JSON.stringify(data)),
      names: [name],
      what: `${name}: ${value}`,
    };
  }
  return jsonMessage({
    path,
    type: 'application/cloudevents+json',
    good,
    fields: {
      specversion: [...TEXT, MISSING, { name: 'an old version', json: '"0.3"' }],
      id: [...TEXT.filter(({ name }) => !name.includes('control')), MISSING],
      source: [...TEXT, MISSING, { name: 'no URI', json: '"a b"' }],
      type: [...TEXT, MISSING, { name: 'another type', json: '"cn.chancheng.reading"' }],
      time: [
        ...TIME.filter(({ name }) => !/tomorrow|future|before/.test(name)),
        ...TIME.filter(({ name }) => /tomorrow|future|before/.test(name)),
      ],
      data: [
        MISSING,
        NULL,
        { name: 'a text', json: '"x"' },
        { name: 'a list', json: '[]' },
        { name: 'deep', json: DEEP },
      ],
      datacontenttype: [{ name: 'XML', json: '"application/xml"' }, ...ANY],
    },
    rename: (field) => [field, ...(field === 'time' ? ['data.occurredAt'] : []), ...(field === 'id' ? ['key'] : [])],
    random,
  });
};

const open311 = (random: () => number): MalformedMessage => {
  const good: Record<string, string> = {
    service_code: '06010',
    lat: String(HERE.lat),
    long: String(HERE.lon),
    description: 'x',
  };
  const path = `/open311/v2/requests.${random() < 0.5 ? 'json' : 'xml'}`;
  const [field, value] = pick(
    [
      ['service_code', ''],
      ['service_code', '99999'],
      ['service_code', LONG],
      ['lat', ''],
      ['lat', 'NaN'],
      ['lat', '1e2'],
      ['lat', '95'],
      ['lat', 'Infinity'],
      ['long', ''],
      ['long', '113,1'],
      ['long', '181'],
      ['long', '112.5'],
      ['long', '0x71'],
      ['description', LONG],
      ['description', 'a\u0007b'],
      ['email', 'nobody'],
      ['phone', 'ring'],
      ['first_name', 'x'.repeat(61)],
      ['address_string', 'x'.repeat(201)],
      ['media_url', LONG],
      ['jurisdiction_id', '110000'],
      ['api_key', 'unknown'],
    ] as const,
    random,
  );
  const bad = { ...good, [field]: value };
  const names =
    field === 'service_code' && value === ''
      ? ['service_code']
      : [field, ...(field === 'lat' || field === 'long' ? ['lat', 'long'] : [])];
  const what = `${field}: ${value.slice(0, 20)}`;
  const dice = random();
  if (dice < 0.35) {
    return {
      path,
      type: 'application/x-www-form-urlencoded',
      body: utf8(new URLSearchParams(bad).toString()),
      names,
      what,
    };
  }
  if (dice < 0.55) return { path, type: JSON_TYPE, body: utf8(JSON.stringify(bad)), names, what };
  if (dice < 0.7) {
    const elements = Object.entries(bad).map(([name, text]) => `<${name}>${text.replaceAll(/\p{Cc}/gu, '')}</${name}>`);
    // XML cannot hold a control character at all.
    if (value.includes('\u0007'))
      return {
        path,
        type: 'text/xml',
        body: utf8(`<request><description>${value}</description></request>`),
        names: ['body'],
        what,
      };
    return { path, type: 'text/xml', body: utf8(`<request>${elements.join('')}</request>`), names, what };
  }
  if (dice < 0.8) {
    const parts = Object.entries(bad).map(
      ([name, text]) => `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${text}\r\n`,
    );
    return {
      path,
      type: `multipart/form-data; boundary=${BOUNDARY}`,
      body: utf8(`${parts.join('')}--${BOUNDARY}--\r\n`),
      names,
      what,
    };
  }
  const form = new URLSearchParams(good).toString();
  const [name, type, body, named] = pick(
    [
      ['GBK', 'application/x-www-form-urlencoded', utf8(`${form}&email=%B1%A9`), 'email'],
      [
        'raw GBK',
        'application/x-www-form-urlencoded',
        new Uint8Array(Buffer.concat([Buffer.from(`${form}&x=`), Buffer.from([0xb1, 0xa9])])),
        'body',
      ],
      ['a charset', 'application/x-www-form-urlencoded; charset=GBK', utf8(form), 'Content-Type'],
      ['a field twice', 'application/x-www-form-urlencoded', utf8(`${form}&lat=1`), 'lat'],
      ['no form', `multipart/form-data; boundary=${BOUNDARY}`, utf8('nothing'), 'body'],
      ['a picture', 'image/png', utf8('x'), 'Content-Type'],
      ['no XML', 'text/xml', utf8('<request><lat>'), 'body'],
      [
        'an entity',
        'text/xml',
        utf8('<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><request>&x;</request>'),
        'DOCTYPE',
      ],
      ['no JSON', JSON_TYPE, utf8('{"lat":NaN}'), 'body'],
      ['a list in JSON', JSON_TYPE, utf8('[1,2]'), 'body'],
      ['a member twice', JSON_TYPE, utf8('{"lat":1,"lat":2}'), 'lat'],
      ['an object in JSON', JSON_TYPE, utf8('{"lat":{"x":1}}'), 'lat'],
      ['endless', 'application/x-www-form-urlencoded', utf8(`x=${'y'.repeat(300_000)}`), 'body'],
    ] as const,
    random,
  );
  return { path, type, body, names: [named], what: name };
};

const cap = (random: () => number): MalformedMessage => {
  const identifier = `bad-${run}-${(made += 1)}`;
  const path = '/api/intake/cap';
  const type = 'application/cap+xml';
  const [part, field, value] = pick(
    [
      ['head', 'identifier', null],
      ['head', 'identifier', 'a b'],
      ['head', 'identifier', 'x'.repeat(201)],
      ['head', 'sender', ''],
      ['head', 'sent', '2999-01-01T00:00:00+08:00'],
      ['head', 'sent', '2026-11-22T08:00:00Z'],
      ['head', 'sent', 'now'],
      ['head', 'status', 'urgent'],
      ['head', 'msgType', 'Warn'],
      ['head', 'scope', 'Everybody'],
      ['head', 'scope', null],
      ['info', 'language', '中文'],
      ['info', 'category', '气象'],
      ['info', 'urgency', 'Now'],
      ['info', 'severity', '2'],
      ['info', 'severity', null],
      ['info', 'certainty', 'Sure'],
      ['info', 'headline', LONG],
      ['info', 'expires', '2001-01-01T00:00:00+08:00'],
      ['info', 'expires', 'never'],
      ['info', 'event', null],
      ['area', 'areaDesc', null],
      ['area', 'polygon', '0,0 0,1 1,1 0,0'],
      ['area', 'polygon', 'NaN,NaN NaN,NaN NaN,NaN NaN,NaN'],
      ['area', 'polygon', '113.1,23.0 113.1,23.1 113.0,23.1 113.1,23.0'],
      ['area', 'polygon', '23,113 23.1,113'],
      ['area', 'polygon', '23,113;23.1,113;23.1,113.1;23,113'],
    ] as const,
    random,
  );
  const text = capMessage(identifier, { [part]: { [field]: value } });
  const dice = random();
  if (dice < 0.8) {
    const names = field === 'polygon' ? ['polygon', 'area'] : [field];
    return { path, type, body: utf8(text), names, what: `${field}: ${String(value).slice(0, 30)}` };
  }
  const good = capMessage(identifier);
  const [name, body, named] = pick(
    [
      ['UTF-16', new Uint8Array(Buffer.from(good, 'utf16le')), ['body']],
      [
        'GBK',
        new Uint8Array(
          Buffer.concat([Buffer.from(good.slice(0, 200)), Buffer.from([0xb1, 0xa9]), Buffer.from(good.slice(200))]),
        ),
        ['body'],
      ],
      ['cut off', utf8(good.slice(0, good.length / 2)), ['body']],
      ['another namespace', utf8(good.replace('cap:1.2', 'cap:1.1')), ['alert']],
      [
        'an entity bomb',
        utf8(good.replace('?>', '?><!DOCTYPE alert [<!ENTITY a "aa"><!ENTITY b "&a;&a;&a;">]>')),
        ['DOCTYPE'],
      ],
      ['depth', utf8(good.replace('</alert>', `${'<x>'.repeat(500)}${'</x>'.repeat(500)}</alert>`)), ['body', 'x']],
      ['no text', utf8('  '), ['body']],
    ] as const,
    random,
  );
  return { path, type, body, names: named, what: name };
};

const MAKERS = [single, single, report, event, event, open311, open311, cap] as const;

/** So many messages over all formats, each with one fault; the same for the same seed but for their keys. */
export function malformedMessages(count: number, seed: number): MalformedMessage[] {
  const random = randomSequence(seed);
  return Array.from({ length: count }, (_, index) => (MAKERS[index % MAKERS.length] ?? single)(random));
}

/** Incidents for a batch, one of them as it should be: what is wrong with the others is named by the same fields. */
export function batchWithNeighbours(seed: number): { incidents: string[]; names: (readonly string[] | null)[] } {
  const random = randomSequence(seed);
  const incidents: string[] = [];
  const names: (readonly string[] | null)[] = [];
  for (let i = 0; i < 20; i++) {
    const good = own();
    if (i % 5 === 2) {
      incidents.push(JSON.stringify(good));
      names.push(null);
      continue;
    }
    // What is wrong with the JSON as a whole would be wrong with the batch.
    const [field, fault] = pickFault(FIELDS, random);
    const isDeep = fault.name.startsWith('a deep');
    incidents.push(isDeep ? withFault(good, 'lon', { name: '', json: '"x"' }) : withFault(good, field, fault));
    names.push(placeNames(isDeep ? 'lon' : field));
  }
  return { incidents, names };
}
