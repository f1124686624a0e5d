import { defineLayer } from '../define.ts';

export const fish_pond = defineLayer({
  id: 'fish_pond',
  title: { zh: '养殖鱼塘', en: 'Fish pond' },
  department: 'agriculture',
  class: 'water_flood',
  subclass: 'river_lake',
  geometry: 'polygon',
  fields: {
    pond_no: { type: 'string', title: { zh: '鱼塘编号', en: 'Pond number' }, required: true, pattern: '^YT\\d{5}$' },
    village_code: {
      type: 'string',
      title: { zh: '村居代码', en: 'Village code' },
      pattern: '^440604\\d{6}$',
      filterable: true,
    },
    area_m2: { type: 'number', title: { zh: '面积', en: 'Area' }, unit: 'm²', range: [50, 500000], filterable: true },
    species: {
      type: 'string',
      title: { zh: '养殖品种', en: 'Species' },
      filterable: true,
      values: {
        grass_carp: { zh: '鲩鱼', en: 'Grass carp' },
        bighead_carp: { zh: '鳙鱼', en: 'Bighead carp' },
        mandarin_fish: { zh: '桂花鱼', en: 'Mandarin fish' },
        snakehead: { zh: '生鱼', en: 'Snakehead' },
        shrimp: { zh: '虾', en: 'Shrimp' },
        mixed: { zh: '混养', en: 'Polyculture' },
      },
    },
    tail_water: {
      type: 'string',
      title: { zh: '尾水处理', en: 'Tail-water treatment' },
      filterable: true,
      values: {
        recycled: { zh: '循环利用', en: 'Recycled' },
        treated: { zh: '处理后排放', en: 'Treated discharge' },
        untreated: { zh: '直接排放', en: 'Untreated discharge' },
      },
    },
  },
  key: 'pond_no',
  label: 'pond_no',
  source: {
    file: 'agriculture/fish_pond.zip',
    format: 'shapefile',
    encoding: 'gb18030',
    crs: 'EPSG:4526',
    columns: {
      pond_no: '鱼塘编号',
      village_code: '村居代码',
      area_m2: '面积',
      species: '养殖品种',
      tail_water: '尾水处理',
    },
  },
  cadence: 'yearly',
  freshnessHours: 9600,
  tiles: { minzoom: 12, maxzoom: 15, fields: ['pond_no', 'species', 'tail_water'] },
  symbology: {
    kind: 'categorical',
    field: 'tail_water',
    colors: { recycled: '#96fbd5', treated: '#0d7462', untreated: '#844f21' },
    other: '#c4c4c4',
  },
  sensitivity: 'internal',
  checks: {
    rows: [300, 1500],
    references: [{ field: 'village_code', layer: 'community_boundary' }],
    distinctShapes: true,
  },
});
