import { defineLayer } from '../define.ts';

export const historic_district = defineLayer({
  id: 'historic_district',
  title: { zh: '历史文化街区', en: 'Historic district' },
  department: 'housing_construction',
  class: 'natural_planning',
  subclass: 'heritage',
  geometry: 'polygon',
  fields: {
    district_no: {
      type: 'string',
      title: { zh: '编号', en: 'District number' },
      required: true,
      pattern: '^JQ\\d{2}$',
    },
    name: { type: 'string', title: { zh: '名称', en: 'Name' }, required: true },
    area_m2: { type: 'number', title: { zh: '面积', en: 'Area' }, unit: 'm²', range: [1, 20000000], filterable: true },
    announced_on: { type: 'date', title: { zh: '公布日', en: 'Announced on' }, filterable: true },
  },
  key: 'district_no',
  label: 'name',
  source: {
    file: 'housing_construction/historic_district.zip',
    format: 'shapefile',
    encoding: 'gb18030',
    crs: 'EPSG:4490',
    columns: { district_no: '编号', name: '名称', area_m2: '面积', announced_on: '公布日' },
  },
  cadence: 'yearly',
  freshnessHours: 9600,
  tiles: { minzoom: 9, maxzoom: 15, fields: ['name'] },
  symbology: { kind: 'none', color: '#8a5f9e' },
  sensitivity: 'public',
  checks: { rows: [8, 8] },
});
