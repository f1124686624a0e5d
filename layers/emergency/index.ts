import type { Layer } from '../define.ts';
import { drone_nest } from './drone_nest.ts';
import { emergency_shelter } from './emergency_shelter.ts';
import { evacuation_route } from './evacuation_route.ts';
import { fire_hydrant } from './fire_hydrant.ts';
import { fire_iot_alarm } from './fire_iot_alarm.ts';
import { fire_key_unit } from './fire_key_unit.ts';
import { fire_station } from './fire_station.ts';
import { fuel_station } from './fuel_station.ts';
import { hazard_risk_zone } from './hazard_risk_zone.ts';
import { hazchem_enterprise } from './hazchem_enterprise.ts';
import { radar_rainfall } from './radar_rainfall.ts';
import { rain_gauge } from './rain_gauge.ts';
import { rescue_team } from './rescue_team.ts';
import { supply_depot } from './supply_depot.ts';
import { typhoon_track } from './typhoon_track.ts';
import { weather_warning } from './weather_warning.ts';

export const emergency: readonly Layer[] = [
  fire_hydrant,
  emergency_shelter,
  fire_station,
  rain_gauge,
  drone_nest,
  fire_key_unit,
  fire_iot_alarm,
  hazchem_enterprise,
  fuel_station,
  rescue_team,
  supply_depot,
  evacuation_route,
  weather_warning,
  typhoon_track,
  hazard_risk_zone,
  radar_rainfall,
];
