import type { Layer } from '../define.ts';
import { community_boundary } from './community_boundary.ts';
import { elderly_alone } from './elderly_alone.ts';
import { nursing_home } from './nursing_home.ts';
import { place_name } from './place_name.ts';

export const civil_affairs: readonly Layer[] = [community_boundary, place_name, elderly_alone, nursing_home];
