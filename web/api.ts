/** Calls of the API and the queries made of them. Types come from the server, so a changed contract fails to compile here. */
import { keepPreviousData, useInfiniteQuery, useQueries, useQuery } from '@tanstack/react-query';
import type { FeatureCollection, Geometry } from 'geojson';
import type {
  CategoryList,
  Aggregate,
  CellCounts,
  Dispatch,
  DispatchList,
  DiffSummary,
  ErrorBody,
  Positions,
  SensorList,
  SensorReadings,
  ExportJob,
  HexagonCounts,
  Incident,
  IncidentSnapshot,
  IncidentStats,
  IndicatorCases,
  Indicators,
  IndicatorTrend,
  LayerDetail,
  LayerSummary,
  Lineage,
  LinkChains,
  LoadDetail,
  LoadList,
  Quality,
  RasterValue,
  RejectedRow,
  RejectList,
  RejectPlaces,
  ReplayEntries,
  ReportInput,
  ReportProgress,
  ReportReceipt,
  ResultJob,
  SearchResults,
  ShapeInput,
  SituationCard,
  Status,
  Suggestions,
  UserLayer,
  UserLayerList,
  VersionList,
  WhyNumber,
  WrittenFilter,
} from '../server/app.ts';
import type { Level } from './url-state.ts';

/** An answer that is not 2xx, or no answer (`status` 0). `message` is the server's own sentence. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly requestId: string | null;
  /** The parameter or part of it that is at fault, where the server names one. */
  readonly field: string | null;

  constructor(status: number, code: string, message: string, requestId: string | null, field: string | null = null) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.requestId = requestId;
    this.field = field;
  }
}

/** What an answer says that is no success. */
async function failureOf(response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => null)) as ErrorBody | null;
  const { code = 'HTTP', message = response.statusText, requestId = null, field = null } = body?.error ?? {};
  return new ApiError(response.status, code, message, requestId, field);
}

/** A request on a dead socket would hang for ever, and with it a place among the few that a browser opens to a host. */
const TIMEOUT_MS = 20_000;

/** GET as JSON. Throws `ApiError`; gives up after 20 s. */
export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  let response: Response;
  try {
    response = await fetch(path, {
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      headers: { accept: 'application/json' },
    });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ApiError(0, 'UNREACHABLE', cause instanceof Error ? cause.message : String(cause), null);
  }
  if (response.ok) return (await response.json()) as T;
  throw await failureOf(response);
}

/** Analyses take longer than what a map asks for. */
const ANALYSIS_TIMEOUT_MS = 60_000;

/** POST of JSON for an answer that changes nothing. Throws `ApiError`. */
export async function postJson<T>(path: string, body: object, signal?: AbortSignal): Promise<T> {
  const timeout = AbortSignal.timeout(ANALYSIS_TIMEOUT_MS);
  let response: Response;
  try {
    response = await fetch(path, {
      method: 'POST',
      body: JSON.stringify(body),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      headers: { accept: 'application/json', 'content-type': 'application/json' },
    });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ApiError(0, 'UNREACHABLE', cause instanceof Error ? cause.message : String(cause), null);
  }
  if (response.ok) return (await response.json()) as T;
  throw await failureOf(response);
}

/** The answer of an analysis; nothing is asked while `body` is null. */
export function useAnalysis<T>(name: string, body: object | null) {
  return useQuery({
    queryKey: ['analysis', name, body],
    queryFn: ({ signal }) => postJson<T>(`/api/analysis/${name}`, body ?? {}, signal),
    enabled: body !== null,
    staleTime: 60_000,
    // What is too large or wrong stays so.
    retry: (count, error) => count < 1 && (!(error instanceof ApiError) || error.status >= 500),
  });
}

/** `/path?a=1`, leaving out parameters that are null. */
export function withQuery(path: string, parameters: Record<string, string | number | null>): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(parameters)) if (value !== null) query.set(key, String(value));
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

const filterText = (filter: object | null) => (filter === null ? null : JSON.stringify(filter));

export function useStatus() {
  return useQuery({
    queryKey: ['status'],
    queryFn: ({ signal }) => getJson<Status>('/api/status', signal),
    refetchInterval: (query) => (query.state.data?.loading ? 2_000 : 5_000),
  });
}

/** The layers this caller may see. Asked again quickly while the demo district is still loading. */
export function useLayers(isLoading = false) {
  return useQuery({
    queryKey: ['layers'],
    queryFn: async ({ signal }): Promise<LayerSummary[]> =>
      (await getJson<{ layers: LayerSummary[] }>('/api/layers', signal)).layers,
    refetchInterval: isLoading ? 4_000 : 60_000,
  });
}

export function useLayerDetail(id: string | null) {
  return useQuery({
    queryKey: ['layer', id],
    queryFn: ({ signal }) => getJson<LayerDetail>(`/api/layers/${id}`, signal),
    enabled: id !== null,
    staleTime: 60_000,
  });
}

/** A feature as the caller may see it: masked values arrive masked. */
export interface FeatureAnswer {
  type: 'Feature';
  id: number | string;
  geometry: Geometry | null;
  properties: Record<string, unknown>;
}

export function useFeature(layer: string | null, fid: string | null, at: string | null = null) {
  return useQuery({
    queryKey: ['feature', layer, fid, at],
    queryFn: ({ signal }) => getJson<FeatureAnswer>(withQuery(`/api/layers/${layer}/features/${fid}`, { at }), signal),
    enabled: layer !== null && fid !== null,
  });
}

/** The readings of a sensor over some days before its newest one. */
export function useReadings(sensor: string, days: number) {
  return useQuery({
    queryKey: ['readings', sensor, days],
    queryFn: ({ signal }) =>
      getJson<SensorReadings>(withQuery(`/api/sensors/${encodeURIComponent(sensor)}/readings`, { days }), signal),
    refetchInterval: 30_000,
    // Another range is shown when it has come, not emptiness before.
    placeholderData: keepPreviousData,
  });
}

/** Sensors of some layers with what they said last, in an area; nothing is asked while `layers` is null. */
export function useSensors(layers: string | null, bbox: string | null) {
  return useQuery({
    queryKey: ['sensors', layers, bbox],
    queryFn: ({ signal }) =>
      getJson<SensorList>(withQuery('/api/sensors', { layer: layers, bbox, limit: 2000 }), signal),
    enabled: layers !== null,
    refetchInterval: 15_000,
    placeholderData: keepPreviousData,
  });
}

/** Where vehicles are; after a cursor only those that were heard of since. */
export function getPositions(kinds: string, since: number, trail: number, signal: AbortSignal): Promise<Positions> {
  return getJson<Positions>(withQuery('/api/positions', { kinds, since, trail }), signal);
}

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

type FeaturePage = FeatureCollection<Geometry, Record<string, unknown>> & { next?: string | null };

/** All features of a small layer, page by page. */
export async function listFeatures(layer: string, signal?: AbortSignal): Promise<FeaturePage> {
  const all: FeaturePage = { type: 'FeatureCollection', features: [] };
  let cursor: string | null = null;
  do {
    const page: FeaturePage = await getJson(
      withQuery(`/api/layers/${layer}/features`, { limit: 1000, cursor }),
      signal,
    );
    all.features.push(...page.features);
    cursor = page.next ?? null;
  } while (cursor !== null);
  return all;
}

/** Boundaries of a level (921 grids, 147 communities, 4 towns), re-read when a new load is published. */
export function useBoundaries(level: Level, load: number | null) {
  const layer = { grid: 'governance_grid', community: 'community_boundary', town: 'town_boundary' }[level];
  return useQuery({
    queryKey: ['boundaries', level, load],
    queryFn: ({ signal }) => listFeatures(layer, signal),
    enabled: load !== null,
    staleTime: Infinity,
    placeholderData: keepPreviousData,
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

/** What is known of several layers at once. */
export function useLayerDetails(ids: readonly string[]): LayerDetail[] {
  return useQueries({
    queries: ids.map((id) => ({
      queryKey: ['layer', id],
      queryFn: ({ signal }: { signal: AbortSignal }) => getJson<LayerDetail>(`/api/layers/${id}`, signal),
      staleTime: 60_000,
    })),
    combine: (results) => results.flatMap(({ data }) => (data ? [data] : [])),
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

/** The value of a raster layer at a place; null: nowhere is asked. */
export function useRasterValue(
  place: { layer: string; lng: number; lat: number } | null,
  time: string | null,
  at: string | null,
) {
  return useQuery({
    queryKey: ['value', place, time, at],
    queryFn: ({ signal }) =>
      getJson<RasterValue>(
        withQuery(`/api/layers/${place?.layer}/value`, { lon: place?.lng ?? 0, lat: place?.lat ?? 0, time, at }),
        signal,
      ),
    enabled: place !== null,
    staleTime: 60_000,
  });
}

/** The versions of a layer, the newest first. */
export function useVersions(layer: string) {
  return useQuery({
    queryKey: ['versions', layer],
    queryFn: ({ signal }) => getJson<VersionList>(`/api/layers/${layer}/versions`, signal),
    staleTime: 30_000,
  });
}

/** What changed in a layer since a load; null: since the one before. */
export function useDiff(layer: string | null, from: number | null) {
  return useQuery({
    queryKey: ['diff', layer, from],
    queryFn: ({ signal }) => getJson<DiffSummary>(withQuery(`/api/layers/${layer}/diff`, { from }), signal),
    enabled: layer !== null,
    staleTime: 30_000,
  });
}

export function useIncident(id: number | null) {
  return useQuery({
    queryKey: ['incident', id],
    queryFn: ({ signal }) => getJson<Incident>(`/api/incidents/${id}`, signal),
    enabled: id !== null,
  });
}

/** Open incidents kept on a screen; the totals count all of them. */
export const SNAPSHOT_LIMIT = 2_000;

export function loadSnapshot(signal: AbortSignal, limit = SNAPSHOT_LIMIT): Promise<IncidentSnapshot> {
  return getJson<IncidentSnapshot>(withQuery('/api/incidents', { limit }), signal);
}

/** What a screen showed at `at`, ms since 1970. */
export function loadSnapshotAt(at: number, signal: AbortSignal): Promise<IncidentSnapshot> {
  const query = { limit: SNAPSHOT_LIMIT, at: new Date(at).toISOString() };
  return getJson<IncidentSnapshot>(withQuery('/api/incidents', query), signal);
}

/** Entries of the live log after a cursor, up to a time in ms since 1970. */
export function loadEntries(after: string, until: number, signal: AbortSignal): Promise<ReplayEntries> {
  const query = { after, until: new Date(until).toISOString(), limit: 5_000 };
  return getJson<ReplayEntries>(withQuery('/api/incidents/log', query), signal);
}

/** @param at the 24 hours before this time, ISO 8601; null: before now */
export function useIncidentStats(by: IncidentStats['by'], at: string | null = null) {
  return useQuery({
    queryKey: ['incident-stats', by, at],
    queryFn: ({ signal }) =>
      getJson<IncidentStats>(withQuery('/api/incidents/stats', { by, ...(at === null ? {} : { at }) }), signal),
    refetchInterval: 5_000,
    placeholderData: keepPreviousData,
  });
}

/** Every indicator by one dimension, for the days from one to another, `YYYY-MM-DD`. */
export function useIndicators(by: string, from: string, to: string) {
  return useQuery({
    queryKey: ['indicators', by, from, to],
    queryFn: ({ signal }) => getJson<Indicators>(withQuery('/api/indicators', { by, from, to }), signal),
    refetchInterval: 60_000,
    placeholderData: keepPreviousData,
  });
}

/** One indicator over time by one dimension, in steps. */
export function useIndicatorTrend(indicator: string | null, by: string, from: string, to: string, step: string) {
  return useQuery({
    queryKey: ['indicator-trend', indicator, by, from, to, step],
    queryFn: ({ signal }) =>
      getJson<IndicatorTrend>(withQuery(`/api/indicators/${indicator}/trend`, { by, from, to, step }), signal),
    enabled: indicator !== null,
    refetchInterval: 60_000,
    placeholderData: keepPreviousData,
  });
}

/** The incidents behind one figure, page by page. `key` null: of all groups. */
export function useIndicatorCases(
  asked: { indicator: string; by: string; from: string; to: string; key: string | null; side: string } | null,
) {
  return useInfiniteQuery({
    queryKey: ['indicator-cases', asked],
    enabled: asked !== null,
    queryFn: ({ signal, pageParam }) => {
      const { indicator, key, ...query } = asked ?? { indicator: '', key: null };
      const parameters = { ...query, ...(key === null ? {} : { key }), limit: 50, cursor: pageParam };
      return getJson<IndicatorCases>(withQuery(`/api/indicators/${indicator}/cases`, parameters), signal);
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
  });
}

/** Scores of departments and layers. Asked again quickly while cells of new loads are still to be counted. */
export function useQuality() {
  return useQuery({
    queryKey: ['quality'],
    queryFn: ({ signal }) => getJson<Quality>('/api/quality', signal),
    refetchInterval: (query) => ((query.state.data?.pending ?? 0) > 0 ? 1_500 : 30_000),
  });
}

/** Loads of a layer, of a department, or of all, newest first, a page at a time. */
export function useLoads(layer: string | null, department: string | null) {
  return useInfiniteQuery({
    queryKey: ['loads', layer, department],
    queryFn: ({ signal, pageParam }) =>
      getJson<LoadList>(
        withQuery('/api/loads', {
          layer,
          department: layer === null ? department : null,
          limit: 20,
          cursor: pageParam,
        }),
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    refetchInterval: 30_000,
  });
}

export function useLoad(id: number | null) {
  return useQuery({
    queryKey: ['load', id],
    queryFn: ({ signal }) => getJson<LoadDetail>(`/api/loads/${id}`, signal),
    enabled: id !== null,
    staleTime: 30_000,
  });
}

/** Rows that a load set aside, a page at a time. */
export function useRejects(load: number | null, code: string | null) {
  return useInfiniteQuery({
    queryKey: ['rejects', load, code],
    queryFn: ({ signal, pageParam }) =>
      getJson<RejectList>(withQuery(`/api/loads/${load}/rejects`, { code, limit: 20, cursor: pageParam }), signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    enabled: load !== null,
    staleTime: 60_000,
  });
}

/** One row that a load set aside; null when the load has none of this number. */
export function useReject(load: number | null, row: number | null) {
  return useQuery({
    queryKey: ['reject', load, row],
    queryFn: async ({ signal }): Promise<RejectedRow | null> => {
      const path = withQuery(`/api/loads/${load}/rejects`, { limit: 1, cursor: (row ?? 1) - 1 });
      const [found] = (await getJson<RejectList>(path, signal)).rejects;
      return found?.id === row ? found : null;
    },
    enabled: load !== null && row !== null,
    staleTime: 60_000,
  });
}

/** The repair map of a load, or of the live loads of a department or of all. */
/** How far rows come along the chains of links. */
export function useLinkChains() {
  return useQuery({
    queryKey: ['link-chains'],
    queryFn: ({ signal }) => getJson<LinkChains>('/api/quality/links', signal),
    staleTime: 60_000,
  });
}

export function useRejectPlaces(load: number | null, department: string | null, code: string | null) {
  return useQuery({
    queryKey: ['reject-places', load, department, code],
    queryFn: ({ signal }) =>
      getJson<RejectPlaces>(
        withQuery('/api/rejects/places', { load, department: load === null ? department : null, code }),
        signal,
      ),
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
}

/** The file takes seconds: the loader makes it when it is asked for. */
const FILE_TIMEOUT_MS = 90_000;

/** Rows that were set aside, as a file. The purpose is written to the audit. */
export async function downloadRejects(load: number, purpose: string): Promise<{ name: string; blob: Blob }> {
  const response = await fetch(withQuery(`/api/loads/${load}/rejects/file`, { purpose }), {
    signal: AbortSignal.timeout(FILE_TIMEOUT_MS),
  });
  if (!response.ok) throw await failureOf(response);
  const disposition = response.headers.get('Content-Disposition') ?? '';
  const name = decodeURIComponent(/filename\*=UTF-8''([^;]+)/.exec(disposition)?.[1] ?? `load-${load}-rejects`);
  return { name, blob: await response.blob() };
}

/** Suggestions for what is typed; those of the text before stay until the next are there. */
export function useSearch(text: string, limit: number, near: string | null) {
  return useQuery({
    queryKey: ['search', text, limit, near],
    queryFn: ({ signal }) => getJson<SearchResults>(withQuery('/api/search', { q: text, limit, near }), signal),
    enabled: text !== '',
    placeholderData: keepPreviousData,
    staleTime: 10_000,
    retry: false,
  });
}

/** Sends what changes something. Throws `ApiError`. */
export async function send<T>(method: string, path: string, body?: object): Promise<T> {
  const response = await fetch(path, {
    method,
    signal: AbortSignal.timeout(TIMEOUT_MS),
    ...(body === undefined ? {} : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
  });
  if (response.ok) return (response.status === 204 ? null : await response.json()) as T;
  throw await failureOf(response);
}

export interface ExportWish {
  layer: string;
  format: string;
  filter?: object;
  at?: string;
  purpose?: string;
}

export function startExport(wish: ExportWish): Promise<ExportJob> {
  return send<ExportJob>('POST', '/api/exports', wish);
}

export async function cancelExport(id: string): Promise<void> {
  await send<null>('DELETE', `/api/exports/${id}`);
}

/** How far an export is, asked again until it is over. */
export function useExport(id: string | null) {
  return useQuery({
    queryKey: ['export', id],
    queryFn: ({ signal }) => getJson<ExportJob>(`/api/exports/${id}`, signal),
    enabled: id !== null,
    refetchInterval: (query) =>
      query.state.data === undefined || ['waiting', 'running'].includes(query.state.data.state) ? 500 : false,
  });
}

/** Has an overlay or a result made into a layer, in the background. */
export function startResult(kind: 'overlay' | 'save', body: object): Promise<ResultJob> {
  return send<ResultJob>('POST', `/api/analysis/${kind}`, body);
}

export interface AttachWish {
  title: string;
  /** Name of the file: its ending says what it is. */
  name: string;
  level: string | null;
  code: string | null;
  value: string | null;
}

/** Has a table joined to boundaries by code, in the background. */
export async function startAttach(file: Blob, { title, name, level, code, value }: AttachWish): Promise<ResultJob> {
  const path = withQuery('/api/analysis/attach', { title, name, level, code, value });
  const response = await fetch(path, {
    method: 'POST',
    body: file,
    headers: { 'Content-Type': 'application/octet-stream' },
    signal: AbortSignal.timeout(ANALYSIS_TIMEOUT_MS),
  });
  if (response.ok) return (await response.json()) as ResultJob;
  throw await failureOf(response);
}

export async function cancelResult(id: string): Promise<void> {
  await send<null>('DELETE', `/api/analysis/jobs/${id}`);
}

/** How far a layer that is made is, asked again until it is over. */
export function useResultJob(id: string) {
  return useQuery({
    queryKey: ['result-job', id],
    queryFn: ({ signal }) => getJson<ResultJob>(`/api/analysis/jobs/${id}`, signal),
    refetchInterval: (query) => {
      if (query.state.error instanceof ApiError && query.state.error.status === 404) return false;
      return query.state.data === undefined || ['waiting', 'running'].includes(query.state.data.state) ? 700 : false;
    },
    retry: (count, error) => count < 2 && !(error instanceof ApiError && error.status === 404),
  });
}

/** Rows of a table that were not attached, as CSV. */
export function useLeftOut(path: string | null) {
  return useQuery({
    queryKey: ['left-out', path],
    queryFn: async ({ signal }): Promise<string> => {
      const response = await fetch(path ?? '', { signal });
      if (!response.ok) throw new ApiError(response.status, 'HTTP', response.statusText, null);
      return response.text();
    },
    enabled: path !== null,
    staleTime: Infinity,
  });
}

/** Layers that were imported or made; the public has none. */
export function useUserLayers() {
  return useQuery({
    queryKey: ['user-layers'],
    queryFn: async ({ signal }) => (await getJson<UserLayerList>('/api/user-layers', signal)).layers,
    refetchInterval: 60_000,
  });
}

export function renameUserLayer(id: string, title: string): Promise<UserLayer> {
  return send<UserLayer>('PATCH', `/api/user-layers/${id}`, { title });
}

export function deleteUserLayer(id: string): Promise<UserLayer> {
  return send<UserLayer>('DELETE', `/api/user-layers/${id}`);
}

export function restoreUserLayer(id: string): Promise<UserLayer> {
  return send<UserLayer>('POST', `/api/user-layers/${id}/restore`);
}

/** What a situation card is about. */
export type CardSubject = { incident: number } | { shape: ShapeInput };

/** The situation card, renewed while it is open; null: none is asked for. */
export function useSituationCard(subject: CardSubject | null, radius: number) {
  return useQuery({
    queryKey: ['situation', subject, subject !== null && 'incident' in subject ? radius : null],
    queryFn: ({ signal }) =>
      subject !== null && 'shape' in subject
        ? postJson<SituationCard>('/api/situation', subject, signal)
        : getJson<SituationCard>(withQuery(`/api/incidents/${subject?.incident}/situation`, { radius }), signal),
    enabled: subject !== null,
    refetchInterval: 20_000,
    // Another radius of the same incident may stand in; another incident may not.
    placeholderData: (before, query) =>
      JSON.stringify(query?.queryKey[1]) === JSON.stringify(subject) ? before : undefined,
    retry: (count, error) => count < 1 && (!(error instanceof ApiError) || error.status >= 500),
  });
}

/** Who could deal with an incident. */
export function useSuggestions(incident: number, isOpen: boolean) {
  return useQuery({
    queryKey: ['suggestions', incident],
    queryFn: ({ signal }) => getJson<Suggestions>(`/api/incidents/${incident}/suggestions`, signal),
    enabled: isOpen,
    refetchInterval: 15_000,
    retry: (count, error) => count < 1 && (!(error instanceof ApiError) || error.status >= 500),
  });
}

/** Who was asked to deal with an incident; looked at often while an answer is waited for. */
export function useDispatches(incident: number) {
  return useQuery({
    queryKey: ['dispatches', incident],
    queryFn: ({ signal }) => getJson<DispatchList>(`/api/incidents/${incident}/dispatches`, signal),
    refetchInterval: (query) => (query.state.data?.dispatches[0]?.state === 'asked' ? 2_000 : 10_000),
    retry: (count, error) => count < 1 && (!(error instanceof ApiError) || error.status >= 500),
  });
}

export function askToDealWith(
  incident: number,
  wish: { kind: 'staff' | 'department'; id: string; override?: string },
): Promise<Dispatch> {
  return send<Dispatch>('POST', `/api/incidents/${incident}/dispatch`, wish);
}

export function acknowledgeDispatch(id: number): Promise<Dispatch> {
  return send<Dispatch>('POST', `/api/dispatches/${id}/acknowledge`);
}

export function declineDispatch(id: number, reason: string): Promise<Dispatch> {
  return send<Dispatch>('POST', `/api/dispatches/${id}/decline`, { reason });
}

/** Kinds of incidents, for the forms. */
export function useCategories() {
  return useQuery({
    queryKey: ['categories'],
    queryFn: async ({ signal }) => (await getJson<CategoryList>('/api/categories', signal)).categories,
    staleTime: 3_600_000,
  });
}

/** Hands a report in; the same report again is the same. */
export function sendReport(report: ReportInput): Promise<ReportReceipt> {
  return postJson<ReportReceipt>('/api/reports', report);
}

export function getReport(token: string, signal?: AbortSignal): Promise<ReportProgress> {
  return getJson<ReportProgress>(`/api/reports/${encodeURIComponent(token)}`, signal);
}
