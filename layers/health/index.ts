import type { Layer } from '../define.ts';
import { ambulance_position } from './ambulance_position.ts';
import { clinic } from './clinic.ts';
import { community_health_center } from './community_health_center.ts';
import { hospital } from './hospital.ts';
import { infectious_case } from './infectious_case.ts';

export const health: readonly Layer[] = [
  hospital,
  community_health_center,
  clinic,
  ambulance_position,
  infectious_case,
];
