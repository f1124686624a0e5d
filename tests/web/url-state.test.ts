import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  INDICATOR_DIMENSIONS,
  INDICATOR_PERIODS,
  INDICATOR_SETS,
  PANELS,
  emptyState,
  formatUrlState,
  parseUrlState,
  TOOLS,
  type UrlState,
} from '../../web/url-state.ts';
import { filterTree } from './filter-tree.ts';

const layerId = fc.stringMatching(/^[a-z][a-z0-9_]{0,20}$/);
const camera = fc.record({
  lng: fc.integer({ min: -18_000_000, max: 18_000_000 }).map((value) => value / 1e5),
  lat: fc.integer({ min: -8_500_000, max: 8_500_000 }).map((value) => value / 1e5),
  zoom: fc.integer({ min: 0, max: 2400 }).map((value) => value / 100),
  pitch: fc.integer({ min: 0, max: 85 }),
  bearing: fc.integer({ min: -180, max: 180 }),
});
const place = fc.tuple(
  fc.integer({ min: -180_000_000, max: 180_000_000 }).map((value) => value / 1e6),
  fc.integer({ min: -85_000_000, max: 85_000_000 }).map((value) => value / 1e6),
);
const pictureTime = fc.constantFrom('2006', '2026-03-01', '2026-11-01T06:10:00+08:00');
const state: fc.Arbitrary<UrlState> = fc.record({
  lang: fc.constantFrom('zh', 'en'),
  camera: fc.option(camera),
  layers: fc.uniqueArray(
    fc.record({ id: layerId, opacity: fc.integer({ min: 10, max: 100 }).map((value) => value / 100) }),
    { maxLength: 5, selector: ({ id }) => id },
  ),
  selection: fc.option(
    fc.oneof(
      fc.record({ kind: fc.constant('incident' as const), id: fc.integer({ min: 1 }) }),
      fc.record({ kind: fc.constant('cell' as const), code: fc.stringMatching(/^440604[0-9]{6}(W[0-9]{3})?$/) }),
      fc.record({
        kind: fc.constant('feature' as const),
        layer: layerId,
        fid: fc.bigInt({ min: 0n, max: 2n ** 52n }).map(String),
      }),
    ),
  ),
  hexagons: fc.option(fc.record({ layer: layerId, res: fc.option(fc.integer({ min: 5, max: 12 })) })),
  areas: fc.option(fc.record({ layer: layerId, by: fc.constantFrom('grid', 'community', 'town') })),
  filters: fc.dictionary(layerId, filterTree, { maxKeys: 3, noNullPrototype: true }),
  times: fc.dictionary(layerId, pictureTime, { maxKeys: 3, noNullPrototype: true }),
  swipe: fc.option(fc.record({ layer: layerId, time: pictureTime })),
  asOf: fc.option(fc.constantFrom('2026-03-01', '2024-02-29', '1999-12-31')),
  diff: fc.option(fc.record({ layer: layerId, from: fc.option(fc.integer({ min: 1, max: 999_999_999 })) })),
  focus: fc.option(layerId),
  metric: fc.option(fc.constantFrom('share', 'avg:floors', 'distinct:usage')),
  cross: fc.option(
    fc.record({
      by: fc.constantFrom('birth_date:age', 'floors:1,5.5,-3', 'usage'),
      by2: fc.option(fc.constantFrom('sex', 'established_on:month')),
    }),
  ),
  table: fc.option(
    fc.record({
      layer: layerId,
      sort: fc.option(fc.constantFrom('name', '-floors')),
      columns: fc.option(fc.uniqueArray(layerId, { minLength: 1, maxLength: 3 })),
    }),
  ),
  panel: fc.option(fc.constantFrom(...PANELS)),
  labels: fc.uniqueArray(layerId, { maxLength: 3 }),
  tool: fc.option(
    fc.record({
      id: fc.constantFrom(...TOOLS),
      options: fc.dictionary(fc.stringMatching(/^[a-z]{1,12}$/), fc.stringMatching(/^[A-Za-z0-9_.-]{1,20}$/), {
        maxKeys: 3,
        noNullPrototype: true,
      }),
    }),
  ),
  shape: fc.option(
    fc.oneof(
      fc.record({ kind: fc.constant('point' as const), at: place }),
      fc.record({ kind: fc.constant('circle' as const), at: place, metres: fc.integer({ min: 1, max: 20_000 }) }),
      fc.record({ kind: fc.constant('line' as const), path: fc.array(place, { minLength: 2, maxLength: 9 }) }),
      fc.record({ kind: fc.constant('polygon' as const), path: fc.array(place, { minLength: 3, maxLength: 9 }) }),
      fc.record({ kind: fc.constant('cell' as const), code: fc.stringMatching(/^440604[0-9]{6}(W[0-9]{3})?$/) }),
      fc.record({ kind: fc.constant('feature' as const), layer: layerId, fid: fc.nat() }),
    ),
  ),
  card: fc.option(fc.integer({ min: 1, max: 2000 })),
  data: fc.record({
    department: fc.option(layerId),
    layer: fc.option(layerId),
    load: fc.option(fc.integer({ min: 1 })),
    code: fc.option(fc.stringMatching(/^[A-Z_]{1,30}$/)),
    row: fc.option(fc.integer({ min: 1 })),
  }),
  indicators: fc.record({
    by: fc.constantFrom(...INDICATOR_DIMENSIONS),
    period: fc.constantFrom(...INDICATOR_PERIODS),
    set: fc.constantFrom(...INDICATOR_SETS),
    sort: fc.option(fc.constantFrom('score', 'archiveRate'), { nil: null }),
  }),
  figure: fc.option(
    fc.record({
      id: fc.constantFrom('score', 'archiveRate'),
      key: fc.constantFrom('*', '', '440604012000', 'urban_management', '陈静 (夜班)'),
      side: fc.option(fc.constantFrom('all' as const, 'part' as const, 'rest' as const), { nil: null }),
    }),
    { nil: null },
  ),
  replay: fc.option(
    fc.record({
      at: fc.integer({ min: Date.UTC(2026, 0), max: Date.UTC(2027, 0) }).map((ms) => Math.floor(ms / 1000) * 1000),
      speed: fc.integer({ min: 1, max: 60 }),
      isPaused: fc.boolean(),
    }),
    { nil: null },
  ),
  sheet: fc.option(fc.stringMatching(/^[a-z]{1,12}$/)),
});

describe('url state', () => {
  it('reads back everything it writes', () => {
    fc.assert(
      fc.property(state, (value) => {
        expect(parseUrlState(formatUrlState(value))).toEqual(value);
      }),
    );
  });

  it('is the same text for the same state', () => {
    fc.assert(
      fc.property(state, (value) => {
        const text = formatUrlState(value);
        expect(formatUrlState(parseUrlState(text))).toBe(text);
      }),
    );
  });

  it('never throws and never lets a foreign value through', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (search) => {
        const parsed = parseUrlState(search);
        expect(['zh', 'en']).toContain(parsed.lang);
      }),
    );
    expect(
      parseUrlState(
        '?at=1,2&layers=../x,ok:7&sel=cell:<b>&hex=A:99&area=person:street&f.person=[1]&lang=fr&dep=<b>&layer=Ü&load=0&code=x&row=-1&tool=hack:x=1&shape=polygon:1,2~3,4&on=<b>&metric=median:x&cross=A~B&table=../x&labels=Ü&panel=all',
      ),
    ).toEqual(emptyState);
  });

  it('is short and readable, and empty for the start', () => {
    expect(formatUrlState(emptyState)).toBe('');
    expect(
      formatUrlState({
        ...emptyState,
        camera: { lng: 113.1234567, lat: 23.02, zoom: 12.3456, pitch: 0, bearing: 0 },
        layers: [
          { id: 'park', opacity: 1 },
          { id: 'person', opacity: 0.5 },
        ],
        selection: { kind: 'incident', id: 7 },
      }),
    ).toBe('?at=113.12346,23.02,12.35&layers=park,person:0.5&sel=incident:7');
  });
});
