import { defineLayer } from '../define.ts';

export const survey_control_point = defineLayer({
  id: 'survey_control_point',
  title: { zh: '测量控制点', en: 'Survey control point' },
  department: 'natural_resources',
  class: 'natural_planning',
  subclass: 'geology',
  geometry: 'point',
  fields: {
    point_no: { type: 'string', title: { zh: '点号', en: 'Point number' }, required: true, pattern: '^KZ\\d{4}$' },
    grade: {
      type: 'string',
      title: { zh: '等级', en: 'Grade' },
      required: true,
      filterable: true,
      values: {
        second: { zh: '二等', en: 'Second order' },
        third: { zh: '三等', en: 'Third order' },
        fourth: { zh: '四等', en: 'Fourth order' },
        first_level: { zh: '一级', en: 'First level' },
      },
    },
    crs: {
      type: 'string',
      title: { zh: '坐标系', en: 'Coordinate system' },
      filterable: true,
      values: {
        cgcs2000: { zh: '2000 国家大地坐标系', en: 'CGCS2000' },
        foshan2000: { zh: '佛山 2000 坐标系', en: 'Foshan 2000' },
      },
    },
    built_year: { type: 'int', title: { zh: '埋设年份', en: 'Year built' }, range: [1950, 2030], filterable: true },
    status: {
      type: 'string',
      title: { zh: '状态', en: 'Status' },
      required: true,
      filterable: true,
      values: {
        intact: { zh: '完好', en: 'Intact' },
        damaged: { zh: '损坏', en: 'Damaged' },
        lost: { zh: '灭失', en: 'Lost' },
      },
    },
  },
  key: 'point_no',
  label: 'point_no',
  source: {
    file: 'natural_resources/survey_control_point.zip',
    format: 'shapefile',
    encoding: 'gb18030',
    crs: 'EPSG:4526',
    columns: { point_no: '点号', grade: '等级', crs: '坐标系', built_year: '埋设年份', status: '状态' },
  },
  cadence: 'yearly',
  freshnessHours: 9600,
  tiles: { minzoom: 10, maxzoom: 16, fields: ['point_no', 'grade', 'status'] },
  symbology: {
    kind: 'categorical',
    field: 'grade',
    colors: { second: '#4a2f86', third: '#6c55a8', fourth: '#9180c4', first_level: '#b9aedd' },
    other: '#c4c4c4',
  },
  icon: 'temaki/benchmark_disk',
  sensitivity: 'restricted',
  checks: { rows: [230, 400] },
});
