import { defineLayer } from '../define.ts';

export const heritage_site = defineLayer({
  id: 'heritage_site',
  title: { zh: '文物保护单位', en: 'Protected heritage site' },
  department: 'housing_construction',
  class: 'natural_planning',
  subclass: 'heritage',
  geometry: 'point',
  fields: {
    heritage_no: {
      type: 'string',
      title: { zh: '文物编号', en: 'Heritage number' },
      required: true,
      pattern: '^WW\\d{4}$',
    },
    name: { type: 'string', title: { zh: '名称', en: 'Name' }, required: true },
    level: {
      type: 'string',
      title: { zh: '保护级别', en: 'Level' },
      filterable: true,
      required: true,
      values: {
        national: { zh: '全国重点', en: 'National' },
        provincial: { zh: '省级', en: 'Provincial' },
        municipal: { zh: '市级', en: 'Municipal' },
        district: { zh: '区级', en: 'District' },
      },
    },
    era: { type: 'string', title: { zh: '年代', en: 'Era' }, filterable: true },
    address: { type: 'string', title: { zh: '地址', en: 'Address' } },
  },
  key: 'heritage_no',
  label: 'name',
  source: {
    file: 'housing_construction/heritage_site.xlsx',
    format: 'xlsx',
    crs: 'EPSG:4490',
    columns: { heritage_no: '文物编号', name: '名称', level: '保护级别', era: '年代', address: '地址' },
    coordinates: { x: '经度', y: '纬度' },
  },
  cadence: 'yearly',
  freshnessHours: 9600,
  tiles: { minzoom: 10, maxzoom: 16, fields: ['name', 'level'] },
  symbology: {
    kind: 'categorical',
    field: 'level',
    colors: { national: '#4a2f86', provincial: '#6c55a8', municipal: '#9180c4', district: '#b9aedd' },
    other: '#c4c4c4',
  },
  icon: 'maki/monument',
  sensitivity: 'public',
  checks: { rows: [140, 230] },
});
