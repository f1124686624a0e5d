/** Layers and the service as a whole. */
import { keepPreviousData, queryOptions, useInfiniteQuery, useQueries, useQuery } from '@tanstack/react-query';
import type { FeatureCollection, Geometry } from 'geojson';
import type { DiffSummary, LayerDetail, LayerSummary, RasterValue, Status, VersionList } from '../../server/app.ts';
import type { Level } from '../url-state.ts';
import { getJson, withQuery } from './request.ts';

const statusQuery = queryOptions({
  queryKey: ['status'],
  queryFn: ({ signal }) => getJson<Status>('/api/status', signal),
  refetchInterval: (query) => (query.state.data?.loading ? 2_000 : 5_000),
});

export function useStatus() {
  return useQuery(statusQuery);
}

/** Whether layers are being loaded: most of the status changes all the time, this rarely. */
function useIsLoading(): boolean {
  return useQuery({ ...statusQuery, select: isLoading }).data === true;
}

const isLoading = ({ loading }: Status) => loading !== null;

/** The layers this caller may see. Asked again quickly while the demo district is still loading. */
export function useLayers() {
  const isChanging = useIsLoading();
  return useQuery({
    queryKey: ['layers'],
    queryFn: async ({ signal }): Promise<LayerSummary[]> =>
      (await getJson<{ layers: LayerSummary[] }>('/api/layers', signal)).layers,
    refetchInterval: isChanging ? 4_000 : 60_000,
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
export function useVersions(layer: string | null) {
  return useQuery({
    queryKey: ['versions', layer],
    queryFn: ({ signal }) => getJson<VersionList>(`/api/layers/${layer}/versions`, signal),
    enabled: layer !== null,
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

/** A row that another load has otherwise. */
export interface DiffFeature {
  id: number;
  geometry: Geometry | null;
  properties: {
    kind: 'added' | 'removed' | 'changed' | 'moved';
    changed: string[];
    /** Metres. */
    movedMetres: number | null;
    before: Record<string, unknown> | null;
    after: Record<string, unknown> | null;
    geometryBefore: Geometry | null;
  };
}

/** The rows that differ between two loads, a page at a time. */
export function useDiffFeatures(layer: string, from: number, to: number) {
  return useInfiniteQuery({
    queryKey: ['diff-rows', layer, from, to],
    queryFn: ({ signal, pageParam }) =>
      getJson<{ features: DiffFeature[]; next: string | null }>(
        withQuery(`/api/layers/${layer}/diff/features`, { from, to, limit: 20, cursor: pageParam }),
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    staleTime: Infinity,
  });
}
