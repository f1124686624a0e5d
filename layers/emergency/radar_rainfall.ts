import { defineLayer } from '../define.ts';

export const radar_rainfall = defineLayer({
  id: 'radar_rainfall',
  title: { zh: '雷达降雨估测', en: 'Radar rainfall' },
  department: 'emergency',
  class: 'water_flood',
  subclass: 'rain_water_regime',
  geometry: 'raster',
  fields: {
    product_no: { type: 'string', title: { zh: '产品编号', en: 'Product number' }, required: true },
    rain_mm_h: {
      type: 'number',
      title: { zh: '雨强', en: 'Rain rate' },
      unit: 'mm/h',
      range: [0, 300],
      filterable: true,
    },
    resolution_m: {
      type: 'number',
      title: { zh: '分辨率', en: 'Resolution' },
      unit: 'm',
      range: [50, 5000],
      filterable: true,
    },
    forecast_min: {
      type: 'int',
      title: { zh: '外推时效', en: 'Forecast lead' },
      unit: 'min',
      range: [0, 180],
      filterable: true,
    },
    valid_at: { type: 'datetime', title: { zh: '有效时间', en: 'Valid at' }, filterable: true },
  },
  key: 'product_no',
  source: { file: 'emergency/radar_rainfall', format: 'geotiff', crs: 'EPSG:4326' },
  cadence: 'realtime',
  freshnessHours: 1,
  tiles: { minzoom: 8, maxzoom: 12, fields: ['rain_mm_h'] },
  symbology: {
    kind: 'ramp',
    field: 'rain_mm_h',
    stops: [2, 5, 10, 20, 40],
    colors: ['#cfeee6', '#9ad8cb', '#5fb5ab', '#3f8a72', '#4a4f8f', '#3d1d66'],
  },
  sensitivity: 'public',
  checks: { rows: [1, 60] },
});
