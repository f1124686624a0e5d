import { defineLayer } from '../define.ts';

export const water_area = defineLayer({
  id: 'water_area',
  title: { zh: '水系面', en: 'Water area' },
  department: 'natural_resources',
  class: 'base_geography',
  subclass: 'hydrography',
  geometry: 'polygon',
  fields: {
    water_code: { type: 'string', title: { zh: '水系编码', en: 'Water code' }, required: true, pattern: '^WA\\d{6}$' },
    name: { type: 'string', title: { zh: '名称', en: 'Name' }, filterable: true },
    kind: {
      type: 'string',
      title: { zh: '类型', en: 'Kind' },
      filterable: true,
      required: true,
      values: {
        river: { zh: '河流', en: 'River' },
        creek: { zh: '河涌', en: 'Creek' },
        lake: { zh: '湖泊', en: 'Lake' },
        pond: { zh: '坑塘', en: 'Pond' },
        canal: { zh: '渠道', en: 'Canal' },
      },
    },
    area_m2: { type: 'number', title: { zh: '面积', en: 'Area' }, unit: 'm²', range: [1, 50000000], filterable: true },
  },
  key: 'water_code',
  label: 'name',
  source: {
    file: 'natural_resources/water_area.zip',
    format: 'shapefile',
    encoding: 'utf-8',
    crs: 'EPSG:4547',
    columns: { water_code: '编码', name: '名称', kind: '类型', area_m2: '面积' },
  },
  cadence: 'yearly',
  freshnessHours: 9600,
  tiles: { minzoom: 8, maxzoom: 15, fields: ['name', 'kind'] },
  symbology: { kind: 'none', color: '#9fd3e4' },
  sensitivity: 'public',
  checks: { rows: [200, 1100] },
});
