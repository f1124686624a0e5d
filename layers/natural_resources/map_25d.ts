import { defineLayer } from '../define.ts';

export const map_25d = defineLayer({
  id: 'map_25d',
  title: { zh: '2.5D 地图', en: '2.5D map' },
  department: 'natural_resources',
  class: 'base_geography',
  subclass: 'three_d',
  geometry: 'raster',
  fields: {
    product_no: { type: 'string', title: { zh: '成果编号', en: 'Product number' }, required: true },
    zoom_min: { type: 'int', title: { zh: '最小级别', en: 'Lowest zoom' }, range: [0, 22], filterable: true },
    zoom_max: { type: 'int', title: { zh: '最大级别', en: 'Highest zoom' }, range: [0, 22], filterable: true },
    rendered_on: { type: 'date', title: { zh: '渲染日期', en: 'Rendered on' }, filterable: true },
  },
  key: 'product_no',
  source: { file: 'natural_resources/map_25d', format: 'geotiff', crs: 'EPSG:3857' },
  cadence: 'yearly',
  freshnessHours: 9600,
  tiles: { minzoom: 11, maxzoom: 15, fields: [] },
  symbology: { kind: 'none', color: '#c9b6a6' },
  sensitivity: 'public',
  checks: { rows: [1, 1] },
});
