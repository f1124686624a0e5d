import type { Layer } from '../define.ts';
import { air_forecast_grid } from './air_forecast_grid.ts';
import { air_micro_station } from './air_micro_station.ts';
import { air_station } from './air_station.ts';
import { black_odor_river } from './black_odor_river.ts';
import { env_complaint } from './env_complaint.ts';
import { env_inspection } from './env_inspection.ts';
import { env_penalty } from './env_penalty.ts';
import { exhaust_cems } from './exhaust_cems.ts';
import { hazardous_waste_transfer } from './hazardous_waste_transfer.ts';
import { hazardous_waste_unit } from './hazardous_waste_unit.ts';
import { key_polluter } from './key_polluter.ts';
import { noise_function_zone } from './noise_function_zone.ts';
import { noise_station } from './noise_station.ts';
import { pollutant_permit } from './pollutant_permit.ts';
import { pollution_source } from './pollution_source.ts';
import { radiation_source } from './radiation_source.ts';
import { river_outfall } from './river_outfall.ts';
import { soil_plot } from './soil_plot.ts';
import { surface_water_section } from './surface_water_section.ts';
import { voc_fence } from './voc_fence.ts';
import { waste_facility } from './waste_facility.ts';
import { wastewater_online } from './wastewater_online.ts';
import { water_auto_station } from './water_auto_station.ts';
import { water_source_zone } from './water_source_zone.ts';

export const ecology: readonly Layer[] = [
  air_station,
  pollution_source,
  water_source_zone,
  river_outfall,
  key_polluter,
  pollutant_permit,
  air_micro_station,
  surface_water_section,
  water_auto_station,
  black_odor_river,
  noise_station,
  noise_function_zone,
  hazardous_waste_unit,
  hazardous_waste_transfer,
  waste_facility,
  soil_plot,
  radiation_source,
  exhaust_cems,
  wastewater_online,
  voc_fence,
  env_inspection,
  env_penalty,
  env_complaint,
  air_forecast_grid,
];
