import { defineLayer } from '../define.ts';

export const unit_grid = defineLayer({
  id: 'unit_grid',
  title: { zh: '城管单元网格', en: 'Urban management unit grid' },
  department: 'urban_management',
  class: 'grassroots_governance',
  subclass: 'grid',
  geometry: 'polygon',
  fields: {
    grid_id: {
      type: 'string',
      title: { zh: '单元网格标识码', en: 'Unit-grid code' },
      required: true,
      pattern: '^440604\\d{9}$',
    },
    community_code: {
      type: 'string',
      title: { zh: '村居代码', en: 'Community code' },
      required: true,
      filterable: true,
      pattern: '^440604\\d{6}$',
    },
    grid_code: {
      type: 'string',
      title: { zh: '责任网格编码', en: 'Micro-grid in charge' },
      filterable: true,
      pattern: '^440604\\d{6}W\\d{3}$',
    },
    ground: {
      type: 'string',
      title: { zh: '地类', en: 'Ground' },
      required: true,
      filterable: true,
      values: {
        built: { zh: '建成区', en: 'Built-up' },
        green: { zh: '公园绿地', en: 'Parks and greenery' },
        water: { zh: '水域', en: 'Water' },
        rural: { zh: '农田鱼塘', en: 'Fields and ponds' },
      },
    },
    area_m2: { type: 'number', title: { zh: '面积', en: 'Area' }, unit: 'm²', filterable: true, range: [50, 200000] },
    initial_on: { type: 'date', title: { zh: '初始日期', en: 'First surveyed on' }, filterable: true },
    changed_on: { type: 'date', title: { zh: '变更日期', en: 'Changed on' }, filterable: true },
  },
  key: 'grid_id',
  source: {
    file: 'urban_management/unit_grid.geojson',
    format: 'geojson',
    encoding: 'utf-8',
    crs: 'EPSG:4490',
    columns: {
      grid_id: '单元网格标识码',
      community_code: '村居代码',
      grid_code: '责任网格编码',
      ground: '地类',
      area_m2: '面积',
      initial_on: '初始日期',
      changed_on: '变更日期',
    },
  },
  cadence: 'yearly',
  freshnessHours: 9600,
  tiles: { minzoom: 12, maxzoom: 16, fields: ['grid_id', 'ground'] },
  symbology: {
    kind: 'categorical',
    field: 'ground',
    colors: { built: '#f2dfc8', green: '#59b466', water: '#544b92', rural: '#79831c' },
    other: '#c4c4c4',
  },
  sensitivity: 'public',
  checks: {
    rows: [12000, 19000],
    references: [
      { field: 'community_code', layer: 'community_boundary' },
      { field: 'grid_code', layer: 'governance_grid' },
    ],
  },
});
