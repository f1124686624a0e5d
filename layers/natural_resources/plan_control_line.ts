import { defineLayer } from '../define.ts';

export const plan_control_line = defineLayer({
  id: 'plan_control_line',
  title: { zh: '规划控制线（四线）', en: 'Planning control line' },
  department: 'natural_resources',
  class: 'natural_planning',
  subclass: 'spatial_plan',
  geometry: 'polygon',
  fields: {
    line_no: { type: 'string', title: { zh: '控制线编号', en: 'Line number' }, required: true, pattern: '^KX\\d{4}$' },
    line_kind: {
      type: 'string',
      title: { zh: '控制线类型', en: 'Kind' },
      required: true,
      filterable: true,
      values: {
        green: { zh: '绿线（绿地）', en: 'Green line: parks' },
        water: { zh: '蓝线（水域）', en: 'Blue line: waters' },
        heritage: { zh: '紫线（历史保护）', en: 'Purple line: heritage' },
        utility: { zh: '黄线（市政设施）', en: 'Yellow line: utilities' },
      },
    },
    name: { type: 'string', title: { zh: '名称', en: 'Name' }, required: true },
    area_m2: { type: 'number', title: { zh: '面积', en: 'Area' }, unit: 'm²', range: [1, 60000000], filterable: true },
    approved_on: { type: 'date', title: { zh: '批准日期', en: 'Approved on' }, filterable: true },
  },
  key: 'line_no',
  label: 'name',
  source: {
    file: 'natural_resources/plan_control_line.geojson',
    format: 'geojson',
    encoding: 'utf-8',
    crs: 'EPSG:4490',
    columns: { line_no: '控制线编号', line_kind: '控制线类型', name: '名称', area_m2: '面积', approved_on: '批准日期' },
  },
  cadence: 'yearly',
  freshnessHours: 9600,
  tiles: { minzoom: 10, maxzoom: 15, fields: ['name', 'line_kind'] },
  symbology: {
    kind: 'categorical',
    field: 'line_kind',
    colors: { green: '#59b466', water: '#7fc4dd', heritage: '#544b92', utility: '#a08a3c' },
    other: '#c4c4c4',
  },
  sensitivity: 'public',
  checks: { rows: [280, 560] },
});
