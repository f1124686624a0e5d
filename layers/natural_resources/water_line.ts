import { defineLayer } from '../define.ts';

export const water_line = defineLayer({
  id: 'water_line',
  title: { zh: '水系中心线', en: 'Water centre line' },
  department: 'natural_resources',
  class: 'base_geography',
  subclass: 'hydrography',
  geometry: 'line',
  fields: {
    water_code: { type: 'string', title: { zh: '水系编码', en: 'Water code' }, required: true, pattern: '^WL\\d{6}$' },
    name: { type: 'string', title: { zh: '名称', en: 'Name' }, filterable: true },
    kind: {
      type: 'string',
      title: { zh: '类型', en: 'Kind' },
      filterable: true,
      required: true,
      values: {
        river: { zh: '河流', en: 'River' },
        creek: { zh: '河涌', en: 'Creek' },
        canal: { zh: '渠道', en: 'Canal' },
      },
    },
    length_m: { type: 'number', title: { zh: '长度', en: 'Length' }, unit: 'm', range: [1, 60000], filterable: true },
    width_m: { type: 'number', title: { zh: '宽度', en: 'Width' }, unit: 'm', range: [0.5, 1000], filterable: true },
  },
  key: 'water_code',
  label: 'name',
  search: ['name'],
  source: {
    file: 'natural_resources/water_line.geojson',
    format: 'geojson',
    encoding: 'utf-8',
    crs: 'EPSG:4490',
    columns: { water_code: '水系编码', name: '名称', kind: '类型', length_m: '长度', width_m: '宽度' },
  },
  cadence: 'yearly',
  freshnessHours: 9600,
  tiles: { minzoom: 9, maxzoom: 15, fields: ['name', 'kind', 'width_m'] },
  symbology: { kind: 'none', color: '#7fc4dd' },
  sensitivity: 'public',
  checks: { rows: [100, 1500] },
});
