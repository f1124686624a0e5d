import { defineLayer } from '../define.ts';

export const nursing_home = defineLayer({
  id: 'nursing_home',
  title: { zh: '养老机构', en: 'Nursing home' },
  department: 'civil_affairs',
  class: 'population_livelihood',
  subclass: 'elderly_care',
  geometry: 'point',
  fields: {
    org_code: {
      type: 'string',
      title: { zh: '机构代码', en: 'Organisation code' },
      required: true,
      pattern: '^YL440604\\d{3}$',
    },
    name: { type: 'string', title: { zh: '机构名称', en: 'Name' }, required: true },
    beds: { type: 'int', title: { zh: '床位数', en: 'Beds' }, range: [1, 3000], filterable: true },
    occupied: { type: 'int', title: { zh: '入住人数', en: 'Residents' }, range: [0, 3000], filterable: true },
    star: { type: 'int', title: { zh: '星级', en: 'Star rating' }, range: [0, 5], filterable: true },
  },
  key: 'org_code',
  label: 'name',
  source: {
    file: 'civil_affairs/nursing_home.xlsx',
    format: 'xlsx',
    crs: 'EPSG:4490',
    columns: { org_code: '机构代码', name: '机构名称', beds: '床位数', occupied: '入住人数', star: '星级' },
    coordinates: { x: '经度', y: '纬度' },
  },
  cadence: 'monthly',
  freshnessHours: 1080,
  tiles: { minzoom: 10, maxzoom: 16, fields: ['name', 'beds', 'occupied', 'star'] },
  symbology: { kind: 'none', color: '#844f21' },
  icon: 'temaki/social_facility',
  sensitivity: 'public',
  checks: { rows: [26, 43] },
});
