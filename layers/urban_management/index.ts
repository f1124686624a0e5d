import type { Layer } from '../define.ts';
import { city_component } from './city_component.ts';
import { governance_grid } from './governance_grid.ts';
import { grid_staff_position } from './grid_staff_position.ts';
import { park } from './park.ts';

export const urban_management: readonly Layer[] = [governance_grid, grid_staff_position, city_component, park];
