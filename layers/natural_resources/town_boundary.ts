import { defineLayer } from '../define.ts';

export const town_boundary = defineLayer({
  id: 'town_boundary',
  title: { zh: '镇街行政区界', en: 'Town boundary' },
  department: 'natural_resources',
  class: 'base_geography',
  subclass: 'admin_division',
  geometry: 'polygon',
  fields: {
    code: {
      type: 'string',
      title: { zh: '区划代码', en: 'Division code' },
      required: true,
      pattern: '^440604\\d{3}000$',
    },
    name: { type: 'string', title: { zh: '镇街名称', en: 'Name' }, required: true, filterable: true },
    kind: {
      type: 'string',
      title: { zh: '类别', en: 'Kind' },
      filterable: true,
      required: true,
      values: {
        street: { zh: '街道', en: 'Street (subdistrict)' },
        town: { zh: '镇', en: 'Town' },
      },
    },
    area_km2: { type: 'number', title: { zh: '面积', en: 'Area' }, unit: 'km²', range: [5, 120], filterable: true },
    population: {
      type: 'int',
      title: { zh: '常住人口', en: 'Resident population' },
      range: [0, 2000000],
      filterable: true,
    },
  },
  key: 'code',
  label: 'name',
  source: {
    file: 'natural_resources/town_boundary.gpkg',
    format: 'gpkg',
    crs: 'EPSG:4490',
    columns: { code: '区划代码', name: '镇街名称', kind: '类别', area_km2: '面积', population: '常住人口' },
  },
  cadence: 'yearly',
  freshnessHours: 9600,
  tiles: { minzoom: 8, maxzoom: 14, fields: ['code', 'name', 'kind', 'population'] },
  symbology: {
    kind: 'ramp',
    field: 'population',
    stops: [250000, 350000, 400000],
    colors: ['#dcd6ee', '#b9aedd', '#9180c4', '#4a2f86'],
  },
  sensitivity: 'public',
  checks: { rows: [4, 4], unique: ['name'] },
});
