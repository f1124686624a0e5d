import { defineLayer } from '../define.ts';

export const soil_plot = defineLayer({
  id: 'soil_plot',
  title: { zh: '土壤污染地块', en: 'Contaminated plot' },
  department: 'ecology',
  class: 'ecology',
  subclass: 'soil_radiation',
  geometry: 'polygon',
  fields: {
    plot_no: { type: 'string', title: { zh: '地块编号', en: 'Plot number' }, required: true, pattern: '^TR\\d{3}$' },
    name: { type: 'string', title: { zh: '地块名称', en: 'Name' }, required: true },
    pollutant: {
      type: 'string',
      title: { zh: '主要污染物', en: 'Main pollutant' },
      filterable: true,
      values: {
        heavy_metal: { zh: '重金属', en: 'Heavy metals' },
        petroleum: { zh: '石油烃', en: 'Petroleum hydrocarbons' },
        voc: { zh: '挥发性有机物', en: 'Volatile organics' },
        pah: { zh: '多环芳烃', en: 'PAH' },
      },
    },
    level: {
      type: 'string',
      title: { zh: '风险等级', en: 'Risk level' },
      filterable: true,
      values: { high: { zh: '高', en: 'High' }, medium: { zh: '中', en: 'Medium' }, low: { zh: '低', en: 'Low' } },
    },
    state: {
      type: 'string',
      title: { zh: '管理状态', en: 'State' },
      required: true,
      filterable: true,
      values: {
        survey: { zh: '调查评估', en: 'Survey' },
        control: { zh: '风险管控', en: 'Risk control' },
        remediation: { zh: '修复中', en: 'Remediation' },
        released: { zh: '移出名录', en: 'Released' },
      },
    },
    area_m2: { type: 'number', title: { zh: '面积', en: 'Area' }, unit: 'm²', range: [10, 2000000], filterable: true },
  },
  key: 'plot_no',
  label: 'name',
  source: {
    file: 'ecology/soil_plot.zip',
    format: 'shapefile',
    encoding: 'utf-8',
    crs: 'EPSG:4526',
    columns: { plot_no: 'plot_no', name: 'name', pollutant: '污染物', level: 'level', state: '状态', area_m2: '面积' },
  },
  cadence: 'monthly',
  freshnessHours: 1080,
  tiles: { minzoom: 10, maxzoom: 15, fields: ['name', 'pollutant', 'level', 'state'] },
  symbology: {
    kind: 'categorical',
    field: 'state',
    colors: { survey: '#e6ecb8', control: '#aa64b3', remediation: '#844f21', released: '#59b466' },
    other: '#c4c4c4',
  },
  sensitivity: 'internal',
  checks: { rows: [45, 90] },
});
