import type { Layer } from '../define.ts';
import { abnormal_operation } from './abnormal_operation.ts';
import { administrative_penalty } from './administrative_penalty.ts';
import { boiler_vessel } from './boiler_vessel.ts';
import { bright_kitchen } from './bright_kitchen.ts';
import { consumer_complaint } from './consumer_complaint.ts';
import { elevator } from './elevator.ts';
import { enterprise } from './enterprise.ts';
import { enterprise_credit } from './enterprise_credit.ts';
import { entity_change_record } from './entity_change_record.ts';
import { food_licence } from './food_licence.ts';
import { food_sampling } from './food_sampling.ts';
import { self_employed } from './self_employed.ts';
import { specialized_market } from './specialized_market.ts';

export const market_regulation: readonly Layer[] = [
  enterprise,
  elevator,
  self_employed,
  food_licence,
  entity_change_record,
  specialized_market,
  bright_kitchen,
  food_sampling,
  boiler_vessel,
  enterprise_credit,
  abnormal_operation,
  administrative_penalty,
  consumer_complaint,
];
