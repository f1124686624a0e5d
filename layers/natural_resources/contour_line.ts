import { defineLayer } from '../define.ts';

export const contour_line = defineLayer({
  id: 'contour_line',
  title: { zh: '等高线', en: 'Contour line' },
  department: 'natural_resources',
  class: 'base_geography',
  subclass: 'terrain',
  geometry: 'line',
  fields: {
    line_no: { type: 'string', title: { zh: '等高线编号', en: 'Line number' }, required: true, pattern: '^DG\\d{6}$' },
    elevation_m: {
      type: 'number',
      title: { zh: '高程', en: 'Elevation' },
      required: true,
      unit: 'm',
      range: [-20, 120],
      filterable: true,
    },
    interval_m: {
      type: 'number',
      title: { zh: '等高距', en: 'Interval' },
      unit: 'm',
      range: [0.1, 20],
      filterable: true,
    },
    kind: {
      type: 'string',
      title: { zh: '类型', en: 'Kind' },
      required: true,
      filterable: true,
      values: {
        index: { zh: '计曲线', en: 'Index contour' },
        intermediate: { zh: '首曲线', en: 'Intermediate contour' },
        supplementary: { zh: '间曲线', en: 'Supplementary contour' },
      },
    },
  },
  key: 'line_no',
  source: {
    file: 'natural_resources/contour_line.geojson',
    format: 'geojson',
    encoding: 'utf-8',
    crs: 'EPSG:4547',
    columns: { line_no: '等高线编号', elevation_m: '高程', interval_m: '等高距', kind: '类型' },
  },
  cadence: 'yearly',
  freshnessHours: 9600,
  tiles: { minzoom: 12, maxzoom: 16, fields: ['elevation_m', 'kind'] },
  symbology: {
    kind: 'ramp',
    field: 'elevation_m',
    stops: [1, 2, 5, 20],
    colors: ['#f0e2d3', '#d9b996', '#b98a5e', '#8f5f34', '#5c3616'],
  },
  sensitivity: 'internal',
  checks: { rows: [3000, 9000] },
});
