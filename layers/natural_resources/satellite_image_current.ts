import { defineLayer } from '../define.ts';

export const satellite_image_current = defineLayer({
  id: 'satellite_image_current',
  title: { zh: '卫星影像（现势）', en: 'Satellite image, current' },
  department: 'natural_resources',
  class: 'base_geography',
  subclass: 'imagery',
  geometry: 'raster',
  fields: {
    scene_id: { type: 'string', title: { zh: '景号', en: 'Scene' }, required: true },
    acquired_on: { type: 'date', title: { zh: '获取日期', en: 'Acquired on' }, filterable: true },
    resolution_m: { type: 'number', title: { zh: '分辨率', en: 'Resolution' }, unit: 'm', range: [0.3, 30] },
    sensor: { type: 'string', title: { zh: '传感器', en: 'Sensor' } },
    cloud_pct: { type: 'number', title: { zh: '云量', en: 'Cloud cover' }, unit: '%', range: [0, 100] },
  },
  key: 'scene_id',
  source: {
    file: 'natural_resources/satellite_image_current',
    format: 'geotiff',
    crs: 'EPSG:3857',
  },
  cadence: 'yearly',
  freshnessHours: 9600,
  tiles: { minzoom: 10, maxzoom: 14, fields: [] },
  symbology: { kind: 'none', color: '#8c8c8c' },
  sensitivity: 'public',
  checks: { rows: [1, 1] },
});
