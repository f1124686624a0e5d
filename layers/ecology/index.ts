import type { Layer } from '../define.ts';
import { air_forecast_grid } from './air_forecast_grid.ts';
import { air_station } from './air_station.ts';
import { pollution_source } from './pollution_source.ts';

export const ecology: readonly Layer[] = [air_station, pollution_source, air_forecast_grid];
