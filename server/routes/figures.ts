import type { Context } from 'hono';
import { kAnonymity } from '../../layers/access.ts';
import type { Groups, Metric } from '../aggregate/aggregate-query.ts';
import { metricText, parseMetric } from '../aggregate/parse-query.ts';
import type { CatalogueEntry } from '../catalogue.ts';
import type { FilterLanguage } from '../filter/parse.ts';
import { layersOfAreas, predicateKey, type Predicate } from '../filter/predicate.ts';
import { readPredicate } from '../filter/read-predicate.ts';
import { parseAt } from './as-of.ts';
import { cacheHeaders, entityTag } from './cache.ts';
import { requireTable } from './features.ts';
import type { AppEnv } from './router.ts';

/** What the routes of figures are asked alike. */
export interface FiguresQuery {
  metric: string;
  of?: string | undefined;
  filter?: string | undefined;
  'filter-lang'?: FilterLanguage | undefined;
  bbox?: string | undefined;
  at?: string | undefined;
}

/** Which rows of which layer figures are about, and by which metric. */
export interface Figures extends Pick<CatalogueEntry, 'layer' | 'state'> {
  at: Date | undefined;
  predicate: Predicate;
  metric: Metric;
  k: number;
  /** Headers of the answer; `parts` say what else it depends on. */
  headersOf: (...parts: readonly (string | number)[]) => { tag: string; headers: Record<string, string> };
}

/** Reads and checks what the routes of figures are asked alike. Throws as they all do. */
export async function readFigures(c: Context<AppEnv>, id: string, query: FiguresQuery): Promise<Figures> {
  const { role } = c.var.caller;
  const { services } = c.var;
  const at = parseAt(query.at);
  const { layer, state } = await services.catalogue.getAsOf(id, role, at);
  requireTable(layer);
  const reading = { filterLang: query['filter-lang'], at, role, shows: 'counts' } as const;
  const predicate = await readPredicate(services, layer, { filter: query.filter, bbox: query.bbox, ...reading });
  const of = query.of ? await readPredicate(services, layer, { filter: query.of, ...reading }) : null;
  const metric = parseMetric(query.metric, layer, role, of);
  const k = kAnonymity(role, layer);
  const asked = [predicate, ...(of === null ? [] : [of])];
  return {
    layer,
    state,
    at,
    predicate,
    metric,
    k,
    headersOf(...parts) {
      const keys = [metricText(metric), ...asked.map(predicateKey)];
      const tag = entityTag(...parts, layer.id, state?.loadId ?? 0, k, ...keys);
      return { tag, headers: cacheHeaders([layer, ...asked.flatMap(layersOfAreas)], tag) };
    },
  };
}

/** The answer of a layer that was never loaded. */
export function nothingFound(groupings: number): Groups {
  const keys = Array.from({ length: groupings }, () => []);
  return { keys, counts: [], values: null, outside: 0, outsidePart: 0, overall: null };
}
