import { defineLayer } from '../define.ts';

export const property_company = defineLayer({
  id: 'property_company',
  title: { zh: '物业服务企业', en: 'Property company' },
  department: 'housing_construction',
  class: 'urban_construction',
  subclass: 'property',
  geometry: 'table',
  fields: {
    uscc: {
      type: 'string',
      title: { zh: '统一社会信用代码', en: 'Unified social credit code' },
      required: true,
      pattern: '^[0-9A-HJ-NPQRTUWXY]{18}$',
    },
    name: { type: 'string', title: { zh: '企业名称', en: 'Name' }, required: true, filterable: true },
    estates: { type: 'int', title: { zh: '在管小区数', en: 'Estates managed' }, range: [0, 1500], filterable: true },
    rating: { type: 'number', title: { zh: '信用评分', en: 'Credit score' }, range: [0, 100], filterable: true },
    phone: { type: 'string', title: { zh: '服务电话', en: 'Service telephone' } },
  },
  key: 'uscc',
  label: 'name',
  source: {
    file: 'housing_construction/property_company.csv',
    format: 'csv',
    encoding: 'utf-8',
    crs: 'EPSG:4490',
    columns: {
      uscc: '统一社会信用代码',
      name: '企业名称',
      estates: '在管小区数',
      rating: '信用评分',
      phone: '服务电话',
    },
  },
  cadence: 'monthly',
  freshnessHours: 1080,
  tiles: { minzoom: 11, maxzoom: 16, fields: ['name', 'estates', 'rating'] },
  symbology: {
    kind: 'ramp',
    field: 'rating',
    stops: [60, 75, 90],
    colors: ['#dcd6ee', '#b9aedd', '#9180c4', '#6c55a8'],
  },
  sensitivity: 'public',
  checks: { rows: [300, 560] },
  place: { field: 'uscc', layer: 'enterprise' },
});
