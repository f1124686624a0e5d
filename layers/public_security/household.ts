import { defineLayer } from '../define.ts';

export const household = defineLayer({
  id: 'household',
  title: { zh: '家庭户', en: 'Household' },
  department: 'public_security',
  class: 'population_livelihood',
  subclass: 'household',
  geometry: 'table',
  fields: {
    household_id: {
      type: 'string',
      title: { zh: '户号', en: 'Household number' },
      required: true,
      mask: 'code',
      pattern: '^H\\d{8}$',
    },
    head_person_id: {
      type: 'string',
      title: { zh: '户主编号', en: 'Person number of the head' },
      mask: 'code',
      pattern: '^P\\d{9}$',
    },
    room_code: {
      type: 'string',
      title: { zh: '户室编码', en: 'Room code' },
      mask: 'code',
      pattern: '^440604\\d{6}B\\d{5}R\\d{4,5}$',
    },
    members: { type: 'int', title: { zh: '户人数', en: 'Members' }, required: true, range: [1, 500], filterable: true },
    kind: {
      type: 'string',
      title: { zh: '户类型', en: 'Kind' },
      filterable: true,
      required: true,
      values: {
        family: { zh: '家庭户', en: 'Family household' },
        collective: { zh: '集体户', en: 'Collective household' },
      },
    },
  },
  key: 'household_id',
  source: {
    file: 'public_security/household.csv',
    format: 'csv',
    encoding: 'gb18030',
    crs: 'EPSG:4490',
    columns: {
      household_id: '户号',
      head_person_id: '户主编号',
      room_code: '户室编码',
      members: '户人数',
      kind: '户类型',
    },
  },
  cadence: 'daily',
  freshnessHours: 48,
  tiles: { minzoom: 15, maxzoom: 16, fields: ['members', 'kind'] },
  symbology: {
    kind: 'ramp',
    field: 'members',
    stops: [2, 3, 4, 6],
    colors: ['#dcd6ee', '#b9aedd', '#9180c4', '#6c55a8', '#4a2f86'],
  },
  sensitivity: 'personal',
  checks: { rows: [350000, 590000] },
  place: { field: 'room_code', layer: 'room' },
  report: { section: 'household', by: ['kind'] },
});
