import type { Layer } from '../define.ts';
import { elevator } from './elevator.ts';
import { enterprise } from './enterprise.ts';

export const market_regulation: readonly Layer[] = [enterprise, elevator];
