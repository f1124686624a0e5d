import { defineLayer } from '../define.ts';

export const dem_5m = defineLayer({
  id: 'dem_5m',
  title: { zh: '数字高程模型（5 米）', en: 'Digital elevation model, 5 m' },
  department: 'natural_resources',
  class: 'base_geography',
  subclass: 'terrain',
  geometry: 'raster',
  fields: {
    product_no: { type: 'string', title: { zh: '成果编号', en: 'Product number' }, required: true },
    elevation_m: {
      type: 'number',
      title: { zh: '高程', en: 'Elevation' },
      unit: 'm',
      range: [-20, 120],
      filterable: true,
    },
    resolution_m: {
      type: 'number',
      title: { zh: '格网间距', en: 'Post spacing' },
      unit: 'm',
      range: [1, 30],
      filterable: true,
    },
    vertical_datum: {
      type: 'string',
      title: { zh: '高程基准', en: 'Vertical datum' },
      filterable: true,
      values: {
        cgvd1985: { zh: '1985 国家高程基准', en: 'National vertical datum 1985' },
        local: { zh: '地方高程基准', en: 'Local datum' },
      },
    },
    acquired_on: { type: 'date', title: { zh: '获取日期', en: 'Acquired on' }, filterable: true },
  },
  key: 'product_no',
  source: { file: 'natural_resources/dem_5m', format: 'geotiff', crs: 'EPSG:4526' },
  cadence: 'yearly',
  freshnessHours: 9600,
  tiles: { minzoom: 10, maxzoom: 14, fields: ['elevation_m'] },
  symbology: {
    kind: 'ramp',
    field: 'elevation_m',
    stops: [0, 1.5, 2.5, 4, 10, 25],
    colors: ['#e4f0ee', '#cfe0c4', '#b4cd9f', '#aab076', '#a0905a', '#865f3f', '#5c3a2c'],
    shaded: 7,
  },
  sensitivity: 'restricted',
  checks: { rows: [1, 1] },
});
