import type { Theme } from './delivery.ts';
import { urbanCases } from './urban-cases.ts';
import { urbanGovernance } from './urban-governance.ts';
import { urbanParking } from './urban-parking.ts';
import { urbanRoads } from './urban-roads.ts';
import { urbanSanitation } from './urban-sanitation.ts';
import { urbanStreetFurniture } from './urban-street-furniture.ts';

/** The files of the city management bureau, but for grids, grid workers, components and parks. */
export const urbanManagement: Theme = {
  ...urbanRoads,
  ...urbanStreetFurniture,
  ...urbanParking,
  ...urbanSanitation,
  ...urbanCases,
  ...urbanGovernance,
};
