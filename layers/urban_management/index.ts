import type { Layer } from '../define.ts';
import { ancient_tree } from './ancient_tree.ts';
import { bike_parking_zone } from './bike_parking_zone.ts';
import { bridge } from './bridge.ts';
import { city_case } from './city_case.ts';
import { city_component } from './city_component.ts';
import { dispute_mediation } from './dispute_mediation.ts';
import { enforcement_case } from './enforcement_case.ts';
import { governance_event } from './governance_event.ts';
import { governance_grid } from './governance_grid.ts';
import { green_space } from './green_space.ts';
import { greenway } from './greenway.ts';
import { grid_staff_position } from './grid_staff_position.ts';
import { illegal_building } from './illegal_building.ts';
import { muck_truck_position } from './muck_truck_position.ts';
import { municipal_road } from './municipal_road.ts';
import { outdoor_ad } from './outdoor_ad.ts';
import { park } from './park.ts';
import { parking_lot } from './parking_lot.ts';
import { public_toilet } from './public_toilet.ts';
import { roadside_space } from './roadside_space.ts';
import { sanitation_vehicle_position } from './sanitation_vehicle_position.ts';
import { shared_bike_position } from './shared_bike_position.ts';
import { smart_manhole } from './smart_manhole.ts';
import { smart_pole } from './smart_pole.ts';
import { street_lamp } from './street_lamp.ts';
import { street_panorama } from './street_panorama.ts';
import { underpass } from './underpass.ts';
import { unit_grid } from './unit_grid.ts';
import { vendor_zone } from './vendor_zone.ts';
import { waste_station } from './waste_station.ts';

export const urban_management: readonly Layer[] = [
  governance_grid,
  grid_staff_position,
  city_component,
  park,
  unit_grid,
  street_lamp,
  municipal_road,
  bridge,
  underpass,
  smart_pole,
  street_panorama,
  parking_lot,
  roadside_space,
  bike_parking_zone,
  shared_bike_position,
  greenway,
  muck_truck_position,
  smart_manhole,
  city_case,
  public_toilet,
  waste_station,
  sanitation_vehicle_position,
  green_space,
  ancient_tree,
  outdoor_ad,
  vendor_zone,
  governance_event,
  dispute_mediation,
  illegal_building,
  enforcement_case,
];
