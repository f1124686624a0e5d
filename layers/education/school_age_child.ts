import { defineLayer } from '../define.ts';

export const school_age_child = defineLayer({
  id: 'school_age_child',
  title: { zh: '适龄儿童', en: 'School-age child' },
  department: 'education',
  class: 'population_livelihood',
  subclass: 'school_enrolment',
  geometry: 'table',
  fields: {
    person_id: {
      type: 'string',
      title: { zh: '人员编号', en: 'Person number' },
      required: true,
      pattern: '^P\\d{9}$',
      mask: 'code',
    },
    birth_date: {
      type: 'date',
      title: { zh: '出生日期', en: 'Date of birth' },
      required: true,
      mask: 'birth_date',
      filterable: true,
    },
    room_code: {
      type: 'string',
      title: { zh: '现住户室编码', en: 'Room code' },
      pattern: '^440604\\d{6}B\\d{5}R\\d{4,5}$',
      mask: 'code',
    },
    catchment_school: {
      type: 'string',
      title: { zh: '地段学校', en: 'Catchment school' },
      pattern: '^\\d{10}$',
      filterable: true,
    },
    residence_kind: {
      type: 'string',
      title: { zh: '户籍类别', en: 'Kind of residence' },
      required: true,
      filterable: true,
      values: {
        registered: { zh: '户籍', en: 'Registered' },
        resident: { zh: '常住', en: 'Long-term resident' },
        floating: { zh: '流动', en: 'Floating' },
        overseas: { zh: '境外', en: 'From abroad' },
      },
    },
    due_year: { type: 'int', title: { zh: '应入学年度', en: 'Year due' }, range: [2020, 2035], filterable: true },
  },
  key: 'person_id',
  source: {
    file: 'education/school_age_child.csv',
    format: 'csv',
    encoding: 'gb18030',
    crs: 'EPSG:4490',
    columns: {
      person_id: '人员编号',
      birth_date: '出生日期',
      room_code: '现住户室编码',
      catchment_school: '地段学校',
      residence_kind: '户籍类别',
      due_year: '应入学年度',
    },
  },
  cadence: 'monthly',
  freshnessHours: 1080,
  tiles: { minzoom: 14, maxzoom: 16, fields: ['residence_kind', 'due_year'] },
  symbology: {
    kind: 'categorical',
    field: 'residence_kind',
    colors: { registered: '#0d7462', resident: '#544b92', floating: '#e882b6', overseas: '#79831c' },
    other: '#c4c4c4',
  },
  sensitivity: 'personal',
  checks: {
    rows: [26000, 60000],
    references: [
      { field: 'person_id', layer: 'person' },
      { field: 'catchment_school', layer: 'school_catchment' },
    ],
  },
  place: { field: 'room_code', layer: 'room' },
});
