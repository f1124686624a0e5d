import type { Role } from '../../layers/access.ts';
import { RAMP } from '../../layers/color.ts';
import type { Field, FieldType, Sensitivity, Symbology } from '../../layers/define.ts';
import { bufferOf } from '../analysis/buffer.ts';
import { findHotspots } from '../analysis/hotspot.ts';
import { requireWithin } from '../analysis/limits.ts';
import { BOUNDARY_LAYER, getLoaded } from '../analysis/shape.ts';
import { findReach } from '../analysis/travel.ts';
import type { Sql } from '../db/connect.ts';
import { ApiError } from '../errors.ts';
import { toSql } from '../filter/to-sql.ts';
import type { Services } from '../services.ts';
import { cellShapes, PRECISION } from './cell-shapes.ts';
import { chosen, personalOf, type Asked } from './chosen.ts';
import type { SaveInput } from './contract.ts';
import type { FeatureWriter } from './feature-writer.ts';
import { strictest, type MadeOfInput } from './made-of.ts';
import { planCoverage } from './plan-coverage.ts';
import { planNearest } from './plan-nearest.ts';
import { kindOf } from './plan-overlay.ts';
import { resultLayer, takeFields, type TakenField } from './result-layer.ts';
import type { ResultPlan } from './result-plan.ts';
import { tableOf, valuesOf, type VersionRows } from './version-rows.ts';

type Kind = 'point' | 'line' | 'polygon';

const PAGE = 1000;
const AREA: Field = { type: 'number', title: { zh: '面积', en: 'Area' }, unit: 'm²', filterable: true };

/** What keeping a selection or a result makes, and how it is computed. */
export async function planSave(
  services: Services,
  role: Role,
  id: string,
  { title, of }: SaveInput,
  by: Asked<'rows'>['by'],
): Promise<ResultPlan> {
  const asked = { services, role, id, title, by };
  switch (of.kind) {
    case 'rows':
      return planRows({ ...asked, of });
    case 'shapes':
      return planShapes({ ...asked, of });
    case 'buffer':
      return planBuffer({ ...asked, of });
    case 'reach':
      return planReach({ ...asked, of });
    case 'hotspot':
      return planHotspot({ ...asked, of });
    case 'coverage':
      return planCoverage({ ...asked, of });
    case 'nearest':
      return planNearest({ ...asked, of });
  }
}

async function planRows({ services, role, id, title, of, by }: Asked<'rows'>): Promise<ResultPlan> {
  const { layer, state, predicate, rows, madeOf, sensitivities } = await chosen(services, role, of);
  requireWithin('saveRows', rows, 'of');
  const sensitivity = strictest(sensitivities);
  const taken = takeFields([layer], role, sensitivity, []);
  const source: VersionRows = { layer, load: state.loadId, table: state.table, predicate };
  return {
    layer: resultLayer({ id, title, geometry: kindOf(layer), sensitivity, like: layer, taken, own: {}, rows }),
    madeOf: { ...by, operation: 'rows', inputs: [madeOf], parameters: {} },
    total: rows,
    personal: personalOf(layer, state.loadId, rows),
    write: async ({ sql, writer, signal }) => {
      await copyRows(sql, source, taken[0] ?? [], writer, signal);
      if (writer.counted.rows === rows) return {};
      throw new Error(`saved ${writer.counted.rows} rows of ${layer.id} where ${rows} were counted`);
    },
  };
}

/** Writes rows page by page, those without a place too. */
async function copyRows(
  sql: Sql,
  source: VersionRows,
  taken: readonly TakenField[],
  writer: FeatureWriter,
  signal: AbortSignal,
): Promise<void> {
  const { layer, load, predicate } = source;
  for (let after = -1; ;) {
    signal.throwIfAborted();
    const table = await tableOf(sql, source);
    const page = await sql<{ fid: number; geometry: string | null; values: Record<string, unknown> }[]>`
      select fid, st_asgeojson(geom, ${PRECISION}::int4) as geometry, ${valuesOf(sql, taken)} as values
      from ${sql(table)}
      where fid > ${after}::int8 and load_id = ${load}::int4 and ${toSql(sql, layer, predicate)}
      order by fid limit ${PAGE}::int4`;
    await writer.add(page);
    after = page.at(-1)?.fid ?? after;
    // The end, unless another load took the table's place meanwhile.
    if (page.length < PAGE && (await tableOf(sql, source)) === table) return;
  }
}

const KINDS: Record<string, Kind> = {
  Point: 'point',
  LineString: 'line',
  MultiLineString: 'line',
  Polygon: 'polygon',
  MultiPolygon: 'polygon',
};

/** Shapes that were drawn, with what was written to them. */
async function planShapes({ id, title, of, by }: Asked<'shapes'>): Promise<ResultPlan> {
  const { features } = of;
  const kinds = new Set(features.map(({ geometry }) => KINDS[geometry.type]));
  const [kind] = kinds;
  if (kind === undefined || kinds.size > 1) {
    throw new ApiError('BODY_INVALID', 'of.features: must all be points, all lines or all areas', {
      field: 'of.features',
      value: [...new Set(features.map(({ geometry }) => geometry.type))].join(', '),
    });
  }
  const types = new Map<string, FieldType>();
  for (const { properties } of features) {
    for (const [name, value] of Object.entries(properties ?? {})) {
      if (value === null) continue;
      const type = typeof value === 'string' ? 'string' : typeof value === 'number' ? 'number' : 'bool';
      types.set(name, (types.get(name) ?? type) === type ? type : 'string');
    }
  }
  requireWithin('drawnFields', types.size, 'of.features');
  // Names that a person wrote need not be names of fields: the title says them.
  const names = [...types.keys()];
  const own = Object.fromEntries(
    names.map((name, index): [string, Field] => [
      `field_${index + 1}`,
      { type: types.get(name)!, title: { zh: name.trim() || '-', en: name.trim() || '-' }, filterable: true },
    ]),
  );
  const label = names.findIndex((name) => types.get(name) === 'string');
  const layer = resultLayer({
    id,
    title,
    geometry: kind,
    sensitivity: 'internal',
    like: null,
    taken: [],
    own,
    ...(label < 0 ? {} : { label: `field_${label + 1}` }),
    rows: features.length,
  });
  return {
    layer,
    madeOf: { ...by, operation: 'shapes', inputs: [], parameters: { features: features.length } },
    total: features.length,
    personal: [],
    write: async ({ writer }) => {
      await writer.add(
        features.map(({ geometry, properties }) => ({
          geometry: JSON.stringify(geometry),
          values: Object.fromEntries(
            names.map((name, index) => {
              const value = properties?.[name] ?? null;
              return [`field_${index + 1}`, types.get(name) === 'string' && value !== null ? String(value) : value];
            }),
          ),
        })),
      );
      return {};
    },
  };
}

async function planBuffer({ services, role, id, title, of, by }: Asked<'buffer'>): Promise<ResultPlan> {
  const { of: source, metres, dissolve } = of;
  const layers = 'layer' in source ? await chosen(services, role, source) : null;
  const shape = 'shape' in source && source.shape.kind === 'feature' ? source.shape : null;
  const around = shape === null ? null : await chosen(services, role, { layer: shape.layer });
  const rows = layers === null || 'fid' in source ? 1 : layers.rows;
  requireWithin('bufferFeatures', rows, 'of');
  const own: Record<string, Field> = {
    ...(dissolve ? {} : { feature: { type: 'number', title: { zh: '要素编号', en: 'Feature number' } } }),
    area_m2: AREA,
  };
  const sensitivity = strictest([...(layers?.sensitivities ?? []), ...(around?.sensitivities ?? [])]);
  return {
    layer: resultLayer({ id, title, geometry: 'polygon', sensitivity, like: null, taken: [], own, rows }),
    madeOf: {
      ...by,
      operation: 'buffer',
      inputs: [
        layers === null
          ? { shape: { kind: 'shape' in source ? source.shape.kind : 'point' in source ? 'point' : 'line', areaM2: 0 } }
          : { ...layers.madeOf, ...('fid' in source ? { filter: { fid: source.fid }, rows: 1 } : {}) },
      ],
      parameters: { metres, dissolve },
    },
    total: rows,
    personal: layers === null ? [] : personalOf(layers.layer, layers.state.loadId, rows),
    write: async ({ writer }) => {
      const { features, count } = await bufferOf(services, role, source, metres, dissolve);
      await writer.add(
        features.map(({ id: fid, geometry, properties }) => ({
          geometry: JSON.stringify(geometry),
          values: { ...(dissolve ? {} : { feature: fid }), area_m2: properties['areaM2'] },
        })),
      );
      return { features: count };
    },
  };
}

async function planReach({ services, role, id, title, of, by }: Asked<'reach'>): Promise<ResultPlan> {
  const { from, mode, minutes } = of;
  const starts = 'layer' in from ? await chosen(services, role, from) : null;
  requireWithin('origins', starts?.rows ?? 1, 'of.from');
  const own: Record<string, Field> = {
    minutes: { type: 'number', title: { zh: '分钟', en: 'Minutes' }, unit: 'min', filterable: true },
    area_m2: AREA,
    road_m: { type: 'number', title: { zh: '可达道路', en: 'Roads reached' }, unit: 'm', filterable: true },
  };
  return {
    layer: resultLayer({
      id,
      title,
      geometry: 'polygon',
      sensitivity: strictest(starts?.sensitivities ?? []),
      like: null,
      taken: [],
      own,
      label: 'minutes',
      rows: minutes.length,
    }),
    madeOf: {
      ...by,
      operation: 'reach',
      inputs: starts === null ? [{ shape: { kind: 'point', areaM2: 0 } }] : [starts.madeOf],
      parameters: { mode, minutes },
    },
    total: minutes.length,
    personal: starts === null ? [] : personalOf(starts.layer, starts.state.loadId, starts.rows),
    write: async ({ writer }) => {
      const { areas, roads, origins, offRoad } = await findReach(services, role, of);
      await writer.add(
        areas.flatMap(({ minutes: each, areaM2, roadMetres, geometry }) =>
          geometry === null
            ? []
            : [
                {
                  geometry: JSON.stringify(geometry),
                  values: { minutes: each, area_m2: areaM2, road_m: roadMetres },
                },
              ],
        ),
      );
      return { roads, origins, offRoad };
    },
  };
}

/** Of counts that may be shown: they are no longer personal, but no more open than what was counted. */
function ofCounts(sensitivities: readonly Sensitivity[]): Sensitivity {
  return strictest(sensitivities.map((each) => (each === 'personal' ? 'restricted' : each)));
}

async function planHotspot({ services, role, id, title, of, by }: Asked<'hotspot'>): Promise<ResultPlan> {
  const boundary = await getLoaded(services.catalogue, BOUNDARY_LAYER[of.by], role);
  const counted = await Promise.all(
    [of.value, of.per].flatMap((input) =>
      input === undefined ? [] : [getLoaded(services.catalogue, input.layer, role)],
    ),
  );
  const own: Record<string, Field> = {
    code: { type: 'string', title: { zh: '编码', en: 'Code' }, filterable: true },
    value: { type: 'number', title: { zh: '数值', en: 'Value' }, filterable: true },
    statistic: { type: 'number', title: { zh: '统计量', en: 'Statistic' }, filterable: true },
    p: { type: 'number', title: { zh: 'p 值', en: 'p-value' }, filterable: true },
    cluster: { type: 'string', title: { zh: '聚集类别', en: 'Cluster' }, filterable: true },
  };
  // The usual limits of one's confidence, the same for both statistics' z and for local I near enough.
  const symbology: Symbology = { kind: 'ramp', field: 'statistic', stops: [-1.96, 0, 1.645, 2.576], colors: RAMP };
  return {
    layer: resultLayer({
      id,
      title,
      geometry: 'polygon',
      sensitivity: ofCounts([boundary.layer.sensitivity, ...counted.map(({ layer }) => layer.sensitivity)]),
      like: null,
      taken: [],
      own,
      symbology,
      label: 'cluster',
      rows: boundary.state.rows,
    }),
    madeOf: {
      ...by,
      operation: 'hotspot',
      inputs: [
        ...counted.map(({ layer, state }, index): MadeOfInput => ({
          side: index === 0 ? 'a' : 'b',
          layer: layer.id,
          load: state.loadId,
          filter: (index === 0 ? of.value.filter : of.per?.filter) ?? null,
        })),
        { layer: boundary.layer.id, load: boundary.state.loadId },
      ],
      parameters: { by: of.by, method: of.method, weights: of.weights, fdr: of.fdr },
    },
    total: boundary.state.rows,
    // Nothing of single rows is kept.
    personal: [],
    write: async ({ sql, writer }) => {
      const found = await findHotspots(services, role, of);
      const shapeOf = await cellShapes(sql, boundary.state.table, found.codes);
      await writer.add(
        found.codes.map((code, index) => ({
          geometry: shapeOf.get(code) ?? null,
          values: {
            code,
            value: found.values[index],
            statistic: found.statistics[index],
            p: found.p[index],
            cluster: found.classes[index],
          },
        })),
      );
      return { n: found.n, leftOut: found.leftOut, global: found.global };
    },
  };
}
