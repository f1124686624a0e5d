import { defineLayer } from '../define.ts';

export const urban_growth_boundary = defineLayer({
  id: 'urban_growth_boundary',
  title: { zh: '城镇开发边界', en: 'Urban growth boundary' },
  department: 'natural_resources',
  class: 'natural_planning',
  subclass: 'spatial_plan',
  geometry: 'polygon',
  fields: {
    boundary_no: {
      type: 'string',
      title: { zh: '边界编号', en: 'Boundary number' },
      required: true,
      pattern: '^KF\\d{2}$',
    },
    name: { type: 'string', title: { zh: '名称', en: 'Name' }, required: true },
    area_km2: { type: 'number', title: { zh: '面积', en: 'Area' }, unit: 'km²', range: [0.01, 200], filterable: true },
    approved_on: { type: 'date', title: { zh: '批准日期', en: 'Approved on' }, filterable: true },
  },
  key: 'boundary_no',
  label: 'name',
  source: {
    file: 'natural_resources/urban_growth_boundary.gpkg',
    format: 'gpkg',
    crs: 'EPSG:4490',
    columns: { boundary_no: '边界编号', name: '名称', area_km2: '面积', approved_on: '批准日期' },
  },
  cadence: 'yearly',
  freshnessHours: 9600,
  tiles: { minzoom: 8, maxzoom: 14, fields: ['name', 'area_km2'] },
  symbology: { kind: 'none', color: '#a3527a' },
  sensitivity: 'public',
  checks: { rows: [2, 6] },
});
