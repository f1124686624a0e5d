import { defineLayer } from '../define.ts';

export const satellite_image_history = defineLayer({
  id: 'satellite_image_history',
  title: { zh: '历史卫星影像', en: 'Satellite images of earlier years' },
  department: 'natural_resources',
  class: 'base_geography',
  subclass: 'imagery',
  geometry: 'raster',
  fields: {
    scene_id: { type: 'string', title: { zh: '景号', en: 'Scene' }, required: true },
    acquired_on: { type: 'date', title: { zh: '获取日期', en: 'Acquired on' }, filterable: true },
    resolution_m: {
      type: 'number',
      title: { zh: '分辨率', en: 'Resolution' },
      unit: 'm',
      range: [0.3, 30],
      filterable: true,
    },
    sensor: { type: 'string', title: { zh: '传感器', en: 'Sensor' } },
  },
  key: 'scene_id',
  source: { file: 'natural_resources/satellite_image_history', format: 'geotiff', crs: 'EPSG:3857' },
  cadence: 'yearly',
  freshnessHours: 9600,
  tiles: { minzoom: 10, maxzoom: 14, fields: [] },
  symbology: { kind: 'none', color: '#a39a86' },
  sensitivity: 'internal',
  checks: { rows: [2, 100] },
});
