import { defineLayer } from '../define.ts';

export const farmland_protection = defineLayer({
  id: 'farmland_protection',
  title: { zh: '永久基本农田', en: 'Permanent basic farmland' },
  department: 'agriculture',
  class: 'natural_planning',
  subclass: 'protection',
  geometry: 'polygon',
  fields: {
    plot_no: { type: 'string', title: { zh: '地块编号', en: 'Plot number' }, required: true, pattern: '^NT\\d{4}$' },
    area_m2: { type: 'number', title: { zh: '面积', en: 'Area' }, unit: 'm²', range: [50, 5000000], filterable: true },
    village_code: {
      type: 'string',
      title: { zh: '村居代码', en: 'Village code' },
      pattern: '^440604\\d{6}$',
      filterable: true,
    },
    quality_grade: { type: 'int', title: { zh: '质量等级', en: 'Quality grade' }, range: [1, 10], filterable: true },
  },
  key: 'plot_no',
  label: 'plot_no',
  source: {
    file: 'agriculture/farmland_protection.gpkg',
    format: 'gpkg',
    crs: 'EPSG:4490',
    columns: { plot_no: '地块编号', area_m2: '面积', village_code: '村居代码', quality_grade: '质量等级' },
  },
  cadence: 'yearly',
  freshnessHours: 9600,
  tiles: { minzoom: 11, maxzoom: 15, fields: ['plot_no', 'quality_grade'] },
  symbology: {
    kind: 'ramp',
    field: 'quality_grade',
    stops: [3, 5, 7],
    colors: ['#11693f', '#36956a', '#66b890', '#a0d5b8'],
  },
  sensitivity: 'internal',
  checks: { rows: [100, 520], references: [{ field: 'village_code', layer: 'community_boundary' }] },
});
