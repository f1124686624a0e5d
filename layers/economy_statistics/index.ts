import type { Layer } from '../define.ts';
import { above_scale_enterprise } from './above_scale_enterprise.ts';
import { charging_station } from './charging_station.ts';
import { commercial_building } from './commercial_building.ts';
import { economic_census_unit } from './economic_census_unit.ts';
import { enterprise_tax } from './enterprise_tax.ts';
import { government_service_hall } from './government_service_hall.ts';
import { high_tech_enterprise } from './high_tech_enterprise.ts';
import { hotline_ticket } from './hotline_ticket.ts';
import { industrial_park } from './industrial_park.ts';
import { industry_statistics } from './industry_statistics.ts';
import { population_grid } from './population_grid.ts';
import { population_heat } from './population_heat.ts';
import { power_substation } from './power_substation.ts';
import { tax_grid } from './tax_grid.ts';
import { telecom_base_station } from './telecom_base_station.ts';

export const economy_statistics: readonly Layer[] = [
  industrial_park,
  charging_station,
  power_substation,
  telecom_base_station,
  population_grid,
  population_heat,
  government_service_hall,
  industry_statistics,
  above_scale_enterprise,
  economic_census_unit,
  commercial_building,
  high_tech_enterprise,
  enterprise_tax,
  tax_grid,
  hotline_ticket,
];
