import type { Layer } from '../define.ts';
import { basemap_area } from './basemap_area.ts';
import { building_footprint } from './building_footprint.ts';
import { building_model } from './building_model.ts';
import { cadastral_parcel } from './cadastral_parcel.ts';
import { construction_land } from './construction_land.ts';
import { contour_line } from './contour_line.ts';
import { dem_5m } from './dem_5m.ts';
import { district_boundary } from './district_boundary.ts';
import { ecological_redline } from './ecological_redline.ts';
import { elevation_point } from './elevation_point.ts';
import { geohazard_point } from './geohazard_point.ts';
import { inefficient_land } from './inefficient_land.ts';
import { land_reserve } from './land_reserve.ts';
import { land_supply } from './land_supply.ts';
import { landuse_change } from './landuse_change.ts';
import { landuse_parcel } from './landuse_parcel.ts';
import { map_25d } from './map_25d.ts';
import { permit_construction_plan } from './permit_construction_plan.ts';
import { permit_land_use } from './permit_land_use.ts';
import { plan_control_line } from './plan_control_line.ts';
import { plan_public_facility } from './plan_public_facility.ts';
import { poi } from './poi.ts';
import { real_estate_unit } from './real_estate_unit.ts';
import { regulatory_block } from './regulatory_block.ts';
import { road_centerline } from './road_centerline.ts';
import { satellite_image_current } from './satellite_image_current.ts';
import { satellite_image_history } from './satellite_image_history.ts';
import { spatial_plan_zone } from './spatial_plan_zone.ts';
import { subsidence_monitor } from './subsidence_monitor.ts';
import { survey_control_point } from './survey_control_point.ts';
import { town_boundary } from './town_boundary.ts';
import { urban_growth_boundary } from './urban_growth_boundary.ts';
import { water_area } from './water_area.ts';
import { water_line } from './water_line.ts';

export const natural_resources: readonly Layer[] = [
  district_boundary,
  town_boundary,
  satellite_image_current,
  road_centerline,
  poi,
  building_footprint,
  water_area,
  water_line,
  landuse_parcel,
  satellite_image_history,
  dem_5m,
  map_25d,
  basemap_area,
  contour_line,
  elevation_point,
  building_model,
  landuse_change,
  construction_land,
  spatial_plan_zone,
  urban_growth_boundary,
  plan_control_line,
  regulatory_block,
  plan_public_facility,
  cadastral_parcel,
  real_estate_unit,
  land_supply,
  land_reserve,
  inefficient_land,
  permit_land_use,
  permit_construction_plan,
  ecological_redline,
  geohazard_point,
  subsidence_monitor,
  survey_control_point,
];
