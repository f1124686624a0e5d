import { defineLayer } from '../define.ts';

export const park = defineLayer({
  id: 'park',
  title: { zh: '公园', en: 'Park' },
  department: 'urban_management',
  class: 'grassroots_governance',
  subclass: 'greening',
  geometry: 'polygon',
  fields: {
    park_code: { type: 'string', title: { zh: '公园编号', en: 'Park number' }, required: true, pattern: '^GY\\d{4}$' },
    name: { type: 'string', title: { zh: '公园名称', en: 'Name' }, required: true },
    kind: {
      type: 'string',
      title: { zh: '公园类型', en: 'Kind' },
      filterable: true,
      required: true,
      values: {
        comprehensive: { zh: '综合公园', en: 'Comprehensive park' },
        community: { zh: '社区公园', en: 'Community park' },
        special: { zh: '专类公园', en: 'Special park' },
        pocket: { zh: '口袋公园', en: 'Pocket park' },
      },
    },
    area_m2: { type: 'number', title: { zh: '面积', en: 'Area' }, unit: 'm²', range: [50, 5000000], filterable: true },
    open_hours: { type: 'string', title: { zh: '开放时间', en: 'Opening hours' } },
  },
  key: 'park_code',
  label: 'name',
  source: {
    file: 'urban_management/park.geojson',
    format: 'geojson',
    encoding: 'utf-8',
    crs: 'EPSG:4326',
    columns: { park_code: '公园编号', name: '公园名称', kind: '公园类型', area_m2: '面积', open_hours: '开放时间' },
  },
  cadence: 'yearly',
  freshnessHours: 9600,
  tiles: { minzoom: 10, maxzoom: 15, fields: ['name', 'kind'] },
  symbology: {
    kind: 'categorical',
    field: 'kind',
    colors: { comprehensive: '#11693f', community: '#36956a', special: '#79831c', pocket: '#8ccaa8' },
    other: '#cfe6d9',
  },
  sensitivity: 'public',
  checks: { rows: [140, 230] },
});
