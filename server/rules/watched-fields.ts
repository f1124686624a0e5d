import { defineLayer, type Layer } from '../../layers/define.ts';

const common = {
  department: 'urban_management',
  class: 'urban_governance',
  subclass: 'governance_event',
  geometry: 'point',
  source: { file: '-', format: 'json', crs: 'EPSG:4326' },
  cadence: 'realtime',
  freshnessHours: 1,
  symbology: { kind: 'none', color: '#808080' },
  sensitivity: 'internal',
  checks: { rows: [0, 0] },
} as const;

/** What a rule may ask of an incident, in the words of the filter. No layer of the catalogue: incidents are live. */
export const incidentFields = defineLayer({
  ...common,
  id: 'incident',
  title: { zh: '事件', en: 'Incident' },
  fields: {
    category: { type: 'string', title: { zh: '类别', en: 'Category' }, filterable: true },
    source: { type: 'string', title: { zh: '来源', en: 'Source' }, filterable: true },
    title: { type: 'string', title: { zh: '标题', en: 'Title' }, filterable: true },
    severity: { type: 'int', title: { zh: '等级', en: 'Severity' }, filterable: true },
    state: { type: 'string', title: { zh: '状态', en: 'State' }, filterable: true },
    stage: { type: 'string', title: { zh: '阶段', en: 'Stage' }, filterable: true },
    department: { type: 'string', title: { zh: '部门', en: 'Department' }, filterable: true },
    reports: { type: 'int', title: { zh: '报告数', en: 'Reports' }, filterable: true },
  },
  key: 'category',
});

/** A place has no fields: the area of a geofence is made of areas only. */
export const placeFields: Layer = { ...common, id: 'place', title: { zh: '位置', en: 'Place' }, fields: {}, key: '' };
