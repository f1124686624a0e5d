import { defineLayer } from '../define.ts';

export const district_boundary = defineLayer({
  id: 'district_boundary',
  title: { zh: '区级行政区界', en: 'District boundary' },
  department: 'natural_resources',
  class: 'base_geography',
  subclass: 'admin_division',
  geometry: 'polygon',
  fields: {
    code: { type: 'string', title: { zh: '区划代码', en: 'Division code' }, required: true, pattern: '^440604000000$' },
    name: { type: 'string', title: { zh: '区名', en: 'Name' }, required: true },
    area_km2: { type: 'number', title: { zh: '面积', en: 'Area' }, unit: 'km²', range: [100, 200], filterable: true },
    population: {
      type: 'int',
      title: { zh: '常住人口', en: 'Resident population' },
      range: [0, 5000000],
      filterable: true,
    },
  },
  key: 'code',
  label: 'name',
  source: {
    file: 'natural_resources/district_boundary.gpkg',
    format: 'gpkg',
    crs: 'EPSG:4490',
    columns: { code: '区划代码', name: '区名', area_km2: '面积', population: '常住人口' },
  },
  cadence: 'yearly',
  freshnessHours: 9600,
  tiles: { minzoom: 6, maxzoom: 14, fields: ['code', 'name'] },
  symbology: { kind: 'none', color: '#77716b' },
  sensitivity: 'public',
  checks: { rows: [1, 1] },
});
