import { createRoute, z } from '@hono/zod-openapi';
import type { Layer } from '../../layers/define.ts';
import { FeatureSeries } from '../contract.ts';
import { ApiError } from '../errors.ts';
import { findFeature } from '../queries/features.ts';
import { findSeries, listSteps } from '../queries/series.ts';
import { cacheHeaders, entityTag, hasCurrent, notModified } from './cache.ts';
import { parseFid, requireTable } from './features.ts';
import { failure, json, LayerId, NOT_MODIFIED } from './parameters.ts';
import { endpoint } from './router.ts';

/** Steps of an answer, at most, and about as many as `auto` makes. */
const MOST_STEPS = 2000;
const AUTO_STEPS = 400;
const DEFAULT_DAYS = 7;
const MOST_DAYS = 400;
const DAY_MS = 86_400_000;
/** Steps that `auto` chooses from, in seconds: minutes, hours, days. */
const AUTO = [60, 300, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];
const UNITS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 };

function invalid(field: 'from' | 'to' | 'step' | 'id', message: string, value: string): ApiError {
  return new ApiError('PARAMETER_INVALID', `${field}: ${message}`, { field, value });
}

/** An instant with a zone, or a day of Asia/Shanghai, of which it is the beginning. */
function parseInstant(field: 'from' | 'to', text: string): Date {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const isInstant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})$/.test(text);
  const at = new Date(isDay ? `${text}T00:00:00+08:00` : text);
  // 30 February would be 2 March.
  const day = Number(text.slice(8, 10));
  const isReal = new Date(`${text.slice(0, 10)}T00:00:00Z`).getUTCDate() === day;
  if ((!isDay && !isInstant) || Number.isNaN(at.getTime()) || !isReal) {
    throw invalid(field, `"${text.slice(0, 64)}" is neither a day like 2026-11-01 nor a time with a zone`, text);
  }
  return at;
}

function parseStep(text: string | undefined, rangeMs: number): number {
  if (text === undefined || text === 'auto') {
    return AUTO.find((seconds) => rangeMs / 1000 / seconds <= AUTO_STEPS) ?? 86_400;
  }
  const [, amount, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const seconds = Number(amount) * (UNITS[unit ?? ''] ?? Number.NaN);
  if (!(seconds > 0)) throw invalid('step', `"${text.slice(0, 64)}" is not auto, nor like 30s, 5m, 1h or 1d`, text);
  if (rangeMs / 1000 / seconds > MOST_STEPS) {
    throw invalid('step', `makes more than ${MOST_STEPS} steps of this time; take a longer one`, text);
  }
  return seconds;
}

function fieldsOf(layer: Layer, names: readonly string[]) {
  return names.map((name) => ({
    name,
    title: layer.fields[name]?.title ?? { zh: name, en: name },
    unit: layer.fields[name]?.unit ?? null,
  }));
}

export const readSeries = endpoint(
  createRoute({
    method: 'get',
    path: '/api/layers/{id}/features/{fid}/series',
    tags: ['features'],
    summary: 'Readings of a feature over time, by steps: how many, least, mean and most',
    request: {
      params: LayerId.extend({ fid: z.string().openapi({ param: { name: 'fid', in: 'path' }, example: '42' }) }),
      query: z.object({
        from: z
          .string()
          .optional()
          .openapi({
            description: `Included; ${DEFAULT_DAYS} days before \`to\` when left out`,
            example: '2026-10-25',
          }),
        to: z
          .string()
          .optional()
          .openapi({ description: 'Excluded; just behind the newest reading of the layer when left out' }),
        step: z
          .string()
          .optional()
          .openapi({
            description: `\`auto\` (default: some ${AUTO_STEPS} steps), or a length like \`5m\`, \`1h\`, \`1d\`; at most ${MOST_STEPS} steps`,
          }),
      }),
    },
    responses: {
      200: json(FeatureSeries, 'The readings'),
      304: NOT_MODIFIED,
      400: failure('PARAMETER_INVALID: also a layer that has no readings'),
      404: failure('LAYER_NOT_FOUND, FEATURE_NOT_FOUND'),
    },
  }),
  async (c) => {
    const { role } = c.var.caller;
    const { catalogue, db } = c.var.services;
    const { id, fid: text } = c.req.valid('param');
    const { layer, state } = await catalogue.get(id, role);
    requireTable(layer);
    if (layer.series === undefined) throw invalid('id', `${layer.id} has no readings over time`, id);
    const fid = parseFid(text, 'PARAMETER_INVALID', 'fid');
    const query = c.req.valid('query');
    const series = await findSeries(db.sql, layer.id);
    // A reading at the very end counts.
    const to = query.to === undefined ? new Date((series?.to.getTime() ?? 0) + 1) : parseInstant('to', query.to);
    const from =
      query.from === undefined ? new Date(to.getTime() - DEFAULT_DAYS * DAY_MS) : parseInstant('from', query.from);
    const rangeMs = to.getTime() - from.getTime();
    if (rangeMs <= 0) throw invalid('from', 'is not before to', query.from ?? from.toISOString());
    if (rangeMs > MOST_DAYS * DAY_MS + 1)
      throw invalid('from', `is more than ${MOST_DAYS} days before to`, query.from ?? '');
    const step = parseStep(query.step, rangeMs);
    const tag = entityTag(
      'series',
      layer.id,
      state?.loadId ?? 0,
      series?.load ?? 0,
      fid,
      from.toISOString(),
      to.toISOString(),
      step,
      role,
    );
    const headers = cacheHeaders([layer], tag);
    if (hasCurrent(c, tag)) return notModified(c, headers);
    const feature = state === null ? null : await findFeature(db.sql, layer, fid, state.table);
    if (feature === null) {
      throw new ApiError('FEATURE_NOT_FOUND', `Layer ${layer.id} has no feature ${fid}.`, { field: 'fid', value: fid });
    }
    const steps = series === null ? [] : await listSteps(db.sql, series, fid, from, to, step);
    const names = series?.fields ?? layer.series.values;
    const column = (of: 'min' | 'avg' | 'max', index: number) => steps.map((each) => each[of][index] ?? null);
    const body = {
      layer: layer.id,
      fid,
      from: from.toISOString(),
      to: to.toISOString(),
      stepSeconds: step,
      load: series?.load ?? null,
      /** All that is there, of any feature. */
      kept: series === null ? null : { from: series.from.toISOString(), to: series.to.toISOString() },
      times: steps.map(({ at }) => at.toISOString()),
      counts: steps.map(({ count }) => count),
      values: fieldsOf(layer, names).map((field, i) => ({
        ...field,
        min: column('min', i),
        avg: column('avg', i),
        max: column('max', i),
      })),
    };
    return c.json(body, 200, headers);
  },
);
