/** Words that warnings are made of, in both languages. */
import type { Text } from '../../../layers/define.ts';
import { inBoth } from '../../i18n/in-both.ts';

export const districtName = (): Text => inBoth('warn.district');

/** What districts warn of most, with the category of CAP that each belongs to. */
const KINDS = [
  ['rainstorm', 'Met'],
  ['typhoon', 'Met'],
  ['thunderstorm', 'Met'],
  ['heat', 'Met'],
  ['cold', 'Met'],
  ['fog', 'Met'],
  ['flooding', 'Geo'],
  ['landslide', 'Geo'],
  ['forestFire', 'Fire'],
  ['fire', 'Fire'],
  ['chemical', 'CBRNE'],
  ['air', 'Env'],
  ['water', 'Infra'],
  ['power', 'Infra'],
  ['road', 'Transport'],
  ['crowd', 'Safety'],
  ['disease', 'Health'],
] as const;

export interface WarningEvent {
  title: Text;
  category: string;
}

export const listEvents = (): WarningEvent[] =>
  KINDS.map(([kind, category]) => ({ title: inBoth(`warn.kind.${kind}`), category }));
