import { defineLayer } from '../define.ts';

export const ecological_redline = defineLayer({
  id: 'ecological_redline',
  title: { zh: '生态保护红线', en: 'Ecological redline' },
  department: 'natural_resources',
  class: 'natural_planning',
  subclass: 'protection',
  geometry: 'polygon',
  fields: {
    redline_no: {
      type: 'string',
      title: { zh: '红线编号', en: 'Redline number' },
      required: true,
      pattern: '^HX\\d{3}$',
    },
    name: { type: 'string', title: { zh: '名称', en: 'Name' }, required: true },
    kind: {
      type: 'string',
      title: { zh: '类型', en: 'Kind' },
      required: true,
      filterable: true,
      values: {
        water_source: { zh: '饮用水水源保护', en: 'Drinking-water source' },
        wetland: { zh: '湿地与水生生物', en: 'Wetland and aquatic life' },
        hill: { zh: '山体林地', en: 'Hill and woodland' },
      },
    },
    area_m2: { type: 'number', title: { zh: '面积', en: 'Area' }, unit: 'm²', range: [1, 60000000], filterable: true },
  },
  key: 'redline_no',
  label: 'name',
  source: {
    file: 'natural_resources/ecological_redline.gpkg',
    format: 'gpkg',
    crs: 'EPSG:4490',
    columns: { redline_no: '红线编号', name: '名称', kind: '类型', area_m2: '面积' },
  },
  cadence: 'yearly',
  freshnessHours: 9600,
  tiles: { minzoom: 9, maxzoom: 15, fields: ['name', 'kind'] },
  symbology: {
    kind: 'categorical',
    field: 'kind',
    colors: { water_source: '#7fc4dd', wetland: '#0d7462', hill: '#79831c' },
    other: '#c4c4c4',
  },
  sensitivity: 'public',
  checks: { rows: [6, 16] },
});
