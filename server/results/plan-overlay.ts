import type { Role } from '../../layers/access.ts';
import { isPointLike } from '../../layers/ddl.ts';
import type { Field, Layer, Sensitivity } from '../../layers/define.ts';
import type { LayerInput, ShapeInput } from '../analysis/contract.ts';
import { requireWithin } from '../analysis/limits.ts';
import { getLoaded, resolveShape, rowsOf } from '../analysis/shape.ts';
import { layersOfAreas } from '../filter/predicate.ts';
import type { Services } from '../services.ts';
import type { OverlayInput } from './contract.ts';
import { strictest, type MadeOf, type MadeOfInput } from './made-of.ts';
import { kindOfPieces, overlay, PARTS, type OverlaySide, type ShapeKind } from './overlay.ts';
import { resultLayer, takeFields } from './result-layer.ts';
import type { ResultPlan } from './result-plan.ts';

type Side = LayerInput | { shape: ShapeInput };

interface ResolvedSide {
  layer: Layer | null;
  source: OverlaySide['source'];
  kind: ShapeKind;
  rows: number;
  sensitivities: Sensitivity[];
  madeOf: MadeOfInput;
  load: number | null;
}

export function kindOf(layer: Layer): ShapeKind {
  return isPointLike(layer) ? 'point' : (layer.geometry as 'line' | 'polygon');
}

async function resolveSide(services: Services, role: Role, input: Side, side: 'a' | 'b'): Promise<ResolvedSide> {
  if ('shape' in input) {
    const shape = await resolveShape(services, role, input.shape, `${side}.shape`);
    const of =
      input.shape.kind === 'feature' ? [(await getLoaded(services.catalogue, input.shape.layer, role)).layer] : [];
    return {
      layer: null,
      source: { geometry: shape.geometry },
      kind: 'polygon',
      rows: 1,
      sensitivities: of.map(({ sensitivity }) => sensitivity),
      madeOf: { side, shape: { kind: shape.kind, areaM2: shape.areaM2 } },
      load: null,
    };
  }
  const { layer, state } = await getLoaded(services.catalogue, input.layer, role);
  const predicate = await rowsOf(services, role, layer, input.filter, 'rows');
  const rows = await services.counter.rows(layer, state, predicate);
  requireWithin('overlayFeatures', rows, side);
  return {
    layer,
    source: { layer, load: state.loadId, table: state.table, predicate },
    kind: kindOf(layer),
    rows,
    sensitivities: [layer, ...layersOfAreas(predicate)].map(({ sensitivity }) => sensitivity),
    madeOf: { side, layer: layer.id, load: state.loadId, filter: input.filter ?? null, rows },
    load: state.loadId,
  };
}

/** What an overlay makes: its fields, how sensitive it is, and how it is computed. */
export async function planOverlay(
  services: Services,
  role: Role,
  id: string,
  input: OverlayInput,
  by: Pick<MadeOf, 'by' | 'at' | 'purpose'>,
): Promise<ResultPlan> {
  const { operation, sliverMetres, title } = input;
  const a = await resolveSide(services, role, input.a, 'a');
  const b = await resolveSide(services, role, input.b, 'b');
  const kind = kindOfPieces(operation, a.kind, b.kind);
  const isEither = operation === 'union' || operation === 'symmetric_difference';
  const takesBoth = isEither || operation === 'intersection';
  const sensitivity = strictest([...a.sensitivities, ...b.sensitivities]);
  const own: Record<string, Field> = {
    ...(isEither
      ? { overlay_part: { type: 'string', title: { zh: '属于', en: 'Part' }, filterable: true, values: { ...PARTS } } }
      : {}),
    ...(kind === 'polygon'
      ? { area_m2: { type: 'number', title: { zh: '面积', en: 'Area' }, unit: 'm²', filterable: true } }
      : {}),
    ...(kind === 'line'
      ? { length_m: { type: 'number', title: { zh: '长度', en: 'Length' }, unit: 'm', filterable: true } }
      : {}),
  };
  const taken = takeFields(takesBoth ? [a.layer, b.layer] : [a.layer], role, sensitivity, Object.keys(own));
  const [ofA = [], ofB = []] = taken;
  const layer = resultLayer({ id, title, geometry: kind, sensitivity, like: a.layer, taken, own, rows: a.rows });
  return {
    layer,
    madeOf: { ...by, operation, inputs: [a.madeOf, b.madeOf], parameters: { sliverMetres } },
    total: a.rows,
    personal: [a, b].flatMap(({ layer: of, load, rows }, index) =>
      of?.sensitivity === 'personal' && (index === 0 || takesBoth) ? [{ layer: of.id, load, rows }] : [],
    ),
    write: async ({ id: job, sql, writer, signal }) => ({
      ...(await overlay(
        sql,
        {
          id: job,
          operation,
          a: { kind: a.kind, source: a.source, taken: ofA },
          b: { kind: b.kind, source: b.source, taken: ofB },
          sliverMetres,
        },
        writer,
        signal,
      )),
    }),
  };
}
