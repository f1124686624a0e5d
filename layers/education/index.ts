import type { Layer } from '../define.ts';
import { primary_school } from './primary_school.ts';

export const education: readonly Layer[] = [primary_school];
