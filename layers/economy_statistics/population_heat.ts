import { defineLayer } from '../define.ts';

export const population_heat = defineLayer({
  id: 'population_heat',
  title: { zh: '实时人口热力', en: 'Live population heat' },
  department: 'economy_statistics',
  class: 'population_livelihood',
  subclass: 'population',
  geometry: 'polygon',
  fields: {
    cell_id: { type: 'string', title: { zh: '格网编号', en: 'Cell number' }, required: true, pattern: '^RK\\d{8}$' },
    people: {
      type: 'int',
      title: { zh: '实时人数', en: 'People now' },
      required: true,
      filterable: true,
      range: [0, 50000],
    },
    inflow: { type: 'int', title: { zh: '流入', en: 'Inflow' }, filterable: true, range: [0, 50000] },
    outflow: { type: 'int', title: { zh: '流出', en: 'Outflow' }, filterable: true, range: [0, 50000] },
    observed_at: { type: 'datetime', title: { zh: '观测时间', en: 'Observed at' }, required: true, filterable: true },
  },
  key: 'cell_id',
  source: {
    file: 'economy_statistics/population_heat.geojson',
    format: 'geojson',
    encoding: 'utf-8',
    crs: 'EPSG:4490',
    columns: {
      cell_id: '格网编号',
      people: '实时人数',
      inflow: '流入',
      outflow: '流出',
      observed_at: '观测时间',
    },
  },
  cadence: 'realtime',
  freshnessHours: 1,
  tiles: { minzoom: 11, maxzoom: 16, fields: ['people', 'inflow', 'outflow'] },
  symbology: {
    kind: 'ramp',
    field: 'people',
    stops: [1, 20, 80, 250],
    colors: ['#f3d6ea', '#e0abd0', '#c67db0', '#a3528c', '#792d66'],
  },
  sensitivity: 'internal',
  checks: { rows: [12000, 19000] },
});
