import { defineLayer } from '../define.ts';

export const green_space = defineLayer({
  id: 'green_space',
  title: { zh: '绿地', en: 'Green space' },
  department: 'urban_management',
  class: 'grassroots_governance',
  subclass: 'greening',
  geometry: 'polygon',
  fields: {
    green_no: {
      type: 'string',
      title: { zh: '绿地编号', en: 'Green space number' },
      required: true,
      pattern: '^LD\\d{5}$',
    },
    kind: {
      type: 'string',
      title: { zh: '绿地类型', en: 'Kind' },
      required: true,
      filterable: true,
      values: {
        park: { zh: '公园绿地', en: 'Park green' },
        protective: { zh: '防护绿地', en: 'Protective belt' },
        verge: { zh: '道路绿地', en: 'Road verge' },
        attached: { zh: '附属绿地', en: 'Attached green' },
      },
    },
    area_m2: {
      type: 'number',
      title: { zh: '面积', en: 'Area' },
      unit: 'm²',
      required: true,
      filterable: true,
      range: [20, 2000000],
    },
    maintainer: { type: 'string', title: { zh: '养护单位', en: 'Maintainer' }, filterable: true },
    upkeep: {
      type: 'string',
      title: { zh: '养护等级', en: 'Upkeep' },
      filterable: true,
      values: {
        first: { zh: '一级', en: 'Level 1' },
        second: { zh: '二级', en: 'Level 2' },
        third: { zh: '三级', en: 'Level 3' },
      },
    },
  },
  key: 'green_no',
  source: {
    file: 'urban_management/green_space.geojson',
    format: 'geojson',
    encoding: 'utf-8',
    crs: 'EPSG:4490',
    columns: {
      green_no: '绿地编号',
      kind: '绿地类型',
      area_m2: '面积',
      maintainer: '养护单位',
      upkeep: '养护等级',
    },
  },
  cadence: 'yearly',
  freshnessHours: 9600,
  tiles: { minzoom: 11, maxzoom: 16, fields: ['kind'] },
  symbology: {
    kind: 'categorical',
    field: 'kind',
    colors: { park: '#11693f', protective: '#79831c', verge: '#59b466', attached: '#8ccaa8' },
    other: '#c4c4c4',
  },
  sensitivity: 'public',
  checks: { rows: [3600, 6800] },
});
