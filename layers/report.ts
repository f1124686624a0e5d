import type { Layer, Report, ReportSection } from './define.ts';

/** What layers of a subclass tell without saying so. */
const SECTION_OF: Readonly<Record<string, ReportSection>> = {
  care_group: 'care',
  hazchem: 'risk',
  pollution_source: 'risk',
  education_facility: 'facility',
  medical: 'facility',
  elderly_care: 'facility',
  community_service: 'facility',
  metro: 'facility',
  bus: 'facility',
  parking: 'facility',
  fire: 'facility',
  shelter: 'facility',
  rescue_resource: 'facility',
  video: 'facility',
  police_force: 'facility',
  drainage: 'network',
  water_gas: 'network',
};

/** Things that stay where they are: no vehicles, no people, no readings of sensors. */
function isFacility({ geometry, sensitivity, id }: Layer): boolean {
  return geometry === 'point' && sensitivity !== 'personal' && !id.endsWith('_position');
}

/**
 * What a layer tells in the report of who and what is inside an area: what its definition says, else what its subclass
 * says. Null: nothing.
 */
export function reportOf(layer: Layer): Report | null {
  if (layer.report !== undefined) return layer.report === false ? null : layer.report;
  const section = SECTION_OF[layer.subclass];
  switch (section) {
    case undefined:
      return null;
    case 'care':
      return layer.sensitivity === 'personal' ? { section } : null;
    case 'network':
      return layer.geometry === 'line' ? { section } : null;
    default:
      return isFacility(layer) ? { section } : null;
  }
}
