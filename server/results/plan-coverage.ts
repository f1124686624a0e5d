import { RAMP } from '../../layers/color.ts';
import type { Field, Symbology } from '../../layers/define.ts';
import { requireWithin } from '../analysis/limits.ts';
import { BOUNDARY_LAYER, getLoaded } from '../analysis/shape.ts';
import { findCoverage } from '../analysis/travel.ts';
import { cellShapes } from './cell-shapes.ts';
import { chosen, personalOf, type Asked } from './chosen.ts';
import { strictest } from './made-of.ts';
import { resultLayer } from './result-layer.ts';
import type { ResultPlan } from './result-plan.ts';

/**
 * What share of each micro-grid's roads is reached in time. As personal as where the starts are: of a single one the cells
 * that are reached tell it.
 */
export async function planCoverage({ services, role, id, title, of, by }: Asked<'coverage'>): Promise<ResultPlan> {
  const { from, mode, minutes } = of;
  const boundary = await getLoaded(services.catalogue, BOUNDARY_LAYER.grid, role);
  const starts = await chosen(services, role, from);
  requireWithin('origins', starts.rows, 'of.from');
  const own: Record<string, Field> = {
    code: { type: 'string', title: { zh: '编码', en: 'Code' }, filterable: true },
    share: { type: 'number', title: { zh: '覆盖率', en: 'Share reached' }, unit: '%', filterable: true },
    road_m: { type: 'number', title: { zh: '道路长度', en: 'Length of roads' }, unit: 'm', filterable: true },
  };
  const symbology: Symbology = { kind: 'ramp', field: 'share', stops: [25, 50, 75, 99.95], colors: RAMP };
  return {
    layer: resultLayer({
      id,
      title,
      geometry: 'polygon',
      sensitivity: strictest([boundary.layer.sensitivity, ...starts.sensitivities]),
      like: null,
      taken: [],
      own,
      symbology,
      label: 'code',
      rows: boundary.state.rows,
    }),
    madeOf: {
      ...by,
      operation: 'coverage',
      inputs: [starts.madeOf, { layer: boundary.layer.id, load: boundary.state.loadId }],
      parameters: { mode, minutes },
    },
    total: boundary.state.rows,
    personal: personalOf(starts.layer, starts.state.loadId, starts.rows),
    write: async ({ sql, writer }) => {
      const { codes, shares, metres, share, roads, origins, offRoad } = await findCoverage(
        services,
        role,
        from,
        mode,
        minutes,
      );
      const shapeOf = await cellShapes(sql, boundary.state.table, codes);
      await writer.add(
        codes.map((code, index) => ({
          geometry: shapeOf.get(code) ?? null,
          values: { code, share: Number((100 * (shares[index] ?? 0)).toFixed(2)), road_m: metres[index] },
        })),
      );
      return { share, roads, origins, offRoad };
    },
  };
}
