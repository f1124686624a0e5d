import type { Layer } from '../define.ts';
import { enrolment_application } from './enrolment_application.ts';
import { kindergarten } from './kindergarten.ts';
import { middle_school } from './middle_school.ts';
import { primary_school } from './primary_school.ts';
import { school_age_child } from './school_age_child.ts';
import { school_catchment } from './school_catchment.ts';
import { school_seat_plan } from './school_seat_plan.ts';
import { training_institution } from './training_institution.ts';

export const education: readonly Layer[] = [
  primary_school,
  kindergarten,
  middle_school,
  training_institution,
  school_catchment,
  school_seat_plan,
  school_age_child,
  enrolment_application,
];
