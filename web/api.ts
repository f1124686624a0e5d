/** Calls of the API and the queries made of them. Types come from the server, so a changed contract fails to compile here. */
import { keepPreviousData, useInfiniteQuery, useQueries, useQuery } from '@tanstack/react-query';
import type { FeatureCollection, Geometry } from 'geojson';
import type {
  CellCounts,
  DiffSummary,
  ErrorBody,
  FeatureSeries,
  ExportJob,
  HexagonCounts,
  Incident,
  IncidentSnapshot,
  IncidentStats,
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
  SearchResults,
  Status,
  VersionList,
  WhyNumber,
} from '../server/app.ts';
import type { Level } from './url-state.ts';

/** An answer that is not 2xx, or no answer (`status` 0). `message` is the server's own sentence. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly requestId: string | null;

  constructor(status: number, code: string, message: string, requestId: string | null) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.requestId = requestId;
  }
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
  const body = (await response.json().catch(() => null)) as ErrorBody | null;
  const { code = 'HTTP', message = response.statusText, requestId = null } = body?.error ?? {};
  throw new ApiError(response.status, code, message, requestId);
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
  const failed = (await response.json().catch(() => null)) as ErrorBody | null;
  const { code = 'HTTP', message = response.statusText, requestId = null } = failed?.error ?? {};
  throw new ApiError(response.status, code, message, requestId);
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

/** The readings of a feature over the last days. */
export function useSeries(layer: string, fid: string) {
  return useQuery({
    queryKey: ['series', layer, fid],
    queryFn: ({ signal }) => getJson<FeatureSeries>(`/api/layers/${layer}/features/${fid}/series`, signal),
    staleTime: 60_000,
  });
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

export function useHexagons(layer: string | null, res: number, filter: object | null, at: string | null = null) {
  return useQuery({
    queryKey: ['hexagons', layer, res, filter, at],
    queryFn: ({ signal }) =>
      getJson<HexagonCounts>(withQuery(`/api/layers/${layer}/h3`, { res, filter: filterText(filter), at }), signal),
    enabled: layer !== null,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
}

export function useAreaCounts(layer: string | null, by: Level, filter: object | null, at: string | null = null) {
  return useQuery({
    queryKey: ['cells', layer, by, filter, at],
    queryFn: ({ signal }) =>
      getJson<CellCounts>(withQuery(`/api/layers/${layer}/cells`, { by, filter: filterText(filter), at }), signal),
    enabled: layer !== null,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
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

export function useIncidentStats(by: IncidentStats['by']) {
  return useQuery({
    queryKey: ['incident-stats', by],
    queryFn: ({ signal }) => getJson<IncidentStats>(withQuery('/api/incidents/stats', { by }), signal),
    refetchInterval: 5_000,
    placeholderData: keepPreviousData,
  });
}

/** Closes an incident. The live feed brings the change to all screens, this one included. */
export async function closeIncident(id: number): Promise<void> {
  const response = await fetch(`/api/incidents/${id}/close`, { method: 'POST' });
  if (response.ok) return;
  const body = (await response.json().catch(() => null)) as ErrorBody | null;
  const { code = 'HTTP', message = response.statusText, requestId = null } = body?.error ?? {};
  throw new ApiError(response.status, code, message, requestId);
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
  if (!response.ok) {
    const body = (await response.json().catch(() => null)) as ErrorBody | null;
    const { code = 'HTTP', message = response.statusText, requestId = null } = body?.error ?? {};
    throw new ApiError(response.status, code, message, requestId);
  }
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

export async function send<T>(method: string, path: string, body?: object): Promise<T> {
  const response = await fetch(path, {
    method,
    signal: AbortSignal.timeout(TIMEOUT_MS),
    ...(body === undefined ? {} : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
  });
  if (response.ok) return (response.status === 204 ? null : await response.json()) as T;
  const answer = (await response.json().catch(() => null)) as ErrorBody | null;
  const { code = 'HTTP', message = response.statusText, requestId = null } = answer?.error ?? {};
  throw new ApiError(response.status, code, message, requestId);
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
