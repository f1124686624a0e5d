import type { Layer } from '../define.ts';
import { hospital } from './hospital.ts';

export const health: readonly Layer[] = [hospital];
