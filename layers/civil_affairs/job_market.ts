import { defineLayer } from '../define.ts';

export const job_market = defineLayer({
  id: 'job_market',
  title: { zh: '就业服务点', en: 'Job service point' },
  department: 'civil_affairs',
  class: 'population_livelihood',
  subclass: 'employment',
  geometry: 'point',
  fields: {
    point_no: {
      type: 'string',
      title: { zh: '服务点编号', en: 'Point number' },
      required: true,
      pattern: '^JYF\\d{2}$',
    },
    name: {
      type: 'string',
      title: { zh: '服务点名称', en: 'Name' },
      required: true,
    },
    kind: {
      type: 'string',
      title: { zh: '类型', en: 'Kind' },
      required: true,
      filterable: true,
      values: {
        market: { zh: '人力资源市场', en: 'Labour market' },
        station: { zh: '就业驿站', en: 'Job station' },
        gig: { zh: '零工市场', en: 'Day-labour market' },
      },
    },
    vacancies: {
      type: 'int',
      title: { zh: '在招岗位', en: 'Vacancies' },
      required: true,
      filterable: true,
      range: [0, 20000],
    },
    seekers: {
      type: 'int',
      title: { zh: '登记求职人数', en: 'Job seekers' },
      filterable: true,
      range: [0, 20000],
    },
    open_hours: {
      type: 'string',
      title: { zh: '开放时间', en: 'Opening hours' },
    },
    phone: {
      type: 'string',
      title: { zh: '联系电话', en: 'Telephone' },
    },
  },
  key: 'point_no',
  label: 'name',
  source: {
    file: 'civil_affairs/job_market.xlsx',
    format: 'xlsx',
    crs: 'EPSG:4490',
    columns: {
      point_no: '服务点编号',
      name: '服务点名称',
      kind: '类型',
      vacancies: '在招岗位',
      seekers: '登记求职人数',
      open_hours: '开放时间',
      phone: '联系电话',
    },
    coordinates: { x: '经度', y: '纬度' },
  },
  cadence: 'monthly',
  freshnessHours: 1080,
  tiles: { minzoom: 9, maxzoom: 16, fields: ['name', 'kind', 'vacancies', 'seekers', 'phone'] },
  symbology: {
    kind: 'categorical',
    field: 'kind',
    colors: { market: '#163c69', station: '#7e9ad1', gig: '#8a6a2f' },
    other: '#c4c4c4',
  },
  icon: 'maki/suitcase',
  sensitivity: 'public',
  checks: { rows: [13, 24] },
});
