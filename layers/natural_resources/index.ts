import type { Layer } from '../define.ts';
import { building_footprint } from './building_footprint.ts';
import { district_boundary } from './district_boundary.ts';
import { landuse_parcel } from './landuse_parcel.ts';
import { poi } from './poi.ts';
import { road_centerline } from './road_centerline.ts';
import { satellite_image_current } from './satellite_image_current.ts';
import { town_boundary } from './town_boundary.ts';
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
];
