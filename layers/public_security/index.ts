import type { Layer } from '../define.ts';
import { building_unit } from './building_unit.ts';
import { crime_hotspot } from './crime_hotspot.ts';
import { crowd_density } from './crowd_density.ts';
import { door_plate } from './door_plate.ts';
import { event_control_zone } from './event_control_zone.ts';
import { event_route } from './event_route.ts';
import { household } from './household.ts';
import { patrol_position } from './patrol_position.ts';
import { person } from './person.ts';
import { police_area } from './police_area.ts';
import { police_incident } from './police_incident.ts';
import { police_station } from './police_station.ts';
import { rental_house } from './rental_house.ts';
import { residence_permit } from './residence_permit.ts';
import { road_congestion } from './road_congestion.ts';
import { room } from './room.ts';
import { shared_camera } from './shared_camera.ts';
import { standard_address } from './standard_address.ts';
import { traffic_accident } from './traffic_accident.ts';
import { traffic_camera } from './traffic_camera.ts';
import { traffic_sign } from './traffic_sign.ts';
import { traffic_signal } from './traffic_signal.ts';
import { video_camera } from './video_camera.ts';

export const public_security: readonly Layer[] = [
  person,
  household,
  room,
  video_camera,
  police_station,
  standard_address,
  door_plate,
  building_unit,
  rental_house,
  traffic_signal,
  traffic_camera,
  traffic_sign,
  road_congestion,
  traffic_accident,
  residence_permit,
  shared_camera,
  patrol_position,
  police_area,
  police_incident,
  crime_hotspot,
  event_route,
  event_control_zone,
  crowd_density,
];
