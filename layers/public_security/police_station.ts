import { defineLayer } from '../define.ts';

export const police_station = defineLayer({
  id: 'police_station',
  title: { zh: '派出所与警务室', en: 'Police station or post' },
  department: 'public_security',
  class: 'public_safety',
  subclass: 'police_force',
  geometry: 'point',
  fields: {
    org_code: {
      type: 'string',
      title: { zh: '机构代码', en: 'Organisation code' },
      required: true,
      pattern: '^440604\\d{6}$',
    },
    name: { type: 'string', title: { zh: '名称', en: 'Name' }, required: true },
    kind: {
      type: 'string',
      title: { zh: '类别', en: 'Kind' },
      filterable: true,
      required: true,
      values: {
        station: { zh: '派出所', en: 'Police station' },
        post: { zh: '警务室', en: 'Police post' },
      },
    },
    phone: { type: 'string', title: { zh: '联系电话', en: 'Telephone' } },
  },
  key: 'org_code',
  label: 'name',
  source: {
    file: 'public_security/police_station.xlsx',
    format: 'xlsx',
    crs: 'EPSG:4490',
    columns: { org_code: '机构代码', name: '名称', kind: '类别', phone: '联系电话' },
    coordinates: { x: '经度', y: '纬度' },
  },
  cadence: 'yearly',
  freshnessHours: 9600,
  tiles: { minzoom: 10, maxzoom: 16, fields: ['name', 'kind'] },
  symbology: {
    kind: 'categorical',
    field: 'kind',
    colors: { station: '#544b92', post: '#0d7462' },
    other: '#c4c4c4',
  },
  icon: 'maki/police',
  sensitivity: 'public',
  checks: { rows: [93, 160] },
});
