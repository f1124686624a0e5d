import { defineLayer } from '../define.ts';

export const greenway = defineLayer({
  id: 'greenway',
  title: { zh: '绿道', en: 'Greenway' },
  department: 'urban_management',
  class: 'transport',
  subclass: 'slow_traffic',
  geometry: 'line',
  fields: {
    greenway_no: {
      type: 'string',
      title: { zh: '绿道编号', en: 'Greenway number' },
      required: true,
      pattern: '^LV\\d{4}$',
    },
    name: { type: 'string', title: { zh: '绿道名称', en: 'Name' }, required: true },
    grade: {
      type: 'string',
      title: { zh: '绿道级别', en: 'Grade' },
      required: true,
      filterable: true,
      values: {
        regional: { zh: '省立绿道', en: 'Regional' },
        city: { zh: '城市绿道', en: 'City' },
        community: { zh: '社区绿道', en: 'Community' },
      },
    },
    length_m: { type: 'number', title: { zh: '长度', en: 'Length' }, unit: 'm', filterable: true, range: [20, 20000] },
    surface: {
      type: 'string',
      title: { zh: '路面', en: 'Surface' },
      filterable: true,
      values: {
        asphalt: { zh: '彩色沥青', en: 'Coloured asphalt' },
        brick: { zh: '透水砖', en: 'Permeable brick' },
        plank: { zh: '木栈道', en: 'Boardwalk' },
      },
    },
    lit: { type: 'bool', title: { zh: '有照明', en: 'Lit' }, filterable: true },
  },
  key: 'greenway_no',
  label: 'name',
  source: {
    file: 'urban_management/greenway.geojson',
    format: 'geojson',
    encoding: 'utf-8',
    crs: 'EPSG:4490',
    columns: {
      greenway_no: '绿道编号',
      name: '绿道名称',
      grade: '绿道级别',
      length_m: '长度',
      surface: '路面',
      lit: '有照明',
    },
  },
  cadence: 'yearly',
  freshnessHours: 9600,
  tiles: { minzoom: 10, maxzoom: 16, fields: ['name', 'grade'] },
  symbology: {
    kind: 'categorical',
    field: 'grade',
    colors: { regional: '#0d7462', city: '#59b466', community: '#79831c' },
    other: '#c4c4c4',
  },
  sensitivity: 'public',
  checks: { rows: [140, 320] },
});
