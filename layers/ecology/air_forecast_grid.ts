import { defineLayer } from '../define.ts';

export const air_forecast_grid = defineLayer({
  id: 'air_forecast_grid',
  title: { zh: '空气质量预报（PM2.5）', en: 'Air quality forecast, PM2.5' },
  department: 'ecology',
  class: 'ecology',
  subclass: 'air_quality',
  geometry: 'raster',
  fields: {
    product_no: { type: 'string', title: { zh: '产品编号', en: 'Product number' }, required: true },
    pm25: { type: 'number', title: { zh: '细颗粒物', en: 'PM2.5' }, unit: 'µg/m³', range: [0, 500], filterable: true },
    valid_on: { type: 'date', title: { zh: '预报日期', en: 'Valid on' }, filterable: true },
    pollutant: {
      type: 'string',
      title: { zh: '污染物', en: 'Pollutant' },
      filterable: true,
      values: {
        pm25: { zh: '细颗粒物', en: 'PM2.5' },
        pm10: { zh: '可吸入颗粒物', en: 'PM10' },
        o3: { zh: '臭氧', en: 'Ozone' },
      },
    },
    resolution_m: {
      type: 'number',
      title: { zh: '分辨率', en: 'Resolution' },
      unit: 'm',
      range: [50, 5000],
      filterable: true,
    },
  },
  key: 'product_no',
  source: { file: 'ecology/air_forecast_grid', format: 'geotiff', crs: 'EPSG:4490' },
  cadence: 'daily',
  freshnessHours: 48,
  tiles: { minzoom: 8, maxzoom: 12, fields: ['pm25'] },
  symbology: {
    kind: 'ramp',
    field: 'pm25',
    stops: [25, 30, 35, 40],
    colors: ['#dcd6ee', '#b9aedd', '#9180c4', '#6c55a8', '#4a2f86'],
  },
  sensitivity: 'public',
  checks: { rows: [1, 60] },
});
