import type { Layer } from '../define.ts';
import { drainage_pipe } from './drainage_pipe.ts';
import { water_level_station } from './water_level_station.ts';
import { waterlogging_sensor } from './waterlogging_sensor.ts';
import { waterlogging_spot } from './waterlogging_spot.ts';

export const water_affairs: readonly Layer[] = [
  water_level_station,
  waterlogging_sensor,
  waterlogging_spot,
  drainage_pipe,
];
