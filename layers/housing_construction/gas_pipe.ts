import { defineLayer } from '../define.ts';

export const gas_pipe = defineLayer({
  id: 'gas_pipe',
  title: { zh: '燃气管线', en: 'Gas pipe' },
  department: 'housing_construction',
  class: 'urban_construction',
  subclass: 'water_gas',
  geometry: 'line',
  fields: {
    pipe_no: { type: 'string', title: { zh: '管线编号', en: 'Pipe number' }, required: true, pattern: '^RQ\\d{6}$' },
    pressure_level: {
      type: 'string',
      title: { zh: '压力级制', en: 'Pressure level' },
      required: true,
      filterable: true,
      values: {
        high: { zh: '次高压', en: 'Sub-high pressure' },
        medium_a: { zh: '中压 A', en: 'Medium pressure A' },
        medium_b: { zh: '中压 B', en: 'Medium pressure B' },
        low: { zh: '低压', en: 'Low pressure' },
      },
    },
    diameter_mm: {
      type: 'int',
      title: { zh: '管径', en: 'Diameter' },
      unit: 'mm',
      range: [10, 2000],
      filterable: true,
    },
    material: {
      type: 'string',
      title: { zh: '管材', en: 'Material' },
      filterable: true,
      values: {
        pe: { zh: '聚乙烯', en: 'Polyethylene' },
        steel: { zh: '钢', en: 'Steel' },
        cast_iron: { zh: '铸铁', en: 'Cast iron' },
      },
    },
    built_year: { type: 'int', title: { zh: '建成年份', en: 'Year built' }, range: [1970, 2030], filterable: true },
  },
  key: 'pipe_no',
  source: {
    file: 'housing_construction/gas_pipe.geojson',
    format: 'geojson',
    encoding: 'utf-8',
    crs: 'EPSG:4547',
    columns: {
      pipe_no: '管线编号',
      pressure_level: '压力级制',
      diameter_mm: '管径',
      material: '管材',
      built_year: '建成年份',
    },
  },
  cadence: 'yearly',
  freshnessHours: 9600,
  tiles: { minzoom: 13, maxzoom: 16, fields: ['pressure_level', 'diameter_mm', 'material', 'built_year'] },
  symbology: {
    kind: 'categorical',
    field: 'pressure_level',
    colors: { high: '#5c3616', medium_a: '#a0521f', medium_b: '#79831c', low: '#a8a257' },
    other: '#c4c4c4',
  },
  sensitivity: 'restricted',
  checks: { rows: [9000, 21000] },
});
