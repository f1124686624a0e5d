import type { Layer } from '../define.ts';
import { community_boundary } from './community_boundary.ts';
import { culture_sport_facility } from './culture_sport_facility.ts';
import { disabled_person } from './disabled_person.ts';
import { elder_canteen } from './elder_canteen.ts';
import { elderly_alone } from './elderly_alone.ts';
import { home_care_center } from './home_care_center.ts';
import { job_market } from './job_market.ts';
import { labor_dispute } from './labor_dispute.ts';
import { needy_child } from './needy_child.ts';
import { nursing_home } from './nursing_home.ts';
import { party_service_center } from './party_service_center.ts';
import { place_name } from './place_name.ts';
import { social_insurance_grid } from './social_insurance_grid.ts';
import { social_organization } from './social_organization.ts';
import { subsistence_family } from './subsistence_family.ts';
import { temporary_aid } from './temporary_aid.ts';

export const civil_affairs: readonly Layer[] = [
  community_boundary,
  place_name,
  elderly_alone,
  nursing_home,
  disabled_person,
  needy_child,
  home_care_center,
  elder_canteen,
  subsistence_family,
  temporary_aid,
  party_service_center,
  culture_sport_facility,
  job_market,
  social_insurance_grid,
  labor_dispute,
  social_organization,
];
