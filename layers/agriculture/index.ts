import type { Layer } from '../define.ts';
import { collective_asset } from './collective_asset.ts';
import { collective_contract } from './collective_contract.ts';
import { collective_org } from './collective_org.ts';
import { farmland_protection } from './farmland_protection.ts';
import { fish_pond } from './fish_pond.ts';
import { rural_homestead } from './rural_homestead.ts';

export const agriculture: readonly Layer[] = [
  fish_pond,
  farmland_protection,
  collective_org,
  collective_asset,
  collective_contract,
  rural_homestead,
];
