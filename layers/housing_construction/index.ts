import type { Layer } from '../define.ts';
import { construction_site } from './construction_site.ts';
import { heritage_site } from './heritage_site.ts';
import { housing_estate } from './housing_estate.ts';

export const housing_construction: readonly Layer[] = [housing_estate, construction_site, heritage_site];
