import type { Layer } from '../define.ts';
import { charging_station } from './charging_station.ts';
import { industrial_park } from './industrial_park.ts';

export const economy_statistics: readonly Layer[] = [industrial_park, charging_station];
