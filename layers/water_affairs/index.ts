import type { Layer } from '../define.ts';
import { dike } from './dike.ts';
import { drainage_manhole } from './drainage_manhole.ts';
import { drainage_pipe } from './drainage_pipe.ts';
import { flow_station } from './flow_station.ts';
import { inundation_model } from './inundation_model.ts';
import { pipe_level_sensor } from './pipe_level_sensor.ts';
import { pump_operation } from './pump_operation.ts';
import { pump_station } from './pump_station.ts';
import { rain_grate } from './rain_grate.ts';
import { river_chief_section } from './river_chief_section.ts';
import { river_management_scope } from './river_management_scope.ts';
import { river_patrol_issue } from './river_patrol_issue.ts';
import { river_reach } from './river_reach.ts';
import { sewage_plant } from './sewage_plant.ts';
import { sluice } from './sluice.ts';
import { tap_water_quality } from './tap_water_quality.ts';
import { water_intake } from './water_intake.ts';
import { water_level_station } from './water_level_station.ts';
import { water_plant } from './water_plant.ts';
import { water_supply_pipe } from './water_supply_pipe.ts';
import { water_usage } from './water_usage.ts';
import { waterlogging_sensor } from './waterlogging_sensor.ts';
import { waterlogging_spot } from './waterlogging_spot.ts';

export const water_affairs: readonly Layer[] = [
  water_level_station,
  waterlogging_sensor,
  waterlogging_spot,
  drainage_pipe,
  drainage_manhole,
  rain_grate,
  water_supply_pipe,
  river_reach,
  river_management_scope,
  dike,
  sluice,
  pump_station,
  flow_station,
  pump_operation,
  inundation_model,
  pipe_level_sensor,
  water_plant,
  tap_water_quality,
  sewage_plant,
  river_chief_section,
  river_patrol_issue,
  water_intake,
  water_usage,
];
