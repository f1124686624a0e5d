import type { Role } from '../../layers/access.ts';
import type { Layer, Text } from '../../layers/define.ts';
import type { LayerInput } from '../analysis/contract.ts';
import { getLoaded, rowsOf } from '../analysis/shape.ts';
import { layersOfAreas } from '../filter/predicate.ts';
import type { Services } from '../services.ts';
import type { SaveInput } from './contract.ts';
import type { MadeOf, MadeOfInput } from './made-of.ts';
import type { ResultPlan } from './result-plan.ts';

type Of = SaveInput['of'];

/** What somebody asked to keep. */
export interface Asked<K extends Of['kind']> {
  services: Services;
  role: Role;
  id: string;
  title: Text;
  of: Extract<Of, { kind: K }>;
  by: Pick<MadeOf, 'by' | 'at' | 'purpose'>;
}

/** Rows of a layer that were chosen: for the record, and how sensitive they make a result. */
export async function chosen(services: Services, role: Role, input: { layer: string; filter?: LayerInput['filter'] }) {
  const { layer, state } = await getLoaded(services.catalogue, input.layer, role);
  const predicate = await rowsOf(services, role, layer, input.filter, 'rows');
  const rows = await services.counter.rows(layer, state, predicate);
  const madeOf: MadeOfInput = {
    layer: layer.id,
    load: state.loadId,
    filter: input.filter ?? null,
    rows,
  };
  const sensitivities = [layer, ...layersOfAreas(predicate)].map(({ sensitivity }) => sensitivity);
  return { layer, state, predicate, rows, madeOf, sensitivities };
}

/** Whose personal data a result keeps. */
export function personalOf(layer: Layer, load: number, rows: number): ResultPlan['personal'] {
  return layer.sensitivity === 'personal' ? [{ layer: layer.id, load, rows }] : [];
}
