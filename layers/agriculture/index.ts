import type { Layer } from '../define.ts';
import { farmland_protection } from './farmland_protection.ts';
import { fish_pond } from './fish_pond.ts';

export const agriculture: readonly Layer[] = [fish_pond, farmland_protection];
