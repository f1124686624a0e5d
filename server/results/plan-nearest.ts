import type { Role } from '../../layers/access.ts';
import type { Field, Layer } from '../../layers/define.ts';
import { requireWithin } from '../analysis/limits.ts';
import { findNearest } from '../analysis/nearest.ts';
import { chosen, personalOf, type Asked } from './chosen.ts';
import { strictest } from './made-of.ts';
import { isOpenField, resultLayer } from './result-layer.ts';
import type { ResultPlan } from './result-plan.ts';

/** Whether rows may be named in a result: what is masked stays out. */
function isNamed(layer: Layer | null, role: Role): boolean {
  return layer !== null && isOpenField(layer, role, layer.label ?? layer.key);
}

function nameField(zh: string, en: string): Field {
  return { type: 'string', title: { zh, en }, filterable: true };
}

/** The way from each start to each of its nearest rows, as a line with its length. */
export async function planNearest({ services, role, id, title, of, by }: Asked<'nearest'>): Promise<ResultPlan> {
  const { from, to, count, maxMetres } = of;
  const starts = 'layer' in from ? await chosen(services, role, from) : null;
  const targets = await chosen(services, role, to);
  const origins = starts === null || 'fid' in from ? 1 : starts.rows;
  requireWithin('nearestFrom', origins, 'of.from');
  const most = origins * Math.min(count, targets.rows);
  const [hasFrom, hasTo] = [isNamed(starts?.layer ?? null, role), isNamed(targets.layer, role)];
  const own: Record<string, Field> = {
    ...(starts === null ? {} : { from_feature: { type: 'number', title: { zh: '起点要素编号', en: 'From feature' } } }),
    ...(hasFrom ? { from_name: nameField('起点', 'From') } : {}),
    to_feature: { type: 'number', title: { zh: '终点要素编号', en: 'To feature' } },
    ...(hasTo ? { to_name: nameField('终点', 'To') } : {}),
    rank_no: { type: 'int', title: { zh: '名次', en: 'Rank' }, filterable: true },
    distance_m: { type: 'number', title: { zh: '直线距离', en: 'Distance' }, unit: 'm', filterable: true },
  };
  return {
    layer: resultLayer({
      id,
      title,
      geometry: 'line',
      sensitivity: strictest([...(starts?.sensitivities ?? []), ...targets.sensitivities]),
      like: null,
      taken: [],
      own,
      ...(hasTo ? { label: 'to_name' } : {}),
      rows: most,
    }),
    madeOf: {
      ...by,
      operation: 'nearest',
      inputs: [
        starts === null
          ? { side: 'a', shape: { kind: 'point', areaM2: 0 } }
          : { side: 'a', ...starts.madeOf, ...('fid' in from ? { filter: { fid: from.fid }, rows: 1 } : {}) },
        { side: 'b', ...targets.madeOf },
      ],
      parameters: { count, maxMetres },
    },
    total: most,
    personal: [
      ...(starts === null ? [] : personalOf(starts.layer, starts.state.loadId, origins)),
      ...personalOf(targets.layer, targets.state.loadId, Math.min(most, targets.rows)),
    ],
    write: async ({ writer }) => {
      const { rows } = await findNearest(services, role, from, to, count, maxMetres);
      for (const row of rows) {
        await writer.add(
          row.neighbours.map((neighbour, index) => ({
            geometry: JSON.stringify({ type: 'LineString', coordinates: [row.at, neighbour.at] }),
            values: {
              ...(starts === null ? {} : { from_feature: row.fid }),
              ...(hasFrom ? { from_name: row.name } : {}),
              to_feature: neighbour.fid,
              ...(hasTo ? { to_name: neighbour.name } : {}),
              rank_no: index + 1,
              distance_m: neighbour.metres,
            },
          })),
        );
      }
      return { origins: rows.length };
    },
  };
}
