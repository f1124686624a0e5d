import type { Layer } from '../define.ts';
import { emergency_shelter } from './emergency_shelter.ts';
import { fire_hydrant } from './fire_hydrant.ts';
import { fire_station } from './fire_station.ts';
import { radar_rainfall } from './radar_rainfall.ts';

export const emergency: readonly Layer[] = [fire_hydrant, emergency_shelter, fire_station, radar_rainfall];
