import { describe, expect, it } from 'vitest';
import { defineLayer, type LayerInput } from '../../layers/define.ts';

const base = {
  id: 'bench',
  title: { zh: '长椅', en: 'Bench' },
  department: 'urban_management',
  class: 'grassroots_governance',
  subclass: 'greening',
  geometry: 'point',
  fields: {
    bench_no: { type: 'string', title: { zh: '编号', en: 'Number' }, required: true },
    seats: { type: 'int', title: { zh: '座位数', en: 'Seats' } },
  },
  key: 'bench_no',
  source: { file: 'urban_management/bench.geojson', format: 'geojson', crs: 'EPSG:4326' },
  cadence: 'yearly',
  freshnessHours: 9600,
  symbology: { kind: 'none', color: '#59b466' },
  sensitivity: 'public',
  checks: { rows: [1, 10] },
} as const satisfies LayerInput;

/** Each directive below is an error of `tsc` as soon as the line under it compiles: the misspelling would go unseen. */
describe('a misspelt field is a compile error', () => {
  it('and the right spelling is none', () => {
    expect(defineLayer({ ...base, label: 'seats' })).toEqual({ ...base, label: 'seats' });
  });

  it.each([
    // @ts-expect-error -- no such field
    ['key', defineLayer({ ...base, key: 'bench_nr' })],
    // @ts-expect-error -- no such field
    ['label', defineLayer({ ...base, label: 'seat' })],
    // @ts-expect-error -- no such field
    ['tiles', defineLayer({ ...base, tiles: { minzoom: 1, maxzoom: 2, fields: ['seat'] } })],
    // @ts-expect-error -- no such field
    ['source', defineLayer({ ...base, source: { ...base.source, columns: { seat: '座位数' } } })],
    // @ts-expect-error -- no such field
    ['symbology', defineLayer({ ...base, symbology: { kind: 'ramp', field: 'seat', stops: [], colors: [] } })],
    // @ts-expect-error -- no such field
    ['checks', defineLayer({ ...base, checks: { rows: [1, 10], unique: ['seat'] } })],
    // @ts-expect-error -- no such field
    ['place', defineLayer({ ...base, place: { field: 'park', layer: 'park' } })],
    // @ts-expect-error -- no such property
    ['a property', defineLayer({ ...base, colour: 'red' })],
  ])('in %s; at run time the definition is passed on as it is', (_where, layer) => {
    expect(layer.id).toBe('bench');
  });
});
