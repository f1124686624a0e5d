import type { Layer } from '../define.ts';
import { bus_stop } from './bus_stop.ts';
import { metro_line } from './metro_line.ts';
import { metro_station } from './metro_station.ts';

export const transport: readonly Layer[] = [bus_stop, metro_station, metro_line];
