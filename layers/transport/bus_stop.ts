import { defineLayer } from '../define.ts';

export const bus_stop = defineLayer({
  id: 'bus_stop',
  title: { zh: '公交站点', en: 'Bus stop' },
  department: 'transport',
  class: 'transport',
  subclass: 'bus',
  geometry: 'point',
  fields: {
    stop_id: { type: 'string', title: { zh: '站点编号', en: 'Stop number' }, required: true, pattern: '^BS\\d{5}$' },
    name: { type: 'string', title: { zh: '站名', en: 'Name' }, required: true, filterable: true },
    direction: {
      type: 'string',
      title: { zh: '方向', en: 'Direction' },
      filterable: true,
      values: {
        north: { zh: '北向', en: 'Northbound' },
        east: { zh: '东向', en: 'Eastbound' },
        south: { zh: '南向', en: 'Southbound' },
        west: { zh: '西向', en: 'Westbound' },
      },
    },
    routes: { type: 'int', title: { zh: '途经线路数', en: 'Routes' }, range: [0, 60], filterable: true },
    shelter: { type: 'bool', title: { zh: '有候车亭', en: 'Has shelter' }, filterable: true },
  },
  key: 'stop_id',
  label: 'name',
  source: {
    file: 'transport/bus_stop.geojson',
    format: 'geojson',
    encoding: 'utf-8',
    crs: 'GCJ-02',
    columns: { stop_id: '站点编号', name: '站名', direction: '方向', routes: '途经线路数', shelter: '有候车亭' },
  },
  cadence: 'monthly',
  freshnessHours: 1080,
  tiles: { minzoom: 12, maxzoom: 16, fields: ['name', 'routes', 'shelter'] },
  symbology: {
    kind: 'ramp',
    field: 'routes',
    stops: [3, 6, 10, 15],
    colors: ['#d3ecdd', '#a0d5b8', '#66b890', '#36956a', '#11693f'],
  },
  icon: 'temaki/board_bus',
  sensitivity: 'public',
  checks: { rows: [900, 2500] },
});
