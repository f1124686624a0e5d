/** Figures over the rows of a layer, and the rows themselves. */
import { keepPreviousData, useInfiniteQuery, useQueries, useQuery } from '@tanstack/react-query';
import type {
  Aggregate,
  CellCounts,
  HexagonCounts,
  LayerSummary,
  Lineage,
  WhyNumber,
  WrittenFilter,
} from '../../server/app.ts';
import type { Level } from '../url-state.ts';
import type { FeatureAnswer } from './layers.ts';
import { filterText, getJson, withQuery } from './request.ts';

/** What a count of rows rests on. */
export function useWhy(layer: string, filter: object | null, at: string | null) {
  const text = filterText(filter);
  return useQuery({
    queryKey: ['why', layer, text, at],
    queryFn: ({ signal }) => getJson<WhyNumber>(withQuery(`/api/layers/${layer}/why`, { filter: text, at }), signal),
    staleTime: 30_000,
  });
}

interface RecordPage {
  features: FeatureAnswer[];
  next: string | null;
}

/** The rows that a filter matches, page by page. */
export function useRecords(layer: string, filter: object | null, at: string | null) {
  const text = filterText(filter);
  return useInfiniteQuery({
    queryKey: ['records', layer, text, at],
    queryFn: ({ pageParam, signal }) =>
      getJson<RecordPage>(
        withQuery(`/api/layers/${layer}/features`, { filter: text, at, limit: 20, cursor: pageParam }),
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
  });
}

/** Where one row comes from. */
export function useLineage(layer: string, fid: string, at: string | null) {
  return useQuery({
    queryKey: ['lineage', layer, fid, at],
    queryFn: ({ signal }) =>
      getJson<Lineage>(withQuery(`/api/layers/${layer}/features/${fid}/lineage`, { at }), signal),
  });
}

/** A metric in a request; a share is of the rows that a filter chooses among all, so that the filter is not one of the rows. */
function figures(metric: string | null, filter: object | null): Record<string, string | null> {
  const text = filterText(filter);
  return metric === 'share' ? { metric, of: text } : { metric, filter: text };
}

export function useHexagons(
  layer: string | null,
  res: number,
  filter: object | null,
  at: string | null = null,
  metric: string | null = null,
) {
  return useQuery({
    queryKey: ['hexagons', layer, res, filter, at, metric],
    queryFn: ({ signal }) =>
      getJson<HexagonCounts>(withQuery(`/api/layers/${layer}/h3`, { res, at, ...figures(metric, filter) }), signal),
    enabled: layer !== null,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
}

export function useAreaCounts(
  layer: string | null,
  by: Level,
  filter: object | null,
  at: string | null = null,
  metric: string | null = null,
) {
  return useQuery({
    queryKey: ['cells', layer, by, filter, at, metric],
    queryFn: ({ signal }) =>
      getJson<CellCounts>(withQuery(`/api/layers/${layer}/cells`, { by, at, ...figures(metric, filter) }), signal),
    enabled: layer !== null,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
}

/** A metric by up to two groupings; without one it is that of all rows. */
export function useAggregate(
  layer: string | null,
  asked: { by?: string | null; by2?: string | null; metric?: string | null; filter: object | null; at: string | null },
) {
  const { by = null, by2 = null, metric = null, filter, at } = asked;
  return useQuery({
    queryKey: ['aggregate', layer, by, by2, metric, filter, at],
    queryFn: ({ signal }) =>
      getJson<Aggregate>(
        withQuery(`/api/layers/${layer}/aggregate`, { by, by2, at, ...figures(metric, filter) }),
        signal,
      ),
    enabled: layer !== null,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
}

/** A filter as the server understands it, as tree and as text, or the part of it that is wrong. */
export function useWrittenFilter(layer: string | null, filter: object | null, at: string | null) {
  return useQuery({
    queryKey: ['filter', layer, filter, at],
    queryFn: ({ signal }) => readFilter(layer ?? '', filterText(filter) ?? '', 'one-map', at, signal),
    enabled: layer !== null,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
}

/** Reads a filter as it was written. Throws `ApiError` with the part at fault in `field`. */
export function readFilter(
  layer: string,
  filter: string,
  language: 'one-map' | 'cql2-text',
  at: string | null,
  signal?: AbortSignal,
): Promise<WrittenFilter> {
  const parameters = { filter: filter === '' ? null : filter, 'filter-lang': language, at };
  return getJson<WrittenFilter>(withQuery(`/api/layers/${layer}/filter`, parameters), signal);
}

/** Layers with more rows are not searched for what a text might be: that would read all of them for each letter. */
const SUGGEST_ROWS = 200_000;

const SUGGESTIONS = 12;

/** Values of a text field that contain what is typed, the most frequent first. */
export function useFieldValues(layer: LayerSummary, field: string, typed: string) {
  return useQuery({
    queryKey: ['values', layer.id, layer.load?.id, field, typed],
    queryFn: async ({ signal }) => {
      const filter = typed === '' ? null : JSON.stringify({ field, op: 'icontains', value: typed });
      const path = withQuery(`/api/layers/${layer.id}/aggregate`, { by: field, filter });
      const { keys = [], counts } = await getJson<Aggregate>(path, signal);
      return (keys[0] ?? [])
        .map((key, index) => ({ key: String(key), count: counts[index] ?? 0 }))
        .toSorted((a, b) => b.count - a.count)
        .slice(0, SUGGESTIONS)
        .map(({ key }) => key);
    },
    enabled: (layer.count ?? 0) <= SUGGEST_ROWS,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    retry: false,
  });
}

interface RowPage extends RecordPage {
  numberMatched: number;
}

const ROWS_A_PAGE = 200;

/** The rows that a filter matches in the order of a field, page by page, for a table. */
export function useRows(layer: string | null, filter: object | null, sort: string | null, at: string | null) {
  const text = filterText(filter);
  return useInfiniteQuery({
    queryKey: ['rows', layer, text, sort, at],
    queryFn: ({ pageParam, signal }) =>
      getJson<RowPage>(
        withQuery(`/api/layers/${layer}/features`, { filter: text, sort, at, limit: ROWS_A_PAGE, cursor: pageParam }),
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    enabled: layer !== null,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
}

/** Counts by town for each value of a field: one request a value, all of them the API's own numbers. */
export function useCountsByValue(layer: string, field: string, values: readonly string[]): (CellCounts | undefined)[] {
  return useQueries({
    queries: values.map((value) => {
      const filter = { field, op: '=', value };
      return {
        queryKey: ['cells', layer, 'town', filter],
        queryFn: ({ signal }: { signal: AbortSignal }) =>
          getJson<CellCounts>(
            withQuery(`/api/layers/${layer}/cells`, { by: 'town', filter: filterText(filter) }),
            signal,
          ),
        staleTime: 60_000,
      };
    }),
    combine: (results) => results.map(({ data }) => data),
  });
}
